"""One task listens; others add and remove channels, connected or not."""

import asyncio
import contextlib
from typing import Any

import pytest
import redis.exceptions

from services.gateway import subscription as module
from services.gateway.subscription import Message, Subscription
from tests.fakes.jobs import MemoryJobs
from tests.fakes.results_redis import FakeConnection, FakePool, FakeResultsRedis
from tests.waiting import until


class Listening:
    """A subscription, and what it heard until it broke."""

    def __init__(self) -> None:
        client = FakeResultsRedis(MemoryJobs())
        self.pool: FakePool = client.connection_pool
        self.subscription = Subscription(client.as_client(), "first")
        self.heard: list[Message] = []
        self.error: Exception | None = None

    async def listen(self) -> None:
        """Listens until the connection breaks."""
        try:
            async with contextlib.aclosing(self.subscription.listen()) as messages:
                async for message in messages:
                    self.heard.append(message)
        except redis.exceptions.RedisError as error:
            self.error = error

    @contextlib.asynccontextmanager
    async def running(self) -> Any:
        """Its task."""
        before = len(self.heard)
        task = asyncio.create_task(self.listen())
        await until(lambda: len(self.heard) > before)
        yield task
        task.cancel()
        await asyncio.wait({task})

    @property
    def connection(self) -> FakeConnection:
        """The latest connection."""
        return self.pool.made[-1]


async def test_a_channel_that_is_added_is_confirmed_and_heard() -> None:
    # Given
    one = Listening()
    async with one.running():
        # When
        await one.subscription.add(b"second")
        one.connection.put(b"message", b"second", b"said")
        await until(lambda: len(one.heard) == 3)

    # Then
    assert [(kind, channel) for kind, channel, _ in one.heard] == [
        ("subscribe", b"first"),
        ("subscribe", b"second"),
        ("message", b"second"),
    ]
    assert one.heard[-1][2] == b"said"


async def test_a_channel_that_is_removed_is_heard_no_longer() -> None:
    # Given
    one = Listening()
    async with one.running():
        await one.subscription.add(b"second")

        # When
        await one.subscription.remove(b"second")

        # Then
        assert one.connection.channels == {b"first"}


async def test_the_next_connection_listens_to_what_was_added_meanwhile() -> None:
    # Given
    one = Listening()
    await one.subscription.add(b"before")
    await one.subscription.add(b"gone")
    await one.subscription.remove(b"gone")

    # When
    async with one.running():
        # Then
        assert one.connection.channels == {b"first", b"before"}


async def test_a_connection_that_breaks_ends_listening_and_is_let_go() -> None:
    # Given
    one = Listening()
    async with one.running() as task:
        # When
        one.connection.cut()
        await asyncio.wait({task})

        # Then
        assert isinstance(one.error, redis.exceptions.ConnectionError)
        await one.subscription.add(b"second")  # fails nobody
        assert len(one.pool.made) == 1


async def test_a_channel_added_on_a_connection_that_breaks_fails_nobody() -> None:
    # Given
    one = Listening()

    async def broken(*_: object, **__: object) -> None:
        raise redis.exceptions.ConnectionError("broken pipe")

    async with one.running():
        one.connection.send_command = broken  # type: ignore[method-assign]

        # When
        await one.subscription.add(b"second")
        await one.subscription.remove(b"first")

    # When
    async with one.running():
        # Then
        assert one.connection.channels == {b"second"}


async def test_a_silent_connection_is_asked_and_kept_when_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    monkeypatch.setattr(module, "POLL_SECONDS", 0.001)
    one = Listening()
    async with one.running() as task:
        # When: silent for many times as long
        await asyncio.sleep(0.1)

        # Then
        assert not task.done()
        assert len(one.heard) == 1


async def test_a_silent_connection_that_does_not_answer_is_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    monkeypatch.setattr(module, "POLL_SECONDS", 0.001)
    one = Listening()

    async def swallow(*_: object, **__: object) -> None:
        pass

    async with one.running() as task:
        # When
        one.connection.send_command = swallow  # type: ignore[method-assign]
        await asyncio.wait({task})

    # Then
    assert isinstance(one.error, redis.exceptions.ConnectionError)


async def test_a_listener_that_is_stopped_lets_its_connection_go() -> None:
    # Given
    one = Listening()

    # When
    async with one.running():
        pass

    # Then
    assert not one.connection.is_connected
