"""Jobs over the real service: a stream that broke goes on, anywhere, with every result once."""

import asyncio
from typing import Any

import grpc
import pytest

from tests.integration.calls import Stream, field_of, grey, reason_of, status_of
from tests.integration.micrographs import TOLERANCE, presence

LEVELS = {str(n): 20 + n for n in range(200)}
"""200 distinct images: image_id -> grey."""

EXPECTED = {image_id: pytest.approx(presence(n), abs=TOLERANCE) for image_id, n in LEVELS.items()}
IMAGES = [grey(image_id, level, case_id=f"case {level}") for image_id, level in LEVELS.items()]


@pytest.mark.parametrize("after", [0, 1, 17, 60])
async def test_a_broken_stream_goes_on_with_every_result_exactly_once(
    stub: Any, after: int
) -> None:
    # Given: a stream that breaks after so many results
    first = Stream(stub)
    await first.open()
    sending = asyncio.create_task(first.send(*IMAGES[:80]))
    await first.until(lambda s: s.job and len(s.results) >= after)
    sending.cancel()
    await first.leave()
    accepted_and_told = set(first.accepted)

    # When: it is resumed, and everything is sent that was not known to be accepted
    second = Stream(stub)
    await second.open(first.job, first.cursor)
    await second.send(*(one for one in IMAGES[:80] if one.image_id not in accepted_and_told))
    await second.finish()

    # Then
    assert second.job == first.job
    assert not set(first.presences) & set(second.presences)
    assert first.presences | second.presences == {str(n): EXPECTED[str(n)] for n in range(80)}


async def test_a_job_resumed_without_a_cursor_tells_everything_again(stub: Any) -> None:
    # Given
    first = Stream(stub)
    await first.open()
    await first.send(*IMAGES[:10])
    await first.finish()

    # When
    second = Stream(stub)
    await second.open(first.job)
    await second.finish()

    # Then
    assert [one.SerializeToString() for one in second.results] == [
        one.SerializeToString() for one in first.results
    ]


async def test_the_cursor_of_any_result_goes_on_right_after_it(stub: Any) -> None:
    # Given
    first = Stream(stub)
    await first.open()
    await first.send(*IMAGES[:6])
    await first.finish()
    told = [one for one in first.responses if one.WhichOneof("response") == "result"]

    for place, response in enumerate(told, start=1):
        # When
        again = Stream(stub)
        await again.open(first.job, response.cursor)
        await again.finish()

        # Then
        assert [one.image_id for one in again.results] == [
            one.result.image_id for one in told[place:]
        ]


async def test_two_streams_of_one_job_both_hear_everything(stub: Any) -> None:
    # Given
    one, two = Stream(stub), Stream(stub)
    await one.open()
    await one.until(lambda s: s.job)
    await two.open(one.job)
    await two.until(lambda s: s.job)

    # When
    await one.send(*IMAGES[:10])
    await two.send(*IMAGES[10:20])
    await one.until(lambda s: len(s.accepted) == 10)
    await two.until(lambda s: len(s.accepted) == 10)
    await asyncio.gather(one.finish(), two.finish())

    # Then
    assert one.presences == two.presences == {str(n): EXPECTED[str(n)] for n in range(20)}


@pytest.mark.parametrize(
    "job", ["f" * 32, "x", "../../etc/passwd", "a:images", "é" * 1000, "x" * 1_000_000]
)
async def test_a_job_that_was_never_opened_is_not_found(stub: Any, job: str) -> None:
    # Given
    stream = Stream(stub)

    # When
    await stream.open(job)
    await stream.ended()

    # Then
    assert stream.error is not None
    assert stream.error.code() is grpc.StatusCode.NOT_FOUND
    assert reason_of(status_of(stream.error)) == "JOB_NOT_FOUND"
    assert field_of(status_of(stream.error)) == "open_job.job"


@pytest.mark.parametrize("part", ["", ":images", ":results", ":outcomes"])
async def test_the_name_of_a_key_is_no_job(stub: Any, part: str) -> None:
    # Given
    stream = Stream(stub)
    await stream.open()
    await stream.send(grey("accepted", 50))
    await stream.finish()

    # When
    other = Stream(stub)
    await other.open(stream.job + part)
    await other.call.done_writing()
    await other.ended()

    # Then
    assert (other.error is None) == (part == "")
    if other.error is not None:
        assert reason_of(status_of(other.error)) == "JOB_NOT_FOUND"
