-- Counts how two model versions agreed. keys.py names the keys.
-- ARGV: pair; both versions in words; seconds the counters are kept; pairs, and images of each,
--   that are kept; 'compared', 'failed' or 'skipped'; of how many images; the image; and where
--   compared: per output its label, both calls, |difference|; last the label, both probabilities
--   and the size of the largest difference
local PAIRS, BASE = 'densa:model:comparisons', 'densa:model:comparison:'
local counts, differences = BASE .. ARGV[1], BASE .. ARGV[1] .. ':differences'
local at = now()
redis.call('HSETNX', counts, 'since', string.format('%.6f', at))
redis.call('HSET', counts, 'active', ARGV[2], 'shadow', ARGV[3])
redis.call('HINCRBY', counts, ARGV[7], ARGV[8])
if ARGV[7] == 'compared' then
  local last = #ARGV - 3
  for index = 10, last - 1, 3 do
    redis.call('HINCRBY', counts, ARGV[index] .. ':' .. ARGV[index + 1], 1)
    redis.call('HINCRBYFLOAT', counts, ARGV[index] .. ':difference', ARGV[index + 2])
  end
  local what = ARGV[9] .. '|' .. ARGV[last] .. '|' .. ARGV[last + 1] .. '|' .. ARGV[last + 2]
  if tonumber(ARGV[last + 3]) > 0 then redis.call('ZADD', differences, ARGV[last + 3], what) end
  redis.call('ZREMRANGEBYRANK', differences, 0, -1 - tonumber(ARGV[6]))
end
redis.call('EXPIRE', counts, ARGV[4])
redis.call('EXPIRE', differences, ARGV[4])
redis.call('ZADD', PAIRS, at, ARGV[1])
for _, pair in ipairs(redis.call('ZRANGE', PAIRS, 0, -1 - tonumber(ARGV[5]))) do
  redis.call('ZREM', PAIRS, pair)
  redis.call('UNLINK', BASE .. pair, BASE .. pair .. ':differences')
end
return 1
