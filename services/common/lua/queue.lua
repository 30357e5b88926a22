-- What all scripts share; scripts.py puts it before each of them. keys.py has the same names.
--
-- An accepted image is in one place: its lane (waiting), `leases` (a worker has it), or the
-- outcomes of its job. Every script moves images between these places in one atomic step.
-- Time is Redis's own, so that the clocks of hosts do not matter.
local LANES = {'STAT', 'ROUTINE', 'BULK'}
local LEASES, LOAD, SUBMITTERS = 'densa:leases', 'densa:load', 'densa:submitters'
local JOBS, EXPIRY, WORKERS = 'densa:jobs', 'densa:expiry', 'densa:workers'
local LINGERING = 'densa:lingering' -- threads that wait a little, by when they go
local URGENT = 'densa:urgent' -- there while STAT images come; micro-batches are small then
local NAME_LENGTH = 32
local LEFT_SECONDS = 10 -- how long a killed thread's note and nudge may stay

local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) + tonumber(time[2]) / 1e6
end

local function key(job, part)
  return 'densa:job:' .. job .. (part and (':' .. part) or '')
end

local function member_of(job, image_id) return job .. '|' .. image_id end

local function split(member)
  return string.sub(member, 1, NAME_LENGTH), string.sub(member, NAME_LENGTH + 2)
end

-- A job's images with a case stand in one sorted set, as CASE NUL IMAGE_ID: in order of both.
local function range_of(case_id) return '[' .. case_id .. '\0', '(' .. case_id .. '\1' end

local function rotation_of(lane) return 'densa:lane:' .. lane end
local function suspects_of(lane) return 'densa:lane:' .. lane .. ':suspects' end
local function waiting_of(lane, submitter) return 'densa:lane:' .. lane .. ':from:' .. submitter end

local function nudges_of(thread) return 'densa:nudges:' .. thread end

-- A Redis at its memory limit refuses a script whose first write may need memory. What gets
-- work done has to run all the same: it begins with a write that needs none.
local function also_at_the_memory_limit() redis.call('DEL', 'densa:nothing') end

-- Counts images and bytes without outcome: in all, by lane; images by submitter.
local function charge(lane, submitter, images, bytes)
  redis.call('HINCRBY', LOAD, 'images:' .. lane, images)
  redis.call('HINCRBY', LOAD, 'bytes', bytes)
  redis.call('HINCRBY', LOAD, 'bytes:' .. lane, bytes)
  if redis.call('HINCRBY', LOAD, 'images', images) == 0 then redis.call('DEL', LOAD) end
  if redis.call('HINCRBY', SUBMITTERS, submitter, images) <= 0 then
    redis.call('HDEL', SUBMITTERS, submitter)
  end
end

local function enqueue(push, lane, submitter, member)
  if redis.call(push, waiting_of(lane, submitter), member) == 1 then
    redis.call('RPUSH', rotation_of(lane), submitter)
  end
end

-- Tells one thread that waits a little; 1 where there is one. It may have been killed, or about
-- to go: the first the sweep makes good, the second sees that its note was taken and claims.
local function nudge(at)
  local thread = redis.call('ZPOPMAX', LINGERING)
  if not thread[1] or tonumber(thread[2]) < at then return 0 end
  redis.call('RPUSH', nudges_of(thread[1]), '1')
  redis.call('EXPIRE', nudges_of(thread[1]), LEFT_SECONDS)
  return 1
end

-- Images without outcome that no worker has.
local function waiting()
  return math.max(
    0, tonumber(redis.call('HGET', LOAD, 'images') or 0) - redis.call('ZCARD', LEASES))
end

local function open_job(job, at, lane, submitter, ttl, listed)
  redis.call('HSET', key(job), 'create_time', at, 'accepted', 0, 'finished', 0, 'bytes', 0,
    'lane', lane, 'submitter', submitter, 'ttl', ttl)
  redis.call('ZADD', EXPIRY, at + ttl, job)
  if listed then redis.call('ZADD', JOBS, at, job) end
end

-- Forgets a job whole. Its images in lanes and leases are dropped where they are met.
local function forget_job(job)
  local about = redis.call('HMGET', key(job), 'lane', 'submitter', 'accepted', 'finished', 'bytes',
    'cases_due', 'case_results')
  if about[1] then
    -- Closed cases count among `accepted`, their results among `finished`: they are no images.
    local cases = tonumber(about[6] or 0) - tonumber(about[7] or 0)
    charge(about[1], about[2], about[4] - about[3] + cases, 0 - about[5])
  end
  redis.call('ZREM', JOBS, job)
  redis.call('ZREM', EXPIRY, job)
  redis.call('UNLINK', key(job), key(job, 'images'), key(job, 'outcomes'), key(job, 'results'),
    key(job, 'attempts'), key(job, 'cases'), key(job, 'open_cases'), key(job, 'closed_cases'))
  return about[1] and 1 or 0
end
