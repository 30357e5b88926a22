-- Forgets a job. ARGV: job. Returns 1, or 0 where there was none.
also_at_the_memory_limit()
return forget_job(ARGV[1])
