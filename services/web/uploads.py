"""Takes one file: to the disk as it comes, into the records when it is whole."""

import asyncio
import os
import sqlite3
import uuid
from pathlib import Path
from typing import BinaryIO

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from services.web.changes import Changes
from services.web.records import NewImage, Records

LONGEST_NAME = 255
LONGEST_UPLOAD = 36
LONGEST_CASE = 128
SMALLEST_PIXEL_NM, LARGEST_PIXEL_NM = 0.05, 500.0
"""As the contract has them."""


class Refused(Exception):
    """A file that is not taken, and why."""


class Uploads:
    """Takes files."""

    def __init__(self, records: Records, files: Path, changes: Changes, max_bytes: int) -> None:
        self._records = records
        self._files = files
        self._changes = changes
        self._max_bytes = max_bytes
        self.under_way = 0
        """Files that are coming now: an open case may get one of them."""

    async def take(self, request: Request) -> JSONResponse:
        """POST with the file as its body.

        In the query its name, case and pixel size (nm), and what the files that were given
        together have in common: `upload`.
        """
        self.under_way += 1
        try:
            return await self._take(request)
        finally:
            self.under_way -= 1
            self._changes.notify()

    async def again(self, request: Request) -> JSONResponse:
        """POST: an image that has an error is asked about again."""
        image = request.path_params["id"]
        if not self._records.has(image):
            return JSONResponse({"error": "There is no such image."}, 404)
        if not self._records.failed(image) or not (self._files / image).is_file():
            return JSONResponse({"error": "It has an answer, or its file was removed."}, 409)
        self._records.ask_again(image)
        self._changes.notify()
        return JSONResponse({"id": image}, 202)

    async def _take(self, request: Request) -> JSONResponse:
        query, image = request.query_params, uuid.uuid4().hex
        part = self._files / f"{image}.part"
        try:
            pixel_size = _pixel_size(query.get("pixel_size_nm", ""))
            case_id = _clean(query.get("case", ""), LONGEST_CASE)
            with part.open("xb") as file:
                await self._receive(request, file)
            await asyncio.to_thread(_settle, part, self._files / image)
        except Refused as refused:
            return JSONResponse({"error": str(refused)}, 400)
        except ClientDisconnect:
            return JSONResponse({"error": "The upload was broken off."}, 400)
        finally:
            part.unlink(missing_ok=True)
        name = _clean(query.get("name", ""), LONGEST_NAME) or "image"
        upload = _clean(query.get("upload", ""), LONGEST_UPLOAD) or image
        try:
            self._records.add(NewImage(image, name, case_id, pixel_size, upload))
        except sqlite3.Error:
            (self._files / image).unlink()  # nobody knows of it
            raise
        return JSONResponse({"id": image}, 201)

    async def _receive(self, request: Request, file: BinaryIO) -> None:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self._max_bytes:
                raise Refused(
                    f"The file has more than {self._max_bytes:,} bytes. Compress it without loss "
                    "(PNG, TIFF with LZW)."
                )
            file.write(chunk)
        if size == 0:
            raise Refused("The file is empty.")
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())


def _settle(part: Path, file: Path) -> None:
    """A whole file under its own name, also after a loss of power."""
    part.replace(file)
    directory = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _pixel_size(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not SMALLEST_PIXEL_NM <= value <= LARGEST_PIXEL_NM:
        raise Refused(
            f"A pixel size is {SMALLEST_PIXEL_NM} to {LARGEST_PIXEL_NM:g} nm, or left empty."
        )
    return value


def _clean(text: str, longest: int) -> str:
    """Without characters that do not show, which could turn or hide text."""
    return "".join(c for c in text if c.isprintable())[:longest].strip()
