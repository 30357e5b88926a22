-- Closes a case, or a job with all its cases: no image comes any more. Closing again changes nothing.
-- ARGV: job, case_id or '' for the job
-- Returns NO_JOB, NO_CASE (none of its images was accepted) or CLOSED, and how many case results
-- the job has or will have.
local job, case_id = ARGV[1], ARGV[2]
also_at_the_memory_limit()
if redis.call('EXISTS', key(job)) == 0 then return {'NO_JOB', 0} end
local open, closed = key(job, 'open_cases'), key(job, 'closed_cases')
local found, more = 'CLOSED', 0
if case_id == '' then
  redis.call('HSET', key(job), 'closed', 1)
  more = redis.call('SCARD', open)
  if more > 0 then
    redis.call('SUNIONSTORE', closed, closed, open)
    redis.call('DEL', open)
  end
elseif redis.call('SMOVE', open, closed, case_id) == 1 then
  more = 1
else
  local first, last = range_of(case_id)
  if not redis.call('ZRANGEBYLEX', key(job, 'cases'), first, last, 'LIMIT', 0, 1)[1] then
    found = 'NO_CASE'
  end
end
redis.call('HINCRBY', key(job), 'accepted', more) -- so many more results are due
return {found, redis.call('HINCRBY', key(job), 'cases_due', more)}
