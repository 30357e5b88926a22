"""The hold of a backup begins when every worker that is alive says that it heeds it."""

import time

from services.common import keys
from services.common.worker_report import REPORT_LIFETIME_SECONDS, WorkerReport, encode_report
from services.gateway.hold import begin, main
from tests.redis_server import RedisServer


def report(name: str, *, holding: bool, age: float = 0.0) -> bytes:
    """A worker's report of so many seconds ago."""
    return encode_report(
        WorkerReport(name, "tiny", "0.0.1", "d", "cpu", time.time() - age, holding=holding)
    )


def test_a_hold_waits_for_whoever_is_alive_and_does_not_say_so(clean_redis: RedisServer) -> None:
    # Given
    with clean_redis.client() as client:
        old = REPORT_LIFETIME_SECONDS * 3
        client.hset(keys.WORKERS, "heeding", report("heeding", holding=True))
        client.hset(keys.WORKERS, "dead", report("dead", holding=False, age=old))
        client.hset(keys.WORKERS, "other", b"of another version")
        client.hset(keys.WORKERS, "deaf", report("deaf", holding=False))

        # Then
        assert begin(client, patience=0.3) == ["deaf"]

        # When
        client.hset(keys.WORKERS, "deaf", report("deaf", holding=True))

        # Then
        assert begin(client) == []
        assert client.ttl(keys.HOLD) > 3600


def test_anything_but_begin_and_end_is_refused() -> None:
    assert main([]) == 2
    assert main(["both"]) == 2
