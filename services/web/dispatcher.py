"""Brings waiting images to the gateway and their results into the records, for as long as it runs.

What has no result in the records is sent: a page that was killed sends it
again, and the SDK brings a stream over a gateway that went and came back.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from pathlib import Path

from services.client import AsyncDensaClient, ClientOptions, DensaError, Image
from services.client.results import OUTPUTS
from services.web.answers import to_json
from services.web.changes import Changes
from services.web.records import Records

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
"""Before a service that refused is asked again."""

IDLE_SECONDS = 30.0
"""A stream without images for so long ends; the next image opens another one."""


class Dispatcher:
    """One stream at a time to the gateway."""

    def __init__(
        self, densa: AsyncDensaClient, records: Records, files: Path, changes: Changes
    ) -> None:
        self._densa = densa
        self._records = records
        self._files = files
        self._changes = changes
        self._sent: set[str] = set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._sent.clear()
            await self._until_waiting(None)
            try:
                async for result in self._densa.classify_many(self._images()):
                    self._records.finish(result.image_id, to_json(result))
                    self._changes.notify()
            except DensaError as error:
                log.warning("The service does not answer: %s", type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _images(self) -> AsyncGenerator[Image, None]:
        while await self._until_waiting(IDLE_SECONDS):
            for one in self._unsent():
                self._sent.add(one.image_id)
                yield one

    def _unsent(self) -> list[Image]:
        return [
            Image(
                self._files / one.id,
                one.id,
                case_id=one.case_id,
                pixel_size_nm=one.pixel_size_nm,
                heat_maps=OUTPUTS,
            )
            for one in self._records.waiting()
            if one.id not in self._sent
        ]

    async def _until_waiting(self, seconds: float | None) -> bool:
        """Whether an image waits to be sent, before so many seconds without a change are over."""
        while True:
            seen = self._changes.number
            if any(one.id not in self._sent for one in self._records.waiting()):
                return True
            if not await self._changes.after(seen, seconds):
                return False


def make_client(address: str) -> AsyncDensaClient:
    """A client for people who wait: urgent, and patient while the gateway is away."""
    return AsyncDensaClient(address, ClientOptions(lane="STAT", reconnect_for=86400.0))
