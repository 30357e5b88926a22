"""The part of Redis that the result reader uses, in memory, with a subscription that can fail."""

import asyncio
from collections import deque
from typing import Any, cast

import redis.asyncio
import redis.exceptions

from services.common import keys
from tests.fakes.jobs import MemoryJobs


class FakePubSub:
    """One subscription connection."""

    def __init__(self, state: MemoryJobs) -> None:
        self.channels: set[bytes] = set()
        self.losing = False
        """Whether announcements are lost on the way."""
        self.broken = False
        """Whether the connection breaks at its next use; it is then made again."""
        self._messages: deque[dict[str, Any]] = deque()
        self._arrived = asyncio.Event()
        state.listeners.append(self._announce)

    @property
    def subscribed(self) -> bool:
        """See redis.asyncio."""
        return bool(self.channels)

    async def subscribe(self, channel: str | bytes) -> None:
        """See redis.asyncio."""
        name = channel.encode() if isinstance(channel, str) else channel
        self.channels.add(name)
        self._put("subscribe", name, b"1")

    async def unsubscribe(self, channel: bytes) -> None:
        """See redis.asyncio."""
        self.channels.discard(channel)

    async def get_message(self, timeout: float) -> dict[str, Any] | None:  # noqa: ASYNC109
        """See redis.asyncio."""
        if self.broken:
            self.broken = False
            for channel in self.channels:
                self._put("subscribe", channel, b"1")
            raise redis.exceptions.ConnectionError("The connection was lost.")
        if not self._messages:
            self._arrived.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._arrived.wait()
            except TimeoutError:
                return None
            return await self.get_message(timeout)
        return self._messages.popleft()

    def cut(self) -> None:
        """Breaks the connection: what was under way is lost."""
        self._messages.clear()
        self.broken = True
        self._arrived.set()

    async def aclose(self) -> None:
        """See redis.asyncio."""
        self.channels.clear()

    def _announce(self, job: str, position: int, text: bytes) -> None:
        channel = keys.channel(job).encode()
        if channel in self.channels and not self.losing and not self.broken:
            self._put("message", channel, b"%d %s" % (position, text))

    def _put(self, kind: str, channel: bytes, data: bytes) -> None:
        self._messages.append({"type": kind, "channel": channel, "data": data})
        self._arrived.set()


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
        self.subscription = FakePubSub(state)

    def pubsub(self) -> FakePubSub:
        """See redis.asyncio."""
        return self.subscription

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
