-- Registers one image in its job, once.
-- KEYS: job, images, outcomes, results, queue
-- ARGV: image_id, record (digest first), ttl in seconds, create_time of a job to open or ''
-- Returns what became of it and how many tasks wait in the queue.
if redis.call('EXISTS', KEYS[1]) == 0 then
  if ARGV[4] == '' then return {'NO_JOB', 0} end
  redis.call('HSET', KEYS[1], 'create_time', ARGV[4], 'accepted', 0, 'finished', 0)
end
local waiting = redis.call('LLEN', KEYS[5])
local known = redis.call('HGET', KEYS[2], ARGV[1])
-- The very same record: this is the registration itself, sent again because its answer was lost.
if known == ARGV[2] then return {'NEW', waiting} end
if known then
  if string.sub(known, 1, 64) ~= string.sub(ARGV[2], 1, 64) then return {'CONFLICT', waiting} end
  if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 1 then return {'FINISHED', waiting} end
  return {'PENDING', waiting}
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('HINCRBY', KEYS[1], 'accepted', 1)
for i = 1, 4 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
return {'NEW', waiting}
