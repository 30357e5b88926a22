"""Messages that are too large and streams that are none: an error for them, and for no one else."""

from typing import Any

import grpc
import pytest
from densa.v1.micrograph_pb2 import Micrograph

from tests.integration.calls import (
    Stream,
    classify,
    field_of,
    grey,
    reason_of,
    refusal,
    status_of,
    stub_of,
)
from tests.integration.micrographs import TOLERANCE, micrograph, presence
from tests.integration.processes import Service


async def _still_serves(stub: Any) -> None:
    answer = await classify(stub, grey("good", 123))
    assert answer.presence.probability == pytest.approx(presence(123), abs=TOLERANCE)


@pytest.fixture(scope="module")
def small_limits() -> dict[str, object]:
    """Settings of a gateway that takes 100 kB."""
    return {
        "DENSA_GATEWAY_MAX_IMAGE_BYTES": 100_000,
        "DENSA_GATEWAY_MESSAGE_SLACK_BYTES": 65_536,
    }


async def test_an_image_over_the_limit_is_rejected_alone(
    service: Service, small_limits: dict[str, object]
) -> None:
    with service.gateway(**small_limits) as gateway:
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            # Given
            stream = Stream(stub_of(channel))
            await stream.open()
            large = Micrograph(image_id="large", image=micrograph(50).ljust(100_001))

            # When
            await stream.send(large, grey("good", 60))
            await stream.finish()
            error = await refusal(stub_of(channel), large)

    # Then
    rejected = stream.rejected["large"]
    for status in (rejected, status_of(error)):
        assert reason_of(status) == "IMAGE_TOO_LARGE"
        assert field_of(status) == "micrograph.image"
        assert "100,000" in status.message
    assert stream.presences == {"good": pytest.approx(presence(60), abs=TOLERANCE)}


async def test_a_message_far_over_the_limit_ends_its_call_and_its_job_can_be_resumed(
    service: Service, small_limits: dict[str, object]
) -> None:
    with service.gateway(**small_limits) as gateway:
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            # Given
            stub = stub_of(channel)
            stream = Stream(stub)
            await stream.open()
            await stream.send(grey("before", 60))
            await stream.until(lambda s: s.accepted)
            huge = Micrograph(image_id="huge", image=micrograph(50).ljust(300_000))

            # When
            await stream.send(huge)
            await stream.ended()
            error = await refusal(stub, huge)

            # Then
            assert stream.error is not None
            assert stream.error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED

            # When
            again = Stream(stub)
            await again.open(stream.job)
            await again.send(grey("after", 70))
            await again.finish()

            # Then
            assert set(again.presences) == {"before", "after"}
            await _still_serves(stub)


@pytest.mark.parametrize("opened", [True, False], ids=["opened", "not even opened"])
async def test_a_stream_that_is_never_fed_ends_and_its_job_stays(
    service: Service, opened: bool
) -> None:
    with service.gateway(DENSA_GATEWAY_STREAM_IDLE_SECONDS=0.2) as gateway:
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            # Given
            stub = stub_of(channel)
            stream = Stream(stub)
            if opened:
                await stream.open()
            else:
                await stream.call.wait_for_connection()

            # When
            await stream.ended()

            # Then
            assert stream.error is not None
            assert stream.error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            assert reason_of(status_of(stream.error)) == "STREAM_IDLE"
            await _still_serves(stub)
            if opened:
                again = Stream(stub)
                await again.open(stream.job)
                await again.finish()


async def test_a_stream_that_does_not_begin_with_its_job_is_refused(stub: Any) -> None:
    # Given
    stream = Stream(stub)

    # When
    await stream.send(grey("a", 50))
    await stream.ended()

    # Then
    assert stream.error is not None
    assert stream.error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(status_of(stream.error)) == "JOB_NOT_OPENED"
    await _still_serves(stub)


@pytest.mark.parametrize("cursor", ["x", "999999", "-1"])
async def test_a_cursor_that_is_none_of_the_job_is_refused(stub: Any, cursor: str) -> None:
    # Given
    first = Stream(stub)
    await first.open()
    await first.finish()

    # When
    stream = Stream(stub)
    await stream.open(first.job, cursor)
    await stream.ended()

    # Then
    assert stream.error is not None
    assert stream.error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(status_of(stream.error)) == "INVALID_CURSOR"
    assert field_of(status_of(stream.error)) == "open_job.cursor"
