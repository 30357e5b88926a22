"""Classifier without a model: images are short texts that say what becomes of them."""

import base64
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from services.common.classification import (
    Assessment,
    Call,
    Classification,
    HeatMap,
    InputSummary,
    Location,
    ModelIdentity,
    PixelSizeSource,
)
from services.common.errors import InvalidImage
from services.inference.classifier import PreparedImage
from services.inference.manifest import (
    OUTPUTS,
    BundleManifest,
    Calibration,
    Golden,
    GoldenImage,
    InputContract,
)
from services.inference.preprocessing import Windows

IDENTITY = ModelIdentity("fake", "0.0.1", "sha256:" + "0" * 64)

UNREADABLE = b"unreadable"
"""Preparing it raises InvalidImage."""

CRASHING = b"crashing"
"""Preparing it raises an error nobody foresaw."""

POISON = b"poison"
"""It can be prepared; every model run that holds it fails."""


def grey(level: int, windows: int = 1) -> bytes:
    """An image whose presence probability is level / 255, cut into `windows` windows."""
    return f"grey {level} {windows}".encode()


class FakeClassifier:
    """See services.inference.classifier.Classifier."""

    identity = IDENTITY
    provider = "fake"

    def __init__(self) -> None:
        self.runs: list[int] = []
        """Images in each call of classify, failed ones included."""
        self.prepared: list[bytes] = []
        self._lock = threading.Lock()

    @property
    def manifest(self) -> BundleManifest:
        """See Classifier."""
        return manifest()

    def prepare(self, image: bytes, pixel_size_nm: float | None) -> PreparedImage:
        """See Classifier."""
        with self._lock:
            self.prepared.append(image)
        if image == CRASHING:
            raise RuntimeError("a bug in a decoder")
        level, count = 0, 1
        match image.split():
            case [b"grey", first, second]:
                level, count = int(first), int(second)
            case _ if image != POISON:
                raise InvalidImage("These bytes cannot be read.", reason="CORRUPT_IMAGE")
        pixels = np.full((count, 1, 1, 1), level, np.uint8)
        source = PixelSizeSource.ASSUMED if pixel_size_nm is None else PixelSizeSource.REQUEST
        summary = InputSummary("PNG", 1, 1, 8, "grey", 1, pixel_size_nm or 46.0, source, 1, count)
        cut = Windows(pixels, (), pixel_size_nm or 46.0, assumed=pixel_size_nm is None)
        # A poisoned image is known by its impossible duration.
        return PreparedImage(cut, summary, (), -1.0 if image == POISON else 0.0)

    def classify(
        self, prepared: Sequence[PreparedImage], heat_maps: Sequence[Sequence[str]] = ()
    ) -> list[Classification]:
        """See Classifier. A heat map has one cell, as bright as the image."""
        self.runs.append(len(prepared))
        if any(image.decode_seconds < 0 for image in prepared):
            raise RuntimeError("a bug in the model's runtime")
        wanted = heat_maps or [()] * len(prepared)
        return [
            replace(
                classification(int(one.windows.pixels.max()), one.summary),
                heat_maps=_heat_maps(one, outputs) if outputs else None,
            )
            for one, outputs in zip(prepared, wanted, strict=True)
        ]


def _heat_maps(prepared: PreparedImage, wanted: Sequence[str]) -> tuple[HeatMap, ...]:
    value = base64.b64encode(bytes([int(prepared.windows.pixels.max())])).decode()
    return tuple(HeatMap(one, 1, 1, value, 0.0, 1.0) for one in OUTPUTS if one in wanted)


def classification(level: int, summary: InputSummary | None = None) -> Classification:
    """The answer for an image of that grey."""
    probability = level / 255
    assessment = Assessment(probability, Call.POSITIVE if level >= 128 else Call.NEGATIVE)
    return Classification(
        presence=assessment,
        locations=dict.fromkeys(Location, assessment),
        input=summary
        or InputSummary("PNG", 1, 1, 8, "grey", 1, 46.0, PixelSizeSource.ASSUMED, 1, 1),
        model=IDENTITY,
    )


def manifest() -> BundleManifest:
    """The least a manifest may say."""
    digest = "sha256:" + "0" * 64
    golden = GoldenImage(
        file="golden/a.png", pixel_size_nm=46.0, probabilities=dict.fromkeys(OUTPUTS, 0.0)
    )
    return BundleManifest(
        name=IDENTITY.name,
        version=IDENTITY.version,
        description="A stand-in.",
        create_time=datetime(2026, 1, 1, tzinfo=UTC),
        input=InputContract(size=224, pixel_size_nm=46.0, preprocessing="1"),
        thresholds=dict.fromkeys(OUTPUTS, 0.5),
        calibration=Calibration(method="none", parameters={}),
        files={"model.onnx": digest, "golden/a.png": digest},
        golden=Golden(tolerance=1e-5, images=(golden,)),
        metrics={},
        provenance={"data": "none"},
    )
