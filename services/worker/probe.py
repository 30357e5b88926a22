"""`python -m services.worker.probe`: 0 where this host's worker consumes, else 1 and why.

For the health checks of containers. A worker reports from the very loop that
consumes; the probe looks for that report, not for a process.
"""

import socket
import sys
from typing import cast

import pydantic
import redis

from services.common import keys
from services.common.redis_clients import connect
from services.common.settings import RedisSettings
from services.common.worker_report import REPORT_LIFETIME_SECONDS, decode_report

ANSWER_SECONDS = 3.0


def ask(client: redis.Redis, host: str) -> str:
    """`consuming`, or why this host's worker does not count as one that consumes.

    Raises redis.RedisError where Redis does not answer.
    """
    seconds, microseconds = client.time()
    now = seconds + microseconds / 1e6
    for text in cast("list[bytes]", client.hvals(keys.WORKERS)):
        try:
            report = decode_report(text)
        except pydantic.ValidationError:
            continue  # of a version that reports otherwise
        age = now - report.seen_at
        if report.name.startswith(f"{host}-") and age <= REPORT_LIFETIME_SECONDS:
            return "consuming"
    return f"no worker of {host} has reported in the last {REPORT_LIFETIME_SECONDS:.0f} s"


def main() -> int:
    """Prints what was found."""
    client = connect(
        RedisSettings(), socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
    )
    try:
        found = ask(client, socket.gethostname())
    except redis.RedisError as error:
        found = f"Redis does not answer: {error}"
    finally:
        client.close()
    sys.stdout.write(found + "\n")
    return 0 if found == "consuming" else 1


if __name__ == "__main__":
    sys.exit(main())
