-- Says what waits, and changes nothing.
-- Returns Redis's time, images that workers have, and of each lane: images and bytes without
-- outcome, and when the one that waits longest was accepted ('' where none waits).
-- Of each submitter the first image is the oldest; images of forgotten jobs are passed over.
local SUBMITTERS_LOOKED_AT, PASSED_OVER = 64, 4
local at = now()
local answer = {string.format('%.6f', at), redis.call('ZCARD', LEASES)}

local function oldest_of(list)
  for _, member in ipairs(redis.call('LRANGE', list, 0, PASSED_OVER)) do
    local job, image_id = split(member)
    local record = redis.call('HGET', key(job, 'images'), image_id)
    local accepted_at = record and string.match(record, '^%x+ %d+ ([%d.]+) ')
    if accepted_at and redis.call('HEXISTS', key(job, 'outcomes'), image_id) == 0 then
      return tonumber(accepted_at)
    end
  end
end

for _, lane in ipairs(LANES) do
  local load = redis.call('HMGET', LOAD, 'images:' .. lane, 'bytes:' .. lane)
  local oldest = oldest_of(suspects_of(lane))
  for _, submitter in ipairs(redis.call('LRANGE', rotation_of(lane), 0, SUBMITTERS_LOOKED_AT)) do
    local accepted_at = oldest_of(waiting_of(lane, submitter))
    if accepted_at and (not oldest or accepted_at < oldest) then oldest = accepted_at end
  end
  answer[#answer + 1] = math.max(0, tonumber(load[1] or 0))
  answer[#answer + 1] = math.max(0, tonumber(load[2] or 0))
  answer[#answer + 1] = oldest and string.format('%.6f', oldest) or ''
end
return answer
