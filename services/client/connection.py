"""One connection of a stream, from OpenJob to its end, however it ends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import grpc
from densa.v1.classification_service_pb2 import (
    ClassifyMicrographsRequest,
    ClassifyMicrographsResponse,
    CloseJob,
    OpenJob,
)

from services.client.cases import CaseResult
from services.client.changes import Changes
from services.client.errors import DeadlineExceeded, DensaError, Unavailable
from services.client.ledger import Ledger
from services.client.options import Lane
from services.client.results import MicrographResult
from services.client.retry import may_help_later
from services.client.status import error_from_rpc, is_interruption

# grpc.aio's calls are generic in stubs and not at run time.
Call = Any


class Broken(Exception):
    """The connection ended before the work did; another one may go on with it."""

    def __init__(self, cause: DensaError) -> None:
        super().__init__(cause.message)
        self.cause = cause


class Connection:
    """Sends what the ledger has not sent, and enters into it what the service says.

    Args:
        call: A ClassifyMicrographs call that has just been started.
        ledger: The books, which outlive this connection.
        changes: Told of every change of the books.
        deliver: Gets every result that is the first for its image.
        longest_silence: Seconds without a word while answers are outstanding.
        address: Of the service, for messages.
        lane: Of a job that this connection opens.
        provisional_cases: Whether it wants to hear of cases before they are closed.
    """

    def __init__(
        self,
        call: Call,
        ledger: Ledger,
        changes: Changes,
        deliver: Callable[[MicrographResult | CaseResult], None],
        *,
        longest_silence: float,
        address: str,
        lane: Lane = "ROUTINE",
        provisional_cases: bool = False,
    ) -> None:
        self._call = call
        self._ledger = ledger
        self._changes = changes
        self._deliver = deliver
        self._longest_silence = longest_silence
        self._address = address
        self._lane = lane
        self._provisional_cases = provisional_cases
        self._opened = False
        self._active_at = 0.0

    async def run(self) -> None:
        """Return when every image has its result.

        Raises:
            Broken: The connection ended first.
            DensaError: The service refused, or was silent for too long.
        """
        self._ledger.reconnect()
        self._touch()
        receiver = asyncio.create_task(self._receive())
        running: set[asyncio.Task[None]] = {receiver, asyncio.create_task(self._send())}
        tasks = tuple(running)
        try:
            while receiver in running:
                finished, running = await asyncio.wait(
                    running, timeout=self._silence_left(), return_when=asyncio.FIRST_COMPLETED
                )
                for task in finished:
                    task.result()
        finally:
            self._call.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self) -> None:
        call, ledger = self._call, self._ledger
        # A call that has ended says why to the receiver.
        with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
            # A job keeps the lane that it was opened with.
            lane = f"LANE_{self._lane}" if not ledger.job else None
            opening = OpenJob(
                job=ledger.job,
                cursor=ledger.cursor,
                lane=lane,
                provisional_cases=self._provisional_cases,
            )
            await call.write(ClassifyMicrographsRequest(open_job=opening))
            # An image sent before the job has a name could be accepted into a
            # job that nobody can resume.
            await self._changes.until(lambda: self._opened)
            while True:
                await self._changes.until(lambda: ledger.has_unsent() or ledger.complete)
                message = ledger.next_unsent()
                if message is not None:
                    await call.write(message)
                    self._touch()
                elif ledger.complete:
                    break
            if ledger.closes:  # said again on each connection: it changes nothing
                await call.write(ClassifyMicrographsRequest(close_job=CloseJob()))
            await call.done_writing()

    async def _receive(self) -> None:
        try:
            while (response := await self._call.read()) is not grpc.aio.EOF:
                self._hear(response)
        except grpc.aio.AioRpcError as failure:
            if self._ledger.done:
                return
            error = error_from_rpc(failure, self._address)
            idle = error.reason == "STREAM_IDLE"
            if idle or is_interruption(failure) or may_help_later(error):
                raise Broken(error) from failure
            raise error from failure
        if not self._ledger.done:
            raise Broken(Unavailable(f"{self._address} ended the stream before its work."))

    def _hear(self, response: ClassifyMicrographsResponse) -> None:
        self._touch()
        result = self._ledger.record(response)
        if result is not None:
            self._deliver(result)
        self._opened = True
        self._changes.notify()

    def _touch(self) -> None:
        self._active_at = asyncio.get_running_loop().time()

    def _silence_left(self) -> float:
        """Seconds that the service may stay silent from now on."""
        if not self._ledger.open:
            return self._longest_silence
        left = self._active_at + self._longest_silence - asyncio.get_running_loop().time()
        if left <= 0:
            raise DeadlineExceeded(
                f"{self._address} said nothing for {self._longest_silence:g} s with "
                f"{self._ledger.open} images to answer. They are not lost, but this client does "
                "not wait for them any longer."
            )
        return left
