-- Gives images back unharmed, to the front of their lane. ARGV: members
also_at_the_memory_limit()
for index = #ARGV, 1, -1 do
  local member = ARGV[index]
  if redis.call('ZREM', LEASES, member) == 1 then
    local job, image_id = split(member)
    local about = redis.call('HMGET', key(job), 'lane', 'submitter')
    if about[1] and redis.call('HEXISTS', key(job, 'attempts'), image_id) == 1 then
      redis.call('LPUSH', suspects_of(about[1]), member)
    elseif about[1] then
      enqueue('LPUSH', about[1], about[2], member)
    end
  end
end
return 1
