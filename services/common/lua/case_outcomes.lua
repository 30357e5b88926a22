-- Where the outcomes of a closed case stand in the result stream, by image_id.
-- ARGV: job, case_id
-- Returns nothing while an image has none yet, or where the case is open or has its result.
local job, case_id = ARGV[1], ARGV[2]
if redis.call('SISMEMBER', key(job, 'closed_cases'), case_id) == 0 then return {} end
local first, last = range_of(case_id)
local positions = {}
for _, member in ipairs(redis.call('ZRANGEBYLEX', key(job, 'cases'), first, last)) do
  local position = redis.call('HGET', key(job, 'outcomes'), string.sub(member, #case_id + 2))
  if not position then return {} end
  positions[#positions + 1] = tonumber(position)
end
return positions
