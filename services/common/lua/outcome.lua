-- Writes one outcome, once: the first writer wins. The lease goes in the same step.
-- ARGV: job, image_id, outcome, the image's case or ''
-- Returns the position in the result stream, or 0 where there is nothing to write any more: the
-- job is gone, or the image has its outcome.
local job, image_id, outcome = ARGV[1], ARGV[2], ARGV[3]
also_at_the_memory_limit()
redis.call('ZREM', LEASES, member_of(job, image_id))
local about = redis.call('HMGET', key(job), 'lane', 'submitter', 'ttl')
if not about[1] then return 0 end
local position = redis.call('HGET', key(job), 'finished') + 1
if redis.call('HSETNX', key(job, 'outcomes'), image_id, position) == 0 then return 0 end
redis.call('HSET', key(job), 'finished', position)
redis.call('XADD', key(job, 'results'), string.format('%d-0', position), 'outcome', outcome)
local record = redis.call('HGET', key(job, 'images'), image_id) or ''
local bytes = tonumber(string.match(record, '^%x+ (%d+) ') or 0)
redis.call('HINCRBY', key(job), 'bytes', 0 - bytes)
redis.call('ZADD', EXPIRY, now() + about[3], job)
charge(about[1], about[2], -1, 0 - bytes)
redis.call('PUBLISH', 'densa:job:' .. job .. ':announce',
  string.format('%d ', position) .. outcome)
-- Position 0 is no result: it says that a closed case may have all its outcomes now.
if ARGV[4] and ARGV[4] ~= '' and redis.call('SISMEMBER', key(job, 'closed_cases'), ARGV[4]) == 1 then
  redis.call('PUBLISH', 'densa:job:' .. job .. ':announce', '0 ' .. ARGV[4])
end
return position
