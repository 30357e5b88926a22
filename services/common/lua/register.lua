-- Registers an image in its job and appends it to its lane, once, in one step.
-- So there is no moment in which a kill leaves an image that is accepted and nowhere.
-- ARGV: job, image_id, digest, bytes, seconds the image may wait or '', details,
--   most images, most bytes, Celery's queue, and of a job to open: lane or '', submitter, ttl,
--   and the image's case or ''
-- Returns what became of it, how many wake-ups are on their way (in Celery's queue, or a thread was
-- nudged that had just run out of work), images and bytes waiting.
local job, image_id, digest, bytes = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local SHARE = {STAT = 1, ROUTINE = 0.9, BULK = 0.8} -- of the caps: the urgent find room
local SUBMITTER_SHARE = 0.5
local at = now()
local load = redis.call('HMGET', LOAD, 'images', 'bytes')
local images, held = tonumber(load[1] or 0), tonumber(load[2] or 0)
local function answer(found, nudged)
  return {found, redis.call('LLEN', ARGV[9]) + (nudged or 0), images, held}
end

local about = redis.call('HMGET', key(job), 'lane', 'submitter', 'ttl', 'state', 'closed')
if not about[1] then
  if ARGV[10] == '' then return answer('NO_JOB') end
  about = {ARGV[10], ARGV[11], ARGV[12], false, false}
end
local known = redis.call('HGET', key(job, 'images'), image_id)
if known then
  if string.sub(known, 1, #digest) ~= digest then return answer('CONFLICT') end
  -- The very same details: this is the registration itself, sent again because its answer was
  -- lost.
  if string.sub(known, -#ARGV[6]) == ARGV[6] then return answer('NEW') end
  if redis.call('HEXISTS', key(job, 'outcomes'), image_id) == 1 then return answer('FINISHED') end
  return answer('PENDING')
end
if about[4] then return answer('CANCELLED') end
if about[5] then return answer('JOB_CLOSED') end
local case_id = ARGV[13] or ''
local new_case = case_id ~= '' and redis.call('SISMEMBER', key(job, 'open_cases'), case_id) == 0
if new_case then
  local first, last = range_of(case_id)
  local images_of_it = redis.call('ZRANGEBYLEX', key(job, 'cases'), first, last, 'LIMIT', 0, 1)
  if images_of_it[1] then return answer('CASE_CLOSED') end
end
local lane, submitter = about[1], about[2]
local most, most_bytes = SHARE[lane] * ARGV[7], SHARE[lane] * ARGV[8]
if images > 0 and (images + 1 > most or held + bytes > most_bytes) then return answer('FULL') end
local theirs = tonumber(redis.call('HGET', SUBMITTERS, submitter) or 0)
if theirs > 0 and theirs + 1 > SUBMITTER_SHARE * ARGV[7] then return answer('SUBMITTER_FULL') end

if redis.call('EXISTS', key(job)) == 0 then open_job(job, at, lane, submitter, about[3], false) end
local deadline = ARGV[5] == '' and 0 or at + ARGV[5]
redis.call('HSET', key(job, 'images'), image_id,
  string.format('%s %d %.6f %.6f %s', digest, bytes, at, deadline, ARGV[6]))
if new_case then redis.call('SADD', key(job, 'open_cases'), case_id) end
if case_id ~= '' then redis.call('ZADD', key(job, 'cases'), 0, case_id .. '\0' .. image_id) end
redis.call('HINCRBY', key(job), 'accepted', 1)
redis.call('HINCRBY', key(job), 'bytes', bytes)
redis.call('ZADD', EXPIRY, at + about[3], job)
charge(lane, submitter, 1, bytes)
if lane == 'STAT' then redis.call('SET', URGENT, 1, 'EX', 60) end
enqueue('RPUSH', lane, submitter, member_of(job, image_id))
images, held = images + 1, held + bytes
return answer('NEW', nudge(at))
