"""Brings what is to be answered to the gateway, a round for each case, for as long as it runs.

What has no answer in the records is sent: a page that was killed sends it
again, and the SDK brings a stream over a gateway that went and came back.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable

from services.client import AsyncDensaClient, ClientOptions, DensaError
from services.web.round import Memory, Round

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
"""Before a service that refused is asked again."""

MOST_ROUNDS = 16
"""At a time. Where more cases wait, one that has nothing left to send ends at once."""


class Dispatcher:
    """Rounds, as they are wanted.

    Args:
        densa: The service.
        memory: What the page remembers.
        quiet_seconds: After which a case is closed.
        busy: Whether uploads are under way.
    """

    def __init__(
        self,
        densa: AsyncDensaClient,
        memory: Memory,
        quiet_seconds: float,
        busy: Callable[[], bool],
    ) -> None:
        self._densa = densa
        self._memory = memory
        self._quiet_seconds = quiet_seconds
        self._busy = busy
        self._rounds: dict[str, asyncio.Task[None]] = {}
        self._crowded = False

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                seen = self._memory.changes.number
                self._begin()
                await self._memory.changes.after(seen, None)
        finally:
            for task in self._rounds.values():
                task.cancel()
            await asyncio.gather(*self._rounds.values(), return_exceptions=True)

    def _begin(self) -> None:
        """A round for each case that wants one, as far as there is room."""
        for case_id, task in list(self._rounds.items()):
            if task.done():
                del self._rounds[case_id]
                task.result()
        waiting = [case for case in self._memory.cases.wanting() if case not in self._rounds]
        for case_id in waiting[: MOST_ROUNDS - len(self._rounds)]:
            self._rounds[case_id] = asyncio.create_task(self._ask(case_id))
            self._rounds[case_id].add_done_callback(lambda _: self._memory.changes.notify())
        crowded = any(case not in self._rounds for case in waiting)
        if crowded and not self._crowded:
            self._memory.changes.notify()
        self._crowded = crowded

    async def _ask(self, case_id: str) -> None:
        asked = Round(
            self._densa,
            self._memory,
            case_id,
            quiet_seconds=self._quiet_seconds,
            busy=self._busy,
            crowded=lambda: self._crowded,
        )
        try:
            if case_id and not self._memory.cases.to_send(case_id):  # its last image was deleted
                self._memory.cases.answered(case_id, None, ())
            else:
                await asked.run()
        except DensaError as error:
            log.warning("The service does not answer: %s", type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
        except (OSError, sqlite3.Error) as error:
            log.error("Answers cannot be kept: %s", type(error).__name__)  # noqa: TRY400  # no words
            await asyncio.sleep(PAUSE_SECONDS)


def make_client(address: str) -> AsyncDensaClient:
    """A client for people who wait: urgent, and patient while the gateway is away.

    Few images wait in memory: many cases may be open at a time.
    """
    options = ClientOptions(lane="STAT", reconnect_for=86400.0, in_flight=16, unacknowledged=2)
    return AsyncDensaClient(address, options)
