"""When, in what group and with what retry work runs: a Celery worker around inference."""
