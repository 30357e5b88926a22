"""One image at a time, and questions about the service."""

from dataclasses import replace
from pathlib import Path

import pytest
from google.rpc import code_pb2
from grpc_health.v1 import health_pb2

from services.client import AsyncDensaClient, Location
from services.client.errors import InvalidRequest, Overloaded, Unavailable
from tests.unit.client.conftest import IMPATIENT
from tests.unit.client.fake_service import CUT, FakeServer, FakeService, status_of


async def test_an_image_is_classified(server: FakeServer, tmp_path: Path) -> None:
    # Given
    file = tmp_path / "a.tif"
    file.write_bytes(b"pixels")

    # When
    async with AsyncDensaClient(server.address) as densa:
        answer = await densa.classify(file)

    # Then
    assert answer.presence.probability == pytest.approx(0.9)
    assert answer.presence.call == "positive"
    assert list(answer.locations) == list(Location)
    assert answer.locations["mesangial"].positive
    assert not answer.locations[Location.SUBENDOTHELIAL].positive
    assert [finding.code for finding in answer.findings] == ["UNKNOWN_SCALE"]
    assert answer.input.pixel_size_source == "file"
    assert answer.notice == "For Research Use Only."


async def test_what_is_unavailable_or_full_is_tried_again(
    server: FakeServer, service: FakeService
) -> None:
    # Given
    full = status_of(code_pb2.RESOURCE_EXHAUSTED, "Full.", "QUEUE_FULL", retry_after=0)
    service.unary_failures = [CUT, full, CUT]

    # When
    async with AsyncDensaClient(server.address, IMPATIENT) as densa:
        answer = await densa.classify(b"pixels")

    # Then
    assert answer.presence.positive
    assert service.unary_failures == []


async def test_attempts_come_to_an_end(server: FakeServer, service: FakeService) -> None:
    # Given
    service.unary_failures = [CUT] * 10

    # When / Then
    async with AsyncDensaClient(server.address, replace(IMPATIENT, attempts=3)) as densa:
        with pytest.raises(Unavailable, match="line was cut"):
            await densa.classify(b"pixels")
    assert len(service.unary_failures) == 7


async def test_no_attempt_begins_after_the_deadline(
    server: FakeServer, service: FakeService
) -> None:
    # Given
    later = status_of(code_pb2.RESOURCE_EXHAUSTED, "Full.", "QUEUE_FULL", retry_after=3600)
    service.unary_failures = [later, later]

    # When / Then
    async with AsyncDensaClient(server.address, IMPATIENT) as densa:
        with pytest.raises(Overloaded) as caught:
            await densa.classify(b"pixels", deadline=10)
    assert caught.value.retry_after == 3600
    assert len(service.unary_failures) == 1


async def test_a_refusal_is_not_repeated(server: FakeServer, service: FakeService) -> None:
    # Given
    refusal = status_of(code_pb2.INVALID_ARGUMENT, "No image.", "CORRUPT_IMAGE", field="image")
    service.unary_failures = [refusal, refusal]

    # When / Then
    async with AsyncDensaClient(server.address, IMPATIENT) as densa:
        with pytest.raises(InvalidRequest, match="No image") as caught:
            await densa.classify(b"pixels")
    assert (caught.value.reason, caught.value.field) == ("CORRUPT_IMAGE", "image")
    assert len(service.unary_failures) == 1


async def test_an_image_over_the_limit_is_not_sent(server: FakeServer) -> None:
    async with AsyncDensaClient(server.address) as densa:
        with pytest.raises(InvalidRequest, match="at most 1,000"):
            await densa.classify(bytes(1001))


async def test_without_a_model_no_limit_is_known(server: FakeServer, service: FakeService) -> None:
    # Given
    service.models_served = 0

    # When
    async with AsyncDensaClient(server.address) as densa:
        answer = await densa.classify(bytes(1001))

    # Then
    assert answer.presence.positive


async def test_nothing_at_the_address_is_unavailable() -> None:
    async with AsyncDensaClient("127.0.0.1:1", IMPATIENT) as densa:
        with pytest.raises(Unavailable, match=r"No Densa service answers at 127\.0\.0\.1:1"):
            await densa.classify(b"pixels")


async def test_the_status_says_what_the_service_says(server: FakeServer) -> None:
    # When
    async with AsyncDensaClient(server.address) as densa:
        ready = await densa.status()
        await server.health.set(
            "densa.v1.ClassificationService", health_pb2.HealthCheckResponse.NOT_SERVING
        )
        not_ready = await densa.status()

    # Then
    assert ready.serving
    assert [model.identity.name for model in ready.models] == ["fake"]
    assert not not_ready.serving


async def test_a_service_of_another_kind_does_not_serve(server: FakeServer) -> None:
    # Given
    server.health._server_status.clear()

    # When / Then
    async with AsyncDensaClient(server.address) as densa:
        assert not await densa.is_serving()


async def test_a_client_is_used_inside_its_block(server: FakeServer) -> None:
    # Given
    densa = AsyncDensaClient(server.address)

    # When / Then
    with pytest.raises(RuntimeError, match="async with"):
        await densa.classify(b"pixels")
