"""Many images, one job, however often the line breaks."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from densa.v1.classification_service_pb2 import (
    ClassifyMicrographsRequest,
    ClassifyMicrographsResponse,
)
from google.rpc import code_pb2

from services.client import AsyncDensaClient, Image, MicrographResult, stream
from services.client.cases import CaseResult
from services.client.errors import DeadlineExceeded, InvalidRequest, Overloaded, Unavailable
from services.client.journal import Journal
from services.client.ledger import Ledger
from services.client.reader import Given
from tests.unit.client.conftest import IMPATIENT
from tests.unit.client.fake_service import CUT, FakeServer, FakeService, status_of


def _images(count: int) -> list[Given]:
    return [Image(f"pixels {i}".encode(), image_id=f"image-{i}") for i in range(count)]


async def _classify(server: FakeServer, images: list[Given]) -> list[MicrographResult]:
    async with AsyncDensaClient(server.address, IMPATIENT) as densa:
        return [result async for result in densa.classify_many(images)]


async def test_every_image_gets_its_result(server: FakeServer) -> None:
    # Given
    images = _images(100)

    # When
    results = await _classify(server, images)

    # Then
    assert sorted(result.image_id for result in results) == sorted(
        image.image_id for image in images if isinstance(image, Image)
    )
    assert all(result.classification is not None for result in results)


class WatchedLedger(Ledger):
    """Notes what the client heard to be accepted, and what it sends all the same."""

    resent: list[str]
    heard: set[str]

    def __init__(self, journal: Journal | None = None, *, cases: bool = False) -> None:
        super().__init__(journal, cases=cases)
        self.heard = set()

    def record(self, response: ClassifyMicrographsResponse) -> MicrographResult | CaseResult | None:
        """As the ledger does, noted."""
        self.heard.add(response.accepted.image_id)
        return super().record(response)

    def next_unsent(self) -> ClassifyMicrographsRequest | None:
        """As the ledger does, checked."""
        message = super().next_unsent()
        if message is not None and message.micrograph.image_id in self.heard:
            type(self).resent.append(message.micrograph.image_id)
        return message


@pytest.mark.parametrize(
    "point", ["opened", "received", "stored", "accepted", "answering", "answered"]
)
@pytest.mark.parametrize("count", [1, 7])
async def test_a_cut_stream_goes_on_with_every_result_once_and_nothing_accepted_sent_again(
    server: FakeServer,
    service: FakeService,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
    count: int,
) -> None:
    # Given
    monkeypatch.setattr(stream, "Ledger", WatchedLedger)
    monkeypatch.setattr(WatchedLedger, "resent", [], raising=False)
    service.cuts = [(point, count + i * 5, CUT) for i in range(3)]
    if point == "opened":
        service.cuts = [("opened", 1, CUT), ("opened", 2, CUT), ("stored", count, CUT)]

    # When
    results = await _classify(server, _images(40))

    # Then
    assert Counter(result.image_id for result in results) == {f"image-{i}": 1 for i in range(40)}
    assert service.streams > len(service.cuts)
    assert WatchedLedger.resent == []
    assert sum(len(job.stored) for job in service.jobs.values()) == 40


async def test_a_bad_image_fails_alone(server: FakeServer) -> None:
    # Given
    images: list[Given] = [
        Image(b"pixels", image_id="good"),
        Image(b"bad", image_id="rejected", case_id="case 1"),
        Image(b"truncated", image_id="failed"),
    ]

    # When
    results = {result.image_id: result for result in await _classify(server, images)}

    # Then
    assert results["good"].classification is not None
    rejected, failed = results["rejected"], results["failed"]
    assert isinstance(rejected.error, InvalidRequest)
    assert (rejected.error.reason, rejected.error.field) == ("UNSUPPORTED_FORMAT", "image")
    assert rejected.case_id == "case 1"
    assert failed.error is not None
    assert failed.error.reason == "TRUNCATED_IMAGE"


async def test_what_cannot_be_sent_is_a_result_too(server: FakeServer, tmp_path: Path) -> None:
    # Given
    too_large = tmp_path / "too large.tif"
    too_large.write_bytes(bytes(1001))
    images: list[Given] = [
        tmp_path / "vanished.tif",
        too_large,
        Image(b"one", image_id="twice"),
        Image(b"two", image_id="twice"),
        Image(b"three", image_id="\udc80"),
    ]

    # When
    results = await _classify(server, images)

    # Then
    reasons = [result.error.reason for result in results if result.error is not None]
    assert sorted(reasons) == sorted(
        ["UNREADABLE_FILE", "IMAGE_TOO_LARGE", "IMAGE_ID_CONFLICT", "INVALID_IMAGE_ID"]
    )
    assert [r.image_id for r in results if r.classification is not None] == ["twice"]
    assert str(too_large) in [result.path for result in results]


async def test_images_are_taken_only_when_there_is_room(server: FakeServer) -> None:
    # Given
    taken = 0
    most_open = 0

    def camera() -> Iterator[Image]:
        nonlocal taken
        for i in range(200):
            taken += 1
            yield Image(b"pixels", image_id=str(i))

    # When
    answered = 0
    async with AsyncDensaClient(server.address, replace(IMPATIENT, in_flight=5)) as densa:
        async for _ in densa.classify_many(camera()):
            answered += 1
            await asyncio.sleep(0)
            most_open = max(most_open, taken - answered)

    # Then
    assert answered == 200
    assert most_open <= 6  # five in flight, and the one whose turn came with this result


async def test_images_may_come_from_an_asynchronous_source(server: FakeServer) -> None:
    # Given
    async def camera() -> AsyncIterator[bytes]:
        for i in range(3):
            yield f"pixels {i}".encode()

    # When
    async with AsyncDensaClient(server.address, IMPATIENT) as densa:
        results = [result async for result in densa.classify_many(camera())]

    # Then
    assert {result.image_id for result in results} == {"image", "image~2", "image~3"}


async def test_an_error_of_the_source_reaches_the_caller(server: FakeServer) -> None:
    # Given
    def camera() -> Iterator[bytes]:
        yield b"pixels"
        raise OSError("The camera is off.")

    # When / Then
    async with AsyncDensaClient(server.address, IMPATIENT) as densa:
        with pytest.raises(OSError, match="camera is off"):
            [result async for result in densa.classify_many(camera())]


async def test_no_images_is_no_result(server: FakeServer) -> None:
    # When / Then
    assert await _classify(server, []) == []


async def test_a_full_service_is_asked_again_when_it_says(
    server: FakeServer, service: FakeService
) -> None:
    # Given
    full = status_of(code_pb2.RESOURCE_EXHAUSTED, "Full.", "QUEUE_FULL", retry_after=0)
    service.cuts = [("opened", 1, full), ("received", 3, full)]

    # When
    results = await _classify(server, _images(5))

    # Then
    assert len(results) == 5
    assert service.streams == 3


async def test_a_refusal_without_a_time_is_not_repeated(
    server: FakeServer, service: FakeService
) -> None:
    # Given
    refusal = status_of(code_pb2.RESOURCE_EXHAUSTED, "The message is too large.", "TOO_LARGE")
    service.cuts = [("received", 1, refusal)]

    # When / Then
    with pytest.raises(Overloaded, match="too large"):
        await _classify(server, _images(1))
    assert service.streams == 1


async def test_a_service_that_stays_away_is_given_up(
    server: FakeServer, service: FakeService
) -> None:
    # Given
    service.cuts = [("opened", i, CUT) for i in range(1, 1000)]
    options = replace(IMPATIENT, reconnect_for=0.05)

    # When / Then
    async with AsyncDensaClient(server.address, options) as densa:
        with pytest.raises(Unavailable, match="line was cut"):
            [result async for result in densa.classify_many(_images(1))]


async def test_silence_ends_when_it_lasts_too_long(
    server: FakeServer, service: FakeService
) -> None:
    # Given
    service.mute = True
    options = replace(IMPATIENT, longest_silence=0.1)

    # When / Then
    async with AsyncDensaClient(server.address, options) as densa:
        with pytest.raises(DeadlineExceeded, match="1 images to answer"):
            [result async for result in densa.classify_many(_images(1))]


async def test_leaving_early_ends_the_stream(server: FakeServer, service: FakeService) -> None:
    # Given
    async with AsyncDensaClient(server.address, IMPATIENT) as densa:
        results = densa.classify_many(_images(50))

        # When
        await anext(results)
        await results.aclose()

        # Then
        await asyncio.to_thread(service.all_closed.wait)
        assert service.streams == 1
