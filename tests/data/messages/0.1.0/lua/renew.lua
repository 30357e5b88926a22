-- Renews leases that are still there. ARGV: seconds of the lease, then members
local at = now()
for index = 2, #ARGV do redis.call('ZADD', LEASES, 'XX', at + ARGV[1], ARGV[index]) end
return 1
