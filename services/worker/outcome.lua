-- Writes one outcome, once: the first writer wins.
-- KEYS: job, outcomes, results, images   ARGV: image_id, outcome, channel, ttl in seconds
-- Returns the position in the result stream, or 0 where there is nothing to
-- write any more: the job is gone, or the image has its outcome.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 0 end
local position = redis.call('HINCRBY', KEYS[1], 'finished', 1)
redis.call('HSET', KEYS[2], ARGV[1], position)
redis.call('XADD', KEYS[3], position .. '-0', 'outcome', ARGV[2])
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[4]) end
redis.call('PUBLISH', ARGV[3], position .. ' ' .. ARGV[2])
return position
