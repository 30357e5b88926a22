-- Notes that a thread which found nothing waits a little for work before it goes.
-- ARGV: the thread's name, seconds it waits
-- Returns 0 where work waits already, so that it need not wait; else 1.
also_at_the_memory_limit()
for _, lane in ipairs(LANES) do
  if redis.call('EXISTS', rotation_of(lane), suspects_of(lane)) > 0 then return 0 end
end
local at = now()
-- Of threads that were killed meanwhile.
redis.call('ZREMRANGEBYSCORE', LINGERING, '-inf', at - LEFT_SECONDS)
redis.call('ZADD', LINGERING, at + ARGV[2], ARGV[1])
return 1
