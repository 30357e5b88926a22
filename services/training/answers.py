"""Answers for files, as a service would give them: whole path from bytes to numbers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.common.classification import PixelSizeSource
from services.common.errors import InvalidImage
from services.inference.bundle import load_classifier
from services.inference.classifier import PreparedImage
from services.inference.manifest import MODEL_FILE, OUTPUTS
from services.inference.preparation import prepare_image
from services.inference.preprocessing import Box
from services.inference.settings import InferenceSettings
from services.training.calibration import Scaling, unscaled_marginals
from services.training.config import TrainConfig
from services.training.manifest import Record

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a model says about one micrograph, cut into K windows."""

    probabilities: Floats
    """[5] marginal, in the order of LABELS."""
    uncalibrated: Floats | None
    """[5] the same before calibration; None where that is not known."""
    maps: NDArray[np.float32]
    """[K, 5, h, w]: where in each window the evidence lies."""
    boxes: tuple[Box, ...]
    """Where each window lies, in pixels of the file."""
    pixel_size_nm: float | None
    """As the manifest or the file states it; None where it was assumed."""


class Answerer(Protocol):
    """Something that can be evaluated."""

    @property
    def name(self) -> str:
        """How reports call it."""
        ...

    @property
    def thresholds(self) -> dict[str, float]:
        """From which probability on each output is called positive."""
        ...

    @property
    def about(self) -> dict[str, Any]:
        """What else a report says about it: which graph it is, and what it was trained on."""
        ...

    def answer(self, records: Iterable[Record]) -> Iterator[Answer]:
        """An answer for each record, in order. Raises InvalidImage, OSError."""
        ...


class BundleAnswerer:
    """A bundle, verified and run exactly as a worker does."""

    def __init__(self, bundle: Path, threads: int = 0) -> None:
        """Raises BundleError where the bundle must not serve."""
        settings = InferenceSettings(bundle=bundle, provider="cpu", graph="fp32", threads=threads)
        self._classifier = load_classifier(bundle, settings)
        manifest = self._classifier.manifest
        self._scaling = Scaling.from_parameters(manifest.calibration.parameters)

    @property
    def name(self) -> str:
        """Name and version."""
        return f"{self._classifier.identity.name} {self._classifier.identity.version}"

    @property
    def thresholds(self) -> dict[str, float]:
        """Those of the bundle."""
        return dict(self._classifier.manifest.thresholds)

    @property
    def about(self) -> dict[str, Any]:
        """The digest of its graph and that of the data it was trained on.

        Not that of the bundle: the bundle holds the report, so its digest changes with it.
        """
        manifest = self._classifier.manifest
        return {
            "graph_digest": manifest.files[MODEL_FILE],
            "trained_on": manifest.provenance.get("data_digest"),
        }

    def answer(self, records: Iterable[Record]) -> Iterator[Answer]:
        """One image at a time."""
        for record in records:
            prepared = _prepared(record, self._classifier.prepare)
            windows = self._classifier.look_closer(prepared)
            each = windows.probabilities.astype(np.float64)
            before = None if self._scaling is None else unscaled_marginals(each, self._scaling)
            yield _answer(prepared, each, before, windows.maps)


class CheckpointAnswerer:
    """A checkpoint of a run: the same preparation, torch instead of ONNX, not calibrated."""

    def __init__(self, checkpoint: Path) -> None:
        """Raises OSError, or ValueError for what is no checkpoint."""
        from services.training.checkpoint import load_network

        self._path = checkpoint
        self._network = load_network(checkpoint)
        self._config = TrainConfig.load(checkpoint.parent / "config.json")

    @property
    def name(self) -> str:
        """The file."""
        return f"checkpoint {self._path.parent.name}/{self._path.name}"

    @property
    def thresholds(self) -> dict[str, float]:
        """One half: a checkpoint has no chosen thresholds."""
        return dict.fromkeys(OUTPUTS, 0.5)

    @property
    def about(self) -> dict[str, Any]:
        """Nothing: a run's folder says it."""
        return {}

    def answer(self, records: Iterable[Record]) -> Iterator[Answer]:
        """One image at a time."""
        import torch

        from services.training.loop import image_tensor
        from services.training.network import marginal

        limits = InferenceSettings().limits
        for record in records:
            prepared = _prepared(
                record,
                lambda content, size: prepare_image(
                    content, size, self._config.model_input, limits
                ),
            )
            with torch.inference_mode():
                evidence = self._network(image_tensor(list(prepared.windows.pixels)))
                each = marginal(evidence.logits).numpy().astype(np.float64)
            yield _answer(prepared, each, None, evidence.maps.numpy())


def open_answerer(model: Path) -> Answerer:
    """A bundle directory or a checkpoint file."""
    return CheckpointAnswerer(model) if model.suffix == ".pt" else BundleAnswerer(model)


def _prepared(
    record: Record, prepare: Callable[[bytes, float | None], PreparedImage]
) -> PreparedImage:
    """The windows of a record's file; an error names the file."""
    try:
        return prepare(record.path.read_bytes(), record.pixel_size_nm)
    except InvalidImage as error:
        message = f"{record.path}: {error.message}"
        raise InvalidImage(message, reason=error.reason, field=error.field) from error


def _answer(
    prepared: PreparedImage, each: Floats, before: Floats | None, maps: NDArray[np.float32]
) -> Answer:
    """Each output of an image is the largest of its windows."""
    summary = prepared.summary
    assumed = summary.pixel_size_source is PixelSizeSource.ASSUMED
    return Answer(
        probabilities=each.max(axis=0),
        uncalibrated=None if before is None else before.max(axis=0),
        maps=maps,
        boxes=prepared.windows.boxes,
        pixel_size_nm=None if assumed else summary.pixel_size_nm,
    )
