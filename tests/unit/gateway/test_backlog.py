"""How full it is, and an honest time to come back."""

import asyncio

import pytest

from services.common.errors import Overloaded
from services.gateway.backlog import (
    LONGEST_RETRY_SECONDS,
    SHORTEST_RETRY_SECONDS,
    UNKNOWN_RETRY_SECONDS,
    Backlog,
    Limits,
)
from tests.waiting import settled


def _backlog(images: int = 0, held: int = 0, rate: float = 0.0, *, full: bool = False) -> Backlog:
    backlog = Backlog(Limits(images=100, bytes=1000))
    backlog.poll(images, held, rate, memory_full=full)
    return backlog


@pytest.mark.parametrize(
    ("images", "rate", "seconds"),
    [
        (100, 0.0, UNKNOWN_RETRY_SECONDS),
        (100, 20.0, 5.0),
        (1, 1000.0, SHORTEST_RETRY_SECONDS),
        (100, 0.001, LONGEST_RETRY_SECONDS),
    ],
)
def test_the_time_to_come_back_is_the_backlog_over_the_rate(
    images: int, rate: float, seconds: float
) -> None:
    assert _backlog(images, rate=rate).retry_after == seconds
    assert _backlog(images, rate=rate).full().retry_after == seconds


@pytest.mark.parametrize(("images", "held", "size"), [(99, 0, 1), (5, 900, 100), (0, 0, 5000)])
def test_what_finds_room_is_not_refused(images: int, held: int, size: int) -> None:
    _backlog(images, held).check(size)


@pytest.mark.parametrize(("images", "held", "size"), [(100, 0, 1), (5, 901, 100)])
def test_what_finds_none_is_refused(images: int, held: int, size: int) -> None:
    with pytest.raises(Overloaded) as caught:
        _backlog(images, held).check(size)
    assert caught.value.reason == "QUEUE_FULL"


def test_a_redis_that_is_nearly_full_takes_nothing() -> None:
    with pytest.raises(Overloaded) as caught:
        _backlog(full=True).check(1)
    assert caught.value.reason == "QUEUE_MEMORY_FULL"


async def test_who_waits_for_room_hears_of_the_next_poll_and_not_of_registrations() -> None:
    # Given
    backlog = _backlog()
    waiting = asyncio.create_task(backlog.polled())
    await settled()

    # When
    backlog.update(100, 1000)
    await settled()
    refused_meanwhile = waiting.done()
    backlog.poll(1, 1, 1.0, memory_full=False)
    await settled()

    # Then
    assert (refused_meanwhile, waiting.done()) == (False, True)
