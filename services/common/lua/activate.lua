-- Makes a model version the active one. keys.py names the keys.
-- ARGV: id of the activation that asks; the version, as JSON; what is remembered as the one
--   before, as JSON, or '' ; '1' where this goes back to the one before
-- Returns 1, or 0 where another activation came between.
local CHOICE, HISTORY, KEPT = 'densa:model:choice', 'densa:model:history', 20
local candidate = redis.call('HGET', CHOICE, 'candidate')
if not candidate or cjson.decode(candidate).request ~= ARGV[1] then return 0 end
redis.call('HDEL', CHOICE, 'candidate')
if ARGV[4] == '1' then
  redis.call('LPOP', HISTORY)
elseif ARGV[3] ~= '' then
  redis.call('LPUSH', HISTORY, ARGV[3])
  redis.call('LTRIM', HISTORY, 0, KEPT - 1)
end
redis.call('HSET', CHOICE, 'active', ARGV[2])
return 1
