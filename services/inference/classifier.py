"""The port of the room: what a classifier does, in plain vocabulary and no framework.

Two steps, so that a caller can decode images in threads while the model runs
others, and fill its batches across images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.common.classification import (
    Classification,
    Finding,
    InputSummary,
    ModelIdentity,
)
from services.inference.decoding import DecodeLimits
from services.inference.manifest import BundleManifest
from services.inference.preprocessing import ModelInput, Windows


@dataclass(frozen=True, slots=True, eq=False)
class PreparedImage:
    """A micrograph that was read and cut into windows, ready for the model."""

    windows: Windows
    """Its boxes and its pixel size are in pixels of the file."""
    summary: InputSummary
    findings: tuple[Finding, ...]
    decode_seconds: float
    """Wall time from bytes to windows."""
    pixel_size_tag: str = ""
    """Where in the file its pixel size stands, for logs; empty where it states none."""


class Prepare(Protocol):
    """Reads images: in this process (preparation.py) or in others (sandbox)."""

    def __call__(
        self,
        image: bytes,
        pixel_size_nm: float | None,
        model_input: ModelInput,
        limits: DecodeLimits,
        max_windows: int,
        /,
    ) -> PreparedImage:
        """Decode `image`, look at its quality, cut it into windows. Raises InvalidImage."""
        ...


class Classifier(Protocol):
    """Says whether and where a micrograph shows dense deposits. Threads may share it."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model answers."""
        ...

    @property
    def manifest(self) -> BundleManifest:
        """What the model's bundle says about it: input, thresholds, metrics."""
        ...

    @property
    def provider(self) -> str:
        """What the model runs on: cpu or cuda."""
        ...

    def prepare(self, image: bytes, pixel_size_nm: float | None) -> PreparedImage:
        """Read `image`, look at its quality, cut it into windows.

        `pixel_size_nm` is the edge of a pixel in nanometres where the sender
        knows it. Raises InvalidImage with a reason a person can act on.
        """
        ...

    def classify(
        self, prepared: Sequence[PreparedImage], heat_maps: Sequence[Sequence[str]] = ()
    ) -> list[Classification]:
        """The answers for `prepared`, in its order.

        Batch-mates do not change an answer by more than 1e-5 on the CPU.
        `heat_maps` names, for each image, the outputs whose heat maps are wanted; left out,
        nobody wants any. They come from the same run and change no probability. Names that are
        no outputs are left out.
        """
        ...
