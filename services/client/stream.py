"""Many images through one job, over as many connections as it takes.

    images --reader--> ledger --sender--> service --receiver--> ledger --> results

The reader takes an image only when there is room, so memory is bounded by
`in_flight` and `unacknowledged`, not by how many images there are. It outlives
connections; sender and receiver belong to one.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any

import grpc
from densa.v1.classification_service_pb2 import (
    ClassifyMicrographsRequest,
    ClassifyMicrographsResponse,
    OpenJob,
)

from services.client.errors import DeadlineExceeded, DensaError, Unavailable
from services.client.ledger import Ledger
from services.client.options import ClientOptions
from services.client.reader import ImageReader
from services.client.results import MicrographResult
from services.client.retry import Backoff, may_help_later
from services.client.status import error_from_rpc, is_interruption

# grpc.aio's calls are generic in stubs and not at run time.
type_of_call = Any


class _Broken(Exception):  # an event, not an error: the stream is opened again
    """The connection ended before the work did."""

    def __init__(self, cause: DensaError) -> None:
        super().__init__(cause.message)
        self.cause = cause


class ClassificationStream:
    """One pass over images: sends them, yields their results as they finish.

    Args:
        open_call: Starts the ClassifyMicrographs call.
        reader: Where the images come from.
        options: Bounds, backoff and patience.
        address: Of the service, for messages.
    """

    def __init__(
        self,
        open_call: Callable[[], type_of_call],
        reader: ImageReader,
        options: ClientOptions,
        address: str,
    ) -> None:
        self._open_call = open_call
        self._reader = reader
        self._options = options
        self._address = address
        self._ledger = Ledger()
        self._outbox: asyncio.Queue[MicrographResult | BaseException | None] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._opened = False
        self._active_at = 0.0

    async def results(self) -> AsyncGenerator[MicrographResult, None]:
        """Every image's result, once, in the order in which they finish.

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
                self._changed.set()
                yield item
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _pass_on_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._outbox.put_nowait(error)

    async def _take_images(self) -> None:
        """The reader's task: one image at a time, where there is room."""
        while True:
            await self._until(self._has_room)
            taken = await self._reader.take()
            if taken is None:
                break
            if isinstance(taken, MicrographResult):
                self._outbox.put_nowait(taken)
            else:
                self._ledger.add(*taken)
            self._changed.set()
        self._ledger.complete = True
        self._changed.set()

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
                await self._converse()
            except _Broken as broken:
                if self._ledger.progress > progress:
                    progress, give_up_at = (
                        self._ledger.progress,
                        now() + self._options.reconnect_for,
                    )
                    backoff.reset()
                if now() >= give_up_at:
                    raise broken.cause from None
                await asyncio.sleep(backoff.next_delay(broken.cause))
        self._outbox.put_nowait(None)

    async def _converse(self) -> None:
        """One connection, from OpenJob to its end."""
        self._opened = False
        self._ledger.reconnect()
        call = self._open_call()
        receiver = asyncio.create_task(self._receive(call))
        running: set[asyncio.Task[None]] = {receiver, asyncio.create_task(self._send(call))}
        tasks = tuple(running)
        self._touch()
        try:
            while receiver in running:
                finished, running = await asyncio.wait(
                    running, timeout=self._silence_left(), return_when=asyncio.FIRST_COMPLETED
                )
                for task in finished:
                    task.result()
        finally:
            call.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, call: type_of_call) -> None:
        ledger = self._ledger
        # A call that has ended says why to the receiver.
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            opening = OpenJob(job=ledger.job, cursor=ledger.cursor)
            await call.write(ClassifyMicrographsRequest(open_job=opening))
            # An image sent before the job has a name could be accepted into a
            # job that nobody can resume.
            await self._until(lambda: self._opened)
            while True:
                await self._until(lambda: ledger.has_unsent() or ledger.complete)
                message = ledger.next_unsent()
                if message is not None:
                    await call.write(ClassifyMicrographsRequest(micrograph=message))
                    self._touch()
                elif ledger.complete:
                    break
            await call.done_writing()

    async def _receive(self, call: type_of_call) -> None:
        try:
            while (response := await call.read()) is not grpc.aio.EOF:
                self._hear(response)
        except grpc.aio.AioRpcError as failure:
            if self._ledger.done:
                return
            error = error_from_rpc(failure, self._address)
            idle = error.reason == "STREAM_IDLE"
            if idle or is_interruption(failure) or may_help_later(error):
                raise _Broken(error) from failure
            raise error from failure
        if not self._ledger.done:
            raise _Broken(Unavailable(f"{self._address} ended the stream before its work."))

    def _hear(self, response: ClassifyMicrographsResponse) -> None:
        self._touch()
        result = self._ledger.record(response)
        if result is not None:
            self._outbox.put_nowait(result)
        self._opened = True
        self._changed.set()

    def _touch(self) -> None:
        self._active_at = asyncio.get_running_loop().time()

    def _silence_left(self) -> float:
        """Seconds that the service may stay silent from now on."""
        longest = self._options.longest_silence
        if not self._ledger.open:
            return longest
        left = self._active_at + longest - asyncio.get_running_loop().time()
        if left <= 0:
            raise DeadlineExceeded(
                f"{self._address} said nothing for {longest:g} s with {self._ledger.open} images "
                "to answer. They are not lost, but this client does not wait for them any longer."
            )
        return left

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()
