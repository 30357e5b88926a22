"""One reader of results for the whole gateway process, shared by all its streams.

Each job's results stand in a Redis Stream whose n-th entry has the id n-0. The
worker announces each entry on the job's channel; this process has one
subscription connection for all jobs it watches. Announcements are only the fast
way: whenever a subscription is confirmed (at first, and after every reconnect)
or an announcement is missing from the sequence, a watch reads the stream itself.
So every watch sees every result once, in order, whatever pub/sub lost.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import cast

import redis.asyncio
import redis.exceptions
import structlog

from services.common import keys
from services.gateway.redis_answers import redis_answers
from services.gateway.replication import read_replicated
from services.gateway.subscription import Subscription

log = structlog.get_logger()

PAGE = 100
"""Entries read from a stream at once, and announcements held per watch: bounded memory."""

RETRY_SECONDS = 0.2
"""Pause before the subscription connection is made again."""


class Watch:
    """The results of one job from a position on: `async for position, text in watch`."""

    def __init__(
        self, client: redis.asyncio.Redis, job: str, position: int, replicas: int = 0
    ) -> None:
        """`replicas`: how many must have a result before it is handed out."""
        self._replicas = replicas
        self.job = job
        self.position = position
        """Position of the last result that was handed out; 0 before the first."""
        self._client = client
        self._held: deque[tuple[int, bytes]] = deque()
        self._behind = False
        self._wake = asyncio.Event()

    def announce(self, position: int, text: bytes) -> None:
        """Takes an announcement. A reader that is slow reads the stream later instead."""
        if self._replicas:
            # It may be lost with the primary, and another take its position: read with a wait.
            self._behind = True
        elif len(self._held) >= PAGE:
            self._held.clear()
            self._behind = True
        else:
            self._held.append((position, text))
        self._wake.set()

    def catch_up(self) -> None:
        """Announcements may have been missed: read the stream."""
        self._behind = True
        self._wake.set()

    def __aiter__(self) -> "Watch":
        return self

    async def __anext__(self) -> tuple[int, bytes]:
        while True:
            while self._held and self._held[0][0] <= self.position:
                self._held.popleft()
            if self._held and self._held[0][0] == self.position + 1:
                self.position, text = self._held.popleft()
                return self.position, text
            if self._behind or self._held:
                await self._read_stream()
                continue
            self._wake.clear()
            await self._wake.wait()

    async def _read_stream(self) -> None:
        self._behind = False
        announced = self._held[-1][0] if self._held else 0
        async with redis_answers():
            entries = cast(
                "list[tuple[bytes, dict[bytes, bytes]]]",
                await self._entries(keys.results(self.job), f"({self.position}-0"),
            )
        read = [(int(entry.split(b"-")[0]), fields[b"outcome"]) for entry, fields in entries]
        # What came while the answer was on its way stays: it may be newer than the answer.
        if len(read) == PAGE:
            self._behind = True
        last = read[-1][0] if read else announced  # announced and gone: the job was deleted
        self._held = deque([*read, *(item for item in self._held if item[0] > last)])

    async def _entries(self, stream: str, after: str) -> object:
        if self._replicas:
            return await read_replicated(self._client, stream, after, PAGE, self._replicas)
        return await self._client.xrange(stream, min=after, count=PAGE)


class ResultReader:
    """Hands announcements to the watches of this process. `run` it as one task.

    `on_case` hears of job and case where a closed case may have all its outcomes.
    """

    def __init__(
        self,
        client: redis.asyncio.Redis,
        on_case: Callable[[str, str], None] = lambda _job, _case: None,
        wait_replicas: int = 0,
    ) -> None:
        self._replicas = wait_replicas
        self._client = client
        self._on_case = on_case
        self._subscription = Subscription(client, keys.READERS)
        self._watches: dict[bytes, set[Watch]] = {}

    @asynccontextmanager
    async def watch(self, job: str, position: int = 0) -> AsyncIterator[Watch]:
        """A watch on the job's results after `position`, for as long as the context lasts."""
        channel = keys.channel(job).encode()
        watch = Watch(self._client, job, position, self._replicas)
        watches = self._watches.setdefault(channel, set())
        watches.add(watch)
        try:
            if len(watches) == 1:
                await self._subscription.add(channel)  # its confirmation says: catch up
            else:
                watch.catch_up()
            yield watch
        finally:
            watches.discard(watch)
            if not watches:
                self._watches.pop(channel, None)
                await self._subscription.remove(channel)

    async def run(self) -> None:
        """Hands out announcements until cancelled; a lost connection is made again."""
        while True:
            try:
                async with aclosing(self._subscription.listen()) as messages:
                    async for kind, channel, said in messages:
                        self._dispatch(kind, channel, said)
            except (redis.exceptions.RedisError, OSError) as error:
                log.warning("result_reader_disconnected", error=str(error))
            await asyncio.sleep(RETRY_SECONDS)

    def _dispatch(self, kind: str, channel: bytes, said: bytes) -> None:
        watches = self._watches.get(channel, ())
        position, _, text = said.partition(b" ") if kind == "message" else (b"", b"", b"")
        if watches and position == b"0":
            job = next(iter(watches)).job
            self._on_case(job, text.decode())
            return
        for watch in watches:
            if kind == "message":
                watch.announce(int(position), text)
            elif kind == "subscribe":
                watch.catch_up()
