"""Signals end the work in order, and a second one hurries."""

import asyncio
import os
import signal

import pytest

from services.stack.signals import ENDING, run_until_signal


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_the_work_and_lets_it_clean_up(number: signal.Signals) -> None:
    # Given
    done: list[str] = []

    async def work() -> int:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            done.append("cleaned up")
        return 0

    # When
    status = run_until_signal(work(), lambda: done.append("hurried"))

    # Then
    assert status is None
    assert done == ["cleaned up"]


def test_a_second_signal_hurries_and_does_not_stop_the_cleaning_up() -> None:
    # Given
    hurried = asyncio.Event()
    done: list[str] = []

    async def work() -> int:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            await hurried.wait()
            done.append("cleaned up")
        return 0

    # When
    status = run_until_signal(work(), hurried.set)

    # Then
    assert status is None
    assert done == ["cleaned up"]


def test_work_that_ends_by_itself_has_its_status() -> None:
    # Given
    async def work() -> int:
        return 7

    # When / Then
    assert run_until_signal(work(), lambda: None) == 7
