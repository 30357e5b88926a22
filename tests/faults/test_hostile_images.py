"""An image that takes its decoder over fails alone, at its first attempt, and its worker lives."""

from pathlib import Path

import grpc
import psutil
import pytest
from densa.v1.micrograph_pb2 import Micrograph
from google.rpc import code_pb2

from tests import hostile_decoder as hostile
from tests.faults.conftest import SETTINGS
from tests.faults.driving import check_nothing_is_left
from tests.integration.calls import Stream, grey, reason_of, stub_of
from tests.integration.micrographs import TOLERANCE, micrograph, presence
from tests.integration.processes import running_service, wait_until_serving
from tests.waiting import until

GOOD = 60

HOSTILE = {
    hostile.CRASH: "DECODE_CRASHED",
    hostile.LOOP: "DECODE_TIMEOUT",
    hostile.BOMB: "DECODE_MEMORY",
    hostile.KILLED: "DECODE_CRASHED",
}


async def test_a_hostile_image_costs_its_decoder_and_nobody_else(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    with running_service(tmp_path, tiny_bundle) as service:
        # Given: one of each kind, in the midst of good ones
        gateway = service.start_gateway(**SETTINGS)
        worker = service.start_process(
            "worker",
            module="tests.faults.hostile_worker",
            DENSA_INFERENCE_DECODE_SECONDS=1,
            DENSA_INFERENCE_DECODE_MEMORY_BYTES=2**28,
        )
        wait_until_serving(gateway.address)
        images = [grey(f"{n}", 20 + n) for n in range(GOOD)]
        for place, end in enumerate(HOSTILE):
            image = Micrograph(image_id=end.decode(), image=micrograph(50) + end)
            images.insert(10 + 10 * place, image)

        # When
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            stream = Stream(stub_of(channel))
            await stream.open()
            await stream.send(*images)
            await stream.finish()

        # Then: each has its own answer, and no worker died of any
        results = {one.image_id: one for one in stream.results}
        assert len(stream.results) == len(results) == len(images)
        for end, reason in HOSTILE.items():
            error = results[end.decode()].error
            assert (error.code, reason_of(error)) == (code_pb2.INVALID_ARGUMENT, reason)
        for n in range(GOOD):
            answer = results[f"{n}"].classification.presence.probability
            assert answer == pytest.approx(presence(20 + n), abs=TOLERANCE)
        assert worker.popen.poll() is None
        with service.redis.client() as client:
            assert client.keys("densa:job:*:attempts") == []
            await check_nothing_is_left(client, service.store)

        # When
        family = psutil.Process(worker.popen.pid).children(recursive=True)
        assert len(family) > 1
        worker.stop()

        # Then
        await until(lambda: not [one for one in family if one.is_running()])
