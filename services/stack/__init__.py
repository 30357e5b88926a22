"""The embedded stack: everything that serves, as processes of this machine, from one command.

The same gateway, Celery worker and Redis as in production; only the supervisor
differs. It starts the other rooms by command, never by import.
"""
