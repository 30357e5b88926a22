"""Pictures that a browser can show, made of untrusted files by a helper process with limits."""

import asyncio
import sys
from pathlib import Path

SECONDS = 60.0
"""A file that takes longer has no preview. The helper gives way to others: it may take its time."""

AT_ONCE = 2


class Previews:
    """Makes a preview when it is first asked for.

    Args:
        files: Where the images are.
        previews: Where their pictures are kept, a large and a small one of each.
    """

    def __init__(self, files: Path, previews: Path) -> None:
        self._files = files
        self._previews = previews
        self._room = asyncio.Semaphore(AT_ONCE)

    async def get(self, image: str, *, small: bool = False) -> Path | None:
        """The preview's JPEG, or that for a list; None where the file cannot be shown."""
        whole, listed = self._previews / f"{image}.jpg", self._previews / f"{image}.small.jpg"
        preview = listed if small else whole
        if preview.is_file():
            return preview
        if not (self._files / image).is_file():
            return None
        async with self._room:
            if not preview.is_file():
                await self._make(self._files / image, whole, listed)
        return preview if preview.is_file() else None

    async def _make(self, source: Path, *targets: Path) -> None:
        helper = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "services.web.preview_process"),
            *(source, *targets),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await asyncio.wait_for(helper.wait(), SECONDS)
        except TimeoutError:
            pass
        finally:
            if helper.returncode is None:
                helper.kill()
                await helper.wait()
