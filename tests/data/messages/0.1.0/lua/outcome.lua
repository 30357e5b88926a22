-- Writes one outcome, once: the first writer wins. The lease goes in the same step.
-- ARGV: job, image_id, outcome
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
return position
