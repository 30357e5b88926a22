"""What is sent: a micrograph's bytes or path, and what is known about it."""

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from services.client.errors import InvalidRequest, UnreadableFile

LONGEST_ID = 128
"""Characters of an image_id, as the contract has it."""


@dataclass(frozen=True, slots=True)
class Image:
    """A micrograph to classify.

    Args:
        source: The file's bytes, or its path: then it is read when its turn
            comes, so that a million paths cost no memory.
        image_id: Identifies it among those sent with it, at most 128 characters.
            Empty: made from the file's name.
        case_id: Groups the micrographs of one biopsy.
        pixel_size_nm: Edge of one pixel in nanometres. Overrides what the file says.
        magnification: Nominal magnification, kept for the record.
        labels: At most 16 free labels.
        heat_maps: Outputs for which heat maps are wanted: `presence` and the
            names of locations. OUTPUTS names all.
    """

    source: bytes | Path
    image_id: str = ""
    case_id: str = ""
    pixel_size_nm: float | None = None
    magnification: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    heat_maps: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path as it was given; empty for bytes."""
        return str(self.source) if isinstance(self.source, Path) else ""

    def read(self, limit: int | None) -> bytes:
        """The file's bytes, from disk where a path was given. Blocks.

        Raises:
            UnreadableFile: The file is not there or may not be read.
            InvalidRequest: It has more than `limit` bytes, IMAGE_TOO_LARGE; it was not read.
        """
        if isinstance(self.source, bytes):
            self._check_size(len(self.source), limit)
            return self.source
        try:
            state = self.source.stat()
            if stat.S_ISFIFO(state.st_mode) or stat.S_ISCHR(state.st_mode):
                # Reading could wait for ever, or never end.
                raise UnreadableFile(f"{self.source} is a pipe or a device.", field="image")
            self._check_size(state.st_size, limit)
            return self.source.read_bytes()
        except OSError as error:
            raise UnreadableFile(
                f"Cannot read {self.source}: {error.strerror or error}.", field="image"
            ) from error

    def _check_size(self, size: int, limit: int | None) -> None:
        if limit is not None and size > limit:
            raise InvalidRequest(
                f"{self.path or self.image_id} has {size:,} bytes; the service takes at most "
                f"{limit:,}. Nothing was sent. Compress it without loss (PNG, TIFF with LZW).",
                reason="IMAGE_TOO_LARGE",
                field="image",
            )


def as_image(given: Image | Path | str | bytes) -> Image:
    """What a caller may pass for a micrograph, as an Image. Text is a path."""
    if isinstance(given, Image):
        return given
    return Image(given if isinstance(given, bytes) else Path(given))


class ImageIds:
    """Gives every image of a job an id that is valid and its own.

    Deterministic: the same names in the same order get the same ids, so that
    sending a folder a second time means the same micrographs. It remembers the
    ids it gave, about a hundred bytes per image.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, image_id: str) -> bool:
        """Take an id that a caller chose. False where it was taken before."""
        if image_id in self._taken:
            return False
        self._taken.add(image_id)
        return True

    def make(self, name: str) -> str:
        """An id from a name, for example a relative path: shortened, numbered where taken."""
        valid = _valid(name)
        candidate, number = valid, 1
        while not self.claim(candidate):
            number += 1
            candidate = _shortened(f"{valid}~{number}")
        return candidate

    def identified(self, image: Image) -> Image:
        """The image with an id; where it has one already, unchanged."""
        if image.image_id:
            return image
        name = image.source.name if isinstance(image.source, Path) else "image"
        return replace(image, image_id=self.make(name))


def _valid(name: str) -> str:
    # Names on disk may hold anything, also bytes that are no text: lone
    # surrogates, which protobuf refuses.
    text = name.encode("utf-8", "replace").decode("utf-8")
    return _shortened("".join(c if c.isprintable() else "_" for c in text) or "image")


def _shortened(name: str) -> str:
    """At most LONGEST_ID characters: the end of a path tells more than its beginning."""
    if len(name) <= LONGEST_ID:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{digest}~{name[-(LONGEST_ID - 9) :]}"
