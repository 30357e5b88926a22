"""The part of Redis that the result reader uses, in memory, with a subscription that can fail."""

import asyncio
from collections import deque
from typing import Any, cast

import redis.asyncio
import redis.exceptions

from services.common import keys
from tests.fakes.jobs import MemoryJobs


class FakeConnection:
    """One connection that subscribes."""

    def __init__(self) -> None:
        self.is_connected = True
        self.channels: set[bytes] = set()
        self._messages: deque[list[Any]] = deque()
        self._arrived = asyncio.Event()

    async def send_command(self, command: str, *arguments: bytes, check_health: bool) -> None:
        """See redis.asyncio."""
        del check_health
        if not self.is_connected:
            raise redis.exceptions.ConnectionError("The connection was lost.")
        for channel in arguments:
            if command == "SUBSCRIBE":
                self.channels.add(channel)
            else:
                self.channels.discard(channel)
            self.put(command.lower().encode(), channel, len(self.channels))
        if command == "PING":
            self.put(b"pong", b"")

    async def read_response(self, *, timeout: float, **_: object) -> list[Any] | None:  # noqa: ASYNC109
        """See redis.asyncio."""
        while self.is_connected and not self._messages:
            self._arrived.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._arrived.wait()
            except TimeoutError:
                return None
        if not self.is_connected:
            raise redis.exceptions.ConnectionError("The connection was lost.")
        return self._messages.popleft()

    async def disconnect(self, *, nowait: bool) -> None:
        """See redis.asyncio."""
        del nowait
        self.cut()

    def cut(self) -> None:
        """Breaks the connection: what was under way is lost."""
        self.is_connected = False
        self.channels.clear()
        self._arrived.set()

    def put(self, *message: Any) -> None:
        """A message that arrives."""
        self._messages.append(list(message))
        self._arrived.set()


class FakePool:
    """Connections, and how many there were."""

    def __init__(self, state: MemoryJobs) -> None:
        self.made: list[FakeConnection] = []
        self.away = False
        """Whether none can be made."""
        state.listeners.append(self._announce)

    @property
    def channels(self) -> set[bytes]:
        """What is listened to now."""
        return set().union(*(connection.channels for connection in self.made))

    async def get_connection(self) -> FakeConnection:
        """See redis.asyncio."""
        await asyncio.sleep(0)
        if self.away:
            raise redis.exceptions.ConnectionError("refused")
        self.made.append(FakeConnection())
        return self.made[-1]

    async def release(self, connection: FakeConnection) -> None:
        """See redis.asyncio."""
        assert connection in self.made

    def _announce(self, job: str, position: int, text: bytes) -> None:
        channel = keys.channel(job).encode()
        for connection in self.made:
            if channel in connection.channels:
                connection.put(b"message", channel, b"%d %s" % (position, text))


class FakeResultsRedis:
    """Result streams and subscriptions."""

    def __init__(self, state: MemoryJobs) -> None:
        self.state = state
        self.reads = 0
        """How often a stream was read."""
        self.answers = asyncio.Event()
        """Cleared, what was read is still on the way."""
        self.answers.set()
        self.away = False
        """Whether it does not answer."""
        self.connection_pool = FakePool(state)

    async def xrange(
        self,
        name: str,
        min: str,  # noqa: A002  # redis-py's name
        count: int,
    ) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """See redis.asyncio."""
        if self.away:
            raise redis.exceptions.ConnectionError("refused")
        self.reads += 1
        after = int(min.removeprefix("(").split("-")[0])
        found = next(
            (job for key, job in self.state.jobs.items() if keys.results(key) == name), None
        )
        entries = list(enumerate(found.results, start=1)) if found else []
        answer = [
            (b"%d-0" % position, {b"outcome": text})
            for position, text in entries
            if position > after
        ][:count]
        await asyncio.sleep(0)  # the answer takes a while, and the world goes on
        await self.answers.wait()
        return answer

    def as_client(self) -> redis.asyncio.Redis:
        """Itself, for what asks for a client."""
        return cast("redis.asyncio.Redis", self)
