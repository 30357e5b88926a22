"""Forgets images: one, or all of an upload."""

from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.web.changes import Changes
from services.web.records import Records


class Removals:
    """Deletes images with all that is known of them.

    Args:
        records: Where they are remembered.
        directories: Of files that are named after images.
        changes: Told of it.
    """

    def __init__(self, records: Records, directories: Sequence[Path], changes: Changes) -> None:
        self._records = records
        self._directories = directories
        self._changes = changes

    async def image(self, request: Request) -> Response:
        """DELETE of one image."""
        image = request.path_params["id"]
        if not self._records.has(image):
            return JSONResponse({"error": "There is no such image."}, 404)
        return self._forget([image])

    async def upload(self, request: Request) -> Response:
        """DELETE of the images that were given together."""
        images = self._records.of_upload(request.path_params["id"])
        if not images:
            return JSONResponse({"error": "There is no such upload."}, 404)
        return self._forget(images)

    def _forget(self, images: Sequence[str]) -> Response:
        self._records.delete(*images)
        for image in images:
            remove_files(self._directories, image)
        self._changes.notify()
        return Response(status_code=204)


def remove_files(directories: Sequence[Path], image: str) -> None:
    """The file of an image and its previews, where they are."""
    for directory in directories:
        for name in (image, f"{image}.jpg", f"{image}.small.jpg"):
            (directory / name).unlink(missing_ok=True)
