-- Opens a job. ARGV: job, lane, submitter, ttl in seconds
open_job(ARGV[1], now(), ARGV[2], ARGV[3], ARGV[4], true)
return 1
