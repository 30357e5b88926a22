"""Takes images from whatever the caller passed and reads their bytes, one at a time."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from pathlib import Path

from densa.v1.classification_service_pb2 import ClassifyMicrographsRequest

from services.client.converters import to_stream_request
from services.client.errors import DensaError, ImageConflict, InvalidRequest
from services.client.images import Image, ImageIds, as_image
from services.client.results import MicrographResult

Given = Image | Path | str | bytes


class ImageReader:
    """The caller's images, lazily. What cannot be sent becomes a result that says so.

    Args:
        images: Iterable or asynchronous iterable; an ordinary one is advanced
            in a thread, for it may block (a folder being walked, a camera).
        limit: Most bytes of one image that the service takes; None where unknown.
    """

    def __init__(self, images: Iterable[Given] | AsyncIterable[Given], limit: int | None) -> None:
        self._images: Iterator[Given] | AsyncIterator[Given] = (
            aiter(images) if isinstance(images, AsyncIterable) else iter(images)
        )
        self._limit = limit
        self._ids = ImageIds()

    async def take(self) -> tuple[Image, ClassifyMicrographsRequest] | MicrographResult | None:
        """The next image and its message, or why it cannot be sent; None after the last."""
        if isinstance(self._images, AsyncIterator):
            given = await anext(self._images, None)
            return await asyncio.to_thread(self._prepare, given)
        return await asyncio.to_thread(self._advance, self._images)

    def _advance(
        self, images: Iterator[Given]
    ) -> tuple[Image, ClassifyMicrographsRequest] | MicrographResult | None:
        return self._prepare(next(images, None))

    def _prepare(
        self, given: Given | None
    ) -> tuple[Image, ClassifyMicrographsRequest] | MicrographResult | None:
        if given is None:
            return None
        image = as_image(given)
        try:
            image = self._identified(image)
            return image, to_stream_request(image, image.read(self._limit))
        except DensaError as error:
            return MicrographResult(image.image_id, image.case_id, error=error, path=image.path)

    def _identified(self, image: Image) -> Image:
        try:
            image.image_id.encode()
        except UnicodeEncodeError as error:
            raise InvalidRequest(
                f"image_id {image.image_id!a} is no valid text.",
                reason="INVALID_IMAGE_ID",
                field="image_id",
            ) from error
        if image.image_id and not self._ids.claim(image.image_id):
            raise ImageConflict(
                f"image_id {image.image_id!r} was given to two images; each needs its own.",
                field="image_id",
            )
        return self._ids.identified(image)
