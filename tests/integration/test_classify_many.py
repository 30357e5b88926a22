"""Streams over the real service: every image its own answer, once."""

import asyncio
import functools
from typing import Any

import grpc
import pytest

from tests.integration.calls import Stream, field_of, grey, reason_of
from tests.integration.micrographs import TOLERANCE, presence
from tests.integration.processes import Service
from tests.waiting import until

LEVELS = {str(n): 20 + n for n in range(200)}
"""200 distinct images: image_id -> grey."""

EXPECTED = {image_id: pytest.approx(presence(n), abs=TOLERANCE) for image_id, n in LEVELS.items()}
IMAGES = [grey(image_id, level, case_id=f"case {level}") for image_id, level in LEVELS.items()]


async def test_each_of_200_images_gets_the_answer_that_belongs_to_it(stub: Any) -> None:
    # Given
    stream = Stream(stub)
    await stream.open()

    # When
    await stream.send(*IMAGES)
    await stream.finish()

    # Then
    assert stream.responses[0].WhichOneof("response") == "job_opened"
    assert stream.accepted == list(LEVELS)
    assert stream.presences == EXPECTED
    assert {one.image_id: one.case_id for one in stream.results} == {
        image_id: f"case {level}" for image_id, level in LEVELS.items()
    }


async def test_an_image_is_accepted_before_its_result(stub: Any) -> None:
    # Given
    stream = Stream(stub)
    await stream.open()

    # When
    await stream.send(*IMAGES[:50])
    await stream.finish()

    # Then
    accepted: set[str] = set()
    for response in stream.responses[1:]:
        if response.WhichOneof("response") == "accepted":
            accepted.add(response.accepted.image_id)
        else:
            assert response.result.image_id in accepted


async def test_results_arrive_while_the_client_still_sends(stub: Any) -> None:
    # Given
    stream = Stream(stub)
    await stream.open()
    for count in range(1, 6):
        # When
        await stream.send(IMAGES[count])

        # Then
        await stream.until(functools.partial(_has_results, count))
    await stream.finish()


def _has_results(count: int, stream: Stream) -> bool:
    return len(stream.results) == count


async def test_streams_at_the_same_time_do_not_mix(stub: Any) -> None:
    # Given
    async def one(start: int) -> Stream:
        stream = Stream(stub)
        await stream.open()
        await stream.send(*(grey(str(n), start + n) for n in range(20)))
        await stream.finish()
        return stream

    # When
    starts = range(20, 200, 20)
    streams = await asyncio.gather(*(one(start) for start in starts))

    # Then
    for start, stream in zip(starts, streams, strict=True):
        assert stream.presences == {
            str(n): pytest.approx(presence(start + n), abs=TOLERANCE) for n in range(20)
        }


async def test_streams_that_are_opened_and_closed_at_once_all_end(stub: Any) -> None:
    # Given: each ends while its first read of the results is on its way
    async def one() -> Stream:
        stream = Stream(stub)
        await stream.open()
        await stream.finish()
        return stream

    for _ in range(5):
        # When
        async with asyncio.timeout(30):
            streams = await asyncio.gather(*(one() for _ in range(60)))

        # Then
        assert [len(stream.responses) for stream in streams] == [1] * 60


async def test_the_same_image_again_is_the_same_image_with_one_run_and_one_answer(
    stub: Any, service: Service
) -> None:
    # Given
    stream = Stream(stub)
    await stream.open()

    # When: twice in a row, and once more when its answer is there
    await stream.send(IMAGES[0], IMAGES[0])
    await stream.until(lambda s: s.results)
    await stream.send(IMAGES[0])
    await stream.finish()

    # Then
    told = [one.accepted for one in stream.responses if one.WhichOneof("response") == "accepted"]
    assert [one.duplicate for one in told] == [False, True, True]
    assert stream.presences == {"0": EXPECTED["0"]}
    await until(lambda: not service.images)


async def test_an_image_id_of_other_bytes_is_rejected_alone(stub: Any, service: Service) -> None:
    # Given
    stream = Stream(stub)
    await stream.open()

    # When
    await stream.send(IMAGES[0], grey("0", 199), IMAGES[1])
    await stream.finish()

    # Then
    error = stream.rejected["0"]
    assert error.code == grpc.StatusCode.ALREADY_EXISTS.value[0]
    assert (reason_of(error), field_of(error)) == ("IMAGE_ID_CONFLICT", "micrograph.image_id")
    assert stream.presences == {"0": EXPECTED["0"], "1": EXPECTED["1"]}
    await until(lambda: not service.images)
