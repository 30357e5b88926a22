"""`python -m services.gateway.hold begin|end`: no image is let go of while a backup is made.

An image leaves the store after Redis has its result. So whoever copies first Redis and then the
store asks for this, or images that are answered in between are in neither.
"""

import sys
import time
from typing import cast

import pydantic
import redis

from services.common import keys
from services.common.redis_clients import connect
from services.common.settings import RedisSettings
from services.common.worker_report import REPORT_LIFETIME_SECONDS, decode_report

HOLD_SECONDS = 6 * 3600
"""After which a hold ends by itself, should the backup have been killed."""

HELD_SECONDS = 30.0
"""How long workers may take to say that they hold."""

POLL_SECONDS = 0.2


def begin(client: redis.Redis, patience: float = HELD_SECONDS) -> list[str]:
    """Asks all workers to hold their images, and waits; the names of those that do not say so."""
    client.set(keys.HOLD, "backup", ex=HOLD_SECONDS)
    end = time.monotonic() + patience
    while (deaf := _deaf(client)) and time.monotonic() < end:
        time.sleep(POLL_SECONDS)
    return deaf


def _deaf(client: redis.Redis) -> list[str]:
    seconds, microseconds = client.time()
    now = seconds + microseconds / 1e6
    deaf = []
    for text in cast("list[bytes]", client.hvals(keys.WORKERS)):
        try:
            report = decode_report(text)
        except pydantic.ValidationError:
            continue  # of a version that reports otherwise
        if not report.holding and now - report.seen_at <= REPORT_LIFETIME_SECONDS:
            deaf.append(report.name)
    return deaf


def main(arguments: list[str]) -> int:
    """Begins or ends; 1 where a worker does not heed it."""
    if arguments not in (["begin"], ["end"]):
        sys.stderr.write("Usage: python -m services.gateway.hold begin|end\n")
        return 2
    with connect(RedisSettings()) as client:
        deaf = begin(client) if arguments == ["begin"] else []
        if deaf or arguments == ["end"]:
            client.delete(keys.HOLD)
    if deaf:
        sys.stderr.write(
            f"{', '.join(deaf)} did not say in {HELD_SECONDS:.0f} s that images are held. Is it of "
            "an older version? Restart it, and try again.\n"
        )
    return 1 if deaf else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
