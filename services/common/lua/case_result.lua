-- Writes the result of a closed case, once: the first writer wins, as with images.
-- ARGV: job, case_id, outcome
-- Returns the position in the result stream, or 0 where it has its result, or the job is gone.
local job, case_id, outcome = ARGV[1], ARGV[2], ARGV[3]
also_at_the_memory_limit()
if redis.call('SREM', key(job, 'closed_cases'), case_id) == 0 then return 0 end
local position = redis.call('HINCRBY', key(job), 'finished', 1)
redis.call('HINCRBY', key(job), 'case_results', 1)
redis.call('XADD', key(job, 'results'), string.format('%d-0', position), 'outcome', outcome)
redis.call('ZADD', EXPIRY, now() + redis.call('HGET', key(job), 'ttl'), job)
redis.call('PUBLISH', 'densa:job:' .. job .. ':announce',
  string.format('%d ', position) .. outcome)
return position
