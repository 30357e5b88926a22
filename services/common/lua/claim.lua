-- Gives a worker's thread its next micro-batch and a lease on each image of it.
-- ARGV: most images, threads of this worker, seconds of the lease, attempts that are too many,
--   '1' where nothing else is in hand in the worker
-- Returns a state, Redis's time, and the images with what is to be done with each.
-- States: TAKEN; EMPTY: nothing waits; AGAIN: more waits than was looked at; SUSPECT: the next
-- image was in hand when a worker died: come again with nothing else in hand.
also_at_the_memory_limit()
local at = now()
local most, threads, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local LOOKED_AT = 256 -- images at most, dropped ones included: a claim takes Redis below 2 ms

-- The most urgent lane comes first, so that a lone STAT image waits for no other claim. A lane
-- that waited while three claims went to others comes before it: under load in all lanes a
-- quarter of the claims, so that with smaller micro-batches it is a fifth of the images for certain.
local PASSED, OFTEN = 'densa:passed', 3
local order, passed = {1, 2, 3}, {}
for index = 2, 3 do
  passed[index] = tonumber(redis.call('HGET', PASSED, LANES[index]) or 0)
end
local late = passed[3] > passed[2] and 3 or 2
if passed[late] >= OFTEN then order = {late, 1, 5 - late} end

local function note_turn_of(served)
  for index = 2, 3 do
    local lane = LANES[index]
    if index == served or redis.call('EXISTS', rotation_of(lane), suspects_of(lane)) == 0 then
      redis.call('HDEL', PASSED, lane)
    else
      redis.call('HINCRBY', PASSED, lane, 1)
    end
  end
end

-- An urgent image waits for a micro-batch in hand to end: while such come, these are a quarter.
if redis.call('EXISTS', URGENT) == 1 then most = math.ceil(most / 4) end

-- A fair part of what waits, so that a few images spread over all workers.
local consumers = math.max(1, redis.call('HLEN', WORKERS)) * threads
local part = math.min(most, math.max(1, math.ceil(waiting() / consumers)))

local taken, looked_at = {}, 0

-- What is to be done with an image; nil where it needs nothing any more.
local function verdict_on(job, image_id, record, attempts)
  local state = redis.call('HGET', key(job), 'state')
  if state then return 'CANCELLED' end
  if attempts >= tonumber(ARGV[4]) then return 'CRASHED' end
  local deadline = tonumber(string.match(record, '^%x+ %d+ [%d.]+ ([%d.]+) ') or 0)
  if deadline > 0 and deadline <= at then return 'EXPIRED' end
  return 'RUN'
end

local function take(member)
  looked_at = looked_at + 1
  local job, image_id = split(member)
  local record = redis.call('HGET', key(job, 'images'), image_id)
  if not record then return end
  if redis.call('HEXISTS', key(job, 'outcomes'), image_id) == 1 then return end
  local attempts = tonumber(redis.call('HGET', key(job, 'attempts'), image_id) or 0)
  redis.call('ZADD', LEASES, at + lease, member)
  taken[#taken + 1] =
    {job, image_id, record, verdict_on(job, image_id, record, attempts), tostring(attempts)}
end

-- The submitters of a lane take turns, each as much as the others in one round.
local function take_from(lane)
  local to_come, share = 0, 0
  while #taken < part and looked_at < LOOKED_AT do
    if to_come == 0 then
      to_come = redis.call('LLEN', rotation_of(lane))
      if to_come == 0 then return end
      share = math.max(1, math.floor((part - #taken) / to_come))
    end
    to_come = to_come - 1
    local submitter = redis.call('LPOP', rotation_of(lane))
    local list = waiting_of(lane, submitter)
    for _, member in ipairs(redis.call('LPOP', list, math.min(share, part - #taken))) do
      take(member)
    end
    if redis.call('EXISTS', list) == 1 then redis.call('RPUSH', rotation_of(lane), submitter) end
  end
end

for _, index in ipairs(order) do
  local lane = LANES[index]
  if ARGV[5] == '1' then
    while #taken == 0 and looked_at < LOOKED_AT do
      local member = redis.call('LPOP', suspects_of(lane))
      if not member then break end
      take(member)
    end
  elseif redis.call('EXISTS', suspects_of(lane)) == 1 then
    return {'SUSPECT', tostring(at), {}}
  end
  if #taken == 0 then take_from(lane) end
  if #taken > 0 then
    note_turn_of(index)
    return {'TAKEN', string.format('%.6f', at), taken}
  end
  if looked_at >= LOOKED_AT then return {'AGAIN', string.format('%.6f', at), {}} end
end
return {'EMPTY', string.format('%.6f', at), {}}
