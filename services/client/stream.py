"""Many images through one job, over as many connections as it takes.

    images --reader--> ledger --connection--> service --connection--> ledger --> results

The reader takes an image only when there is room, so memory is bounded by
`in_flight` and `unacknowledged`, not by how many images there are. Reader and
ledger outlive connections.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable

from services.client.cases import CaseResult
from services.client.changes import Changes
from services.client.connection import Broken, Call, Connection
from services.client.journal import Journal
from services.client.ledger import Ledger
from services.client.options import ClientOptions
from services.client.reader import ImageReader
from services.client.results import MicrographResult
from services.client.retry import Backoff

Result = MicrographResult | CaseResult


class ClassificationStream:
    """One pass over images: sends them, yields their results as they finish.

    Args:
        open_call: Starts the ClassifyMicrographs call.
        reader: Where the images come from.
        options: Bounds, backoff and patience.
        address: Of the service, for messages.
        journal: Makes it go on where an earlier stream ended, and a later one where this ends.
        cases: Whether its job is closed after the last image, for the results of its cases.
        provisional_cases: Whether they are told of before as well.
    """

    def __init__(
        self,
        open_call: Callable[[], Call],
        reader: ImageReader,
        options: ClientOptions,
        address: str,
        journal: Journal | None = None,
        *,
        cases: bool = False,
        provisional_cases: bool = False,
    ) -> None:
        self._open_call = open_call
        self._reader = reader
        self._options = options
        self._address = address
        self._ledger = Ledger(journal, cases=cases)
        self._provisional_cases = provisional_cases
        self._changes = Changes()
        self._outbox: asyncio.Queue[Result | BaseException | None] = asyncio.Queue()

    async def results(self) -> AsyncGenerator[Result, None]:
        """Every image's result, once, in the order in which they finish, and those of cases.

        Raises:
            DensaError: The service refused the stream, or stayed away too long.
        """
        tasks = [
            asyncio.create_task(self._take_images()),
            asyncio.create_task(self._stay_connected()),
        ]
        for task in tasks:
            task.add_done_callback(self._pass_on_failure)
        try:
            while (item := await self._outbox.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                self._changes.notify()
                yield item
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _pass_on_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._outbox.put_nowait(error)

    async def _take_images(self) -> None:
        """One image at a time into the ledger, where there is room."""
        while True:
            await self._changes.until(self._has_room)
            taken = await self._reader.take()
            if taken is None:
                break
            if isinstance(taken, MicrographResult):
                self._outbox.put_nowait(taken)
            else:
                self._ledger.add(*taken)
            self._changes.notify()
        self._ledger.complete = True
        self._changes.notify()

    def _has_room(self) -> bool:
        return (
            self._ledger.open + self._outbox.qsize() < self._options.in_flight
            and self._ledger.unacknowledged < self._options.unacknowledged
        )

    async def _stay_connected(self) -> None:
        """Connections one after the other, until every image has its result."""
        backoff = Backoff(self._options.first_backoff, self._options.longest_backoff)
        now = asyncio.get_running_loop().time
        progress, give_up_at = 0, now() + self._options.reconnect_for
        while not self._ledger.done:
            try:
                await self._connection().run()
            except Broken as broken:
                if self._ledger.progress > progress:
                    progress = self._ledger.progress
                    give_up_at = now() + self._options.reconnect_for
                    backoff.reset()
                if now() >= give_up_at:
                    raise broken.cause from None
                await asyncio.sleep(backoff.next_delay(broken.cause))
        self._outbox.put_nowait(None)

    def _connection(self) -> Connection:
        return Connection(
            self._open_call(),
            self._ledger,
            self._changes,
            self._outbox.put_nowait,
            longest_silence=self._options.longest_silence,
            address=self._address,
            lane=self._options.lane,
            provisional_cases=self._provisional_cases,
        )
