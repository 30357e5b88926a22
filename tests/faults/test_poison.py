"""An image that kills its worker fails alone, after three attempts, and takes nobody with it."""

from pathlib import Path

import grpc
import pytest
from densa.v1.micrograph_pb2 import Micrograph

from tests.faults.conftest import SETTINGS
from tests.faults.driving import check_nothing_is_left
from tests.faults.poison import POISON, kept_workers
from tests.integration.calls import Stream, grey, reason_of, stub_of
from tests.integration.micrographs import TOLERANCE, micrograph, presence
from tests.integration.processes import running_service, wait_until_serving

GOOD = 60


@pytest.mark.timeout(400)
@pytest.mark.parametrize("workers", [1, 2])
async def test_a_deadly_image_fails_alone_and_its_batch_mates_have_their_answers(
    tmp_path: Path, tiny_bundle: Path, workers: int
) -> None:
    places = (20, 40)[:workers]
    with running_service(tmp_path, tiny_bundle) as service:
        gateway = service.start_gateway(**SETTINGS)
        with kept_workers(service, workers) as kept:
            wait_until_serving(gateway.address)
            async with grpc.aio.insecure_channel(gateway.address) as channel:
                # Given: as many as workers, in the midst of good ones
                stream = Stream(stub_of(channel))
                await stream.open()
                images = [grey(f"{n}", 20 + n) for n in range(GOOD)]
                for place in places:
                    deadly = micrograph(50) + POISON
                    images.insert(place, Micrograph(image_id=f"deadly {place}", image=deadly))

                # When
                await stream.send(*images)
                await stream.until(lambda s: len(s.results) >= len(images), limit=300)
                await stream.finish()
            deaths = kept.deaths

        # Then
        results = {one.image_id: one for one in stream.results}
        assert len(stream.results) == len(results) == GOOD + workers
        for place in places:
            error = results[f"deadly {place}"].error
            assert reason_of(error) == "WORKER_CRASHED"
            assert "3 workers ended" in error.message
        for n in range(GOOD):
            answer = results[f"{n}"].classification.presence.probability
            assert answer == pytest.approx(presence(20 + n), abs=TOLERANCE)
        # All may be in hand when a worker dies first; never more than three deaths each.
        assert 3 <= deaths <= 3 * workers
        with service.redis.client() as client:
            await check_nothing_is_left(client, service.store)
