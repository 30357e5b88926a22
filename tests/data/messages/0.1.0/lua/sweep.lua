-- Finds what nobody works on. Everybody runs it; it does its work once per interval.
-- ARGV: Celery's queue, seconds of a lease, seconds of the interval
-- Returns how many wake-ups Celery's queue lacks, images queued again, jobs that expired.
also_at_the_memory_limit()
local LONGEST_GAP = 3 -- seconds between sweeps: after more, holders had no chance to renew
local AT_ONCE, JOBS_AT_ONCE = 200, 10
local at, lease = now(), tonumber(ARGV[2])
local last = tonumber(redis.call('GET', 'densa:swept') or 0)
if at >= last and at - last < tonumber(ARGV[3]) then return {0, 0, 0} end
redis.call('SET', 'densa:swept', string.format('%.6f', at))

-- Redis was away, or its clock was set: whoever still holds a lease gets time to say so.
if at < last or at - last > LONGEST_GAP then
  for _, member in ipairs(redis.call('ZRANGE', LEASES, 0, -1)) do
    redis.call('ZADD', LEASES, at + lease, member)
  end
end

local again = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', LEASES, '-inf', at, 'LIMIT', 0, AT_ONCE)) do
  redis.call('ZREM', LEASES, member)
  local job, image_id = split(member)
  local lane = redis.call('HGET', key(job), 'lane')
  if lane and redis.call('HEXISTS', key(job, 'outcomes'), image_id) == 0 then
    redis.call('HINCRBY', key(job, 'attempts'), image_id, 1)
    redis.call('RPUSH', suspects_of(lane), member)
    again = again + 1
  end
end

local expired = redis.call('ZRANGEBYSCORE', EXPIRY, '-inf', at, 'LIMIT', 0, JOBS_AT_ONCE)
for _, job in ipairs(expired) do forget_job(job) end

-- A wake-up per thread that could work, while there is work.
local works = 0
for _, lane in ipairs(LANES) do
  works = works + redis.call('EXISTS', rotation_of(lane), suspects_of(lane))
end
if works == 0 then return {0, again, #expired} end
local threads = 0
for _, text in ipairs(redis.call('HVALS', WORKERS)) do
  local read, report = pcall(cjson.decode, text)
  if read and type(report) == 'table' then threads = threads + (tonumber(report.threads) or 1) end
end
local wanted = math.min(math.max(1, waiting()), math.max(1, threads))
return {math.max(0, wanted - redis.call('LLEN', ARGV[1])), again, #expired}
