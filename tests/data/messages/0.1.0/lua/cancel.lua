-- Cancels a job, and tells a part of its images that no worker has begun.
-- ARGV: job, cursor of HSCAN ('0' at first), images to look at
-- Returns 1 or 0 where there is no such job, the next cursor ('0' at the end), Redis's time, and
-- image_id and record of each.
local job = ARGV[1]
also_at_the_memory_limit()
if redis.call('EXISTS', key(job)) == 0 then return {0, '0', '0', {}} end
redis.call('HSET', key(job), 'state', 'CANCELLED')
local found = redis.call('HSCAN', key(job, 'images'), ARGV[2], 'COUNT', ARGV[3])
local waiting_images = {}
for index = 1, #found[2], 2 do
  local image_id, record = found[2][index], found[2][index + 1]
  if redis.call('HEXISTS', key(job, 'outcomes'), image_id) == 0
    and not redis.call('ZSCORE', LEASES, member_of(job, image_id)) then
    waiting_images[#waiting_images + 1] = {image_id, record}
  end
end
return {1, found[1], string.format('%.6f', now()), waiting_images}
