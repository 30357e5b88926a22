"""Probabilities for files, as a service would give them: whole path from bytes to numbers."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.inference.bundle import load_classifier
from services.inference.classifier import Classifier
from services.inference.golden import probabilities
from services.inference.manifest import OUTPUTS
from services.inference.preparation import prepare_image
from services.inference.settings import InferenceSettings
from services.training.config import TrainConfig
from services.training.manifest import Record

Floats = NDArray[np.float64]


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

    def answer(self, records: Iterable[Record]) -> Iterator[Floats]:
        """Marginal probabilities [5] for each record, in order. Raises InvalidImage, OSError."""
        ...


class BundleAnswerer:
    """A bundle, verified and run exactly as a worker does."""

    def __init__(self, bundle: Path, threads: int = 0) -> None:
        """Raises BundleError where the bundle must not serve."""
        settings = InferenceSettings(bundle=bundle, provider="cpu", graph="fp32", threads=threads)
        self._classifier: Classifier = load_classifier(bundle, settings)

    @property
    def name(self) -> str:
        """Name and version."""
        return f"{self._classifier.identity.name} {self._classifier.identity.version}"

    @property
    def thresholds(self) -> dict[str, float]:
        """Those of the bundle."""
        return dict(self._classifier.manifest.thresholds)

    def answer(self, records: Iterable[Record]) -> Iterator[Floats]:
        """One image at a time."""
        for record in records:
            prepared = self._classifier.prepare(record.path.read_bytes(), record.pixel_size_nm)
            found = probabilities(self._classifier.classify([prepared])[0])
            yield np.array([found[output] for output in OUTPUTS])


class CheckpointAnswerer:
    """A checkpoint of a run: the same preparation, torch instead of ONNX, not calibrated."""

    def __init__(self, checkpoint: Path) -> None:
        """Raises OSError or RuntimeError for what is no checkpoint."""
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

    def answer(self, records: Iterable[Record]) -> Iterator[Floats]:
        """One image at a time."""
        import torch

        from services.training.loop import image_tensor
        from services.training.network import marginal

        limits = InferenceSettings().limits
        for record in records:
            prepared = prepare_image(
                record.path.read_bytes(), record.pixel_size_nm, self._config.model_input, limits
            )
            with torch.inference_mode():
                evidence = self._network(image_tensor(list(prepared.windows.pixels)))
                largest = marginal(evidence.logits).max(dim=0).values
            yield largest.numpy().astype(np.float64)


def open_answerer(model: Path) -> Answerer:
    """A bundle directory or a checkpoint file."""
    return CheckpointAnswerer(model) if model.suffix == ".pt" else BundleAnswerer(model)
