"""The classifier that runs an ONNX graph: windows of many images in, one answer per image out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.common.classification import (
    Assessment,
    Call,
    Classification,
    Location,
    ModelIdentity,
)
from services.common.errors import InternalError
from services.inference.classifier import PreparedImage
from services.inference.manifest import OUTPUTS, BundleManifest
from services.inference.onnx_model import ACTIVATION_MAPS, LOCATIONS, PRESENCE, OnnxModel
from services.inference.preparation import prepare_image
from services.inference.preprocessing import ModelInput
from services.inference.settings import InferenceSettings


@dataclass(frozen=True, slots=True, eq=False)
class WindowAnswers:
    """What the graph says about each of the K windows of one image."""

    probabilities: NDArray[np.float32]
    """[K, 5] in the order of OUTPUTS; an image's answer is the maximum over its windows."""
    maps: NDArray[np.float32]
    """[K, 5, h, w]: where in the window the evidence for each output lies."""


@dataclass(frozen=True, slots=True)
class OnnxClassifier:
    """Implements `Classifier` with a loaded model. `load_classifier` makes one that was checked."""

    manifest: BundleManifest
    identity: ModelIdentity
    model: OnnxModel
    settings: InferenceSettings

    @property
    def provider(self) -> str:
        """What the model runs on: cpu or cuda."""
        return self.model.provider

    @property
    def model_input(self) -> ModelInput:
        """Size and scale of a window."""
        return ModelInput(self.manifest.input.size, self.manifest.input.pixel_size_nm)

    def prepare(self, image: bytes, pixel_size_nm: float | None) -> PreparedImage:
        """Bytes to windows; raises InvalidImage. See `Classifier.prepare`."""
        settings = self.settings
        return prepare_image(
            image, pixel_size_nm, self.model_input, settings.limits, settings.max_windows
        )

    def classify(self, prepared: Sequence[PreparedImage]) -> list[Classification]:
        """Run all windows in batches of at most `max_batch`; an image is the maximum of its own."""
        if not prepared:
            return []
        pixels = np.concatenate([image.windows.pixels for image in prepared])
        probabilities = np.empty((len(pixels), len(OUTPUTS)), np.float32)
        seconds = np.empty(len(pixels))
        for start in range(0, len(pixels), self.settings.max_batch):
            batch = slice(start, start + self.settings.max_batch)
            began = time.perf_counter()
            presence, locations = self.model.run(pixels[batch])
            seconds[batch] = time.perf_counter() - began
            probabilities[batch, 0] = presence
            probabilities[batch, 1:] = locations
        if not np.isfinite(probabilities).all():
            raise InternalError("The model gave a probability that is not a number.")
        answers, end = [], 0
        for image in prepared:
            start, end = end, end + len(image.windows.pixels)
            # Every max_batch-th window is the first of a run.
            runs = np.unique(np.arange(start, end) // self.settings.max_batch)
            spent = float(seconds[runs * self.settings.max_batch].sum())
            answers.append(self._answer(image, probabilities[start:end].max(axis=0), spent))
        return answers

    def look_closer(self, prepared: PreparedImage) -> WindowAnswers:
        """Probabilities and activation maps of each window of one image."""
        pixels = prepared.windows.pixels
        runs = [
            self.model.run(
                pixels[start : start + self.settings.max_batch],
                (PRESENCE, LOCATIONS, ACTIVATION_MAPS),
            )
            for start in range(0, len(pixels), self.settings.max_batch)
        ]
        presence, locations, maps = (np.concatenate(part) for part in zip(*runs, strict=True))
        if not (np.isfinite(presence).all() and np.isfinite(locations).all()):
            raise InternalError("The model gave a probability that is not a number.")
        return WindowAnswers(np.concatenate([presence[:, None], locations], axis=1), maps)

    def _answer(
        self, image: PreparedImage, probabilities: NDArray[np.float32], seconds: float
    ) -> Classification:
        thresholds = self.manifest.thresholds
        assessments = {
            output: _assess(float(probability), thresholds[output])
            for output, probability in zip(OUTPUTS, probabilities, strict=True)
        }
        presence = assessments["presence"]
        return Classification(
            presence=presence,
            locations={
                location: _consistent(assessments[location.value], presence)
                for location in Location
            },
            input=image.summary,
            model=self.identity,
            findings=image.findings,
            decode_seconds=image.decode_seconds,
            inference_seconds=seconds,
            notice=self.manifest.notice,
        )


def _assess(probability: float, threshold: float) -> Assessment:
    call = Call.POSITIVE if probability >= threshold else Call.NEGATIVE
    return Assessment(probability, call)


def _consistent(location: Assessment, presence: Assessment) -> Assessment:
    """A deposit is not called somewhere where none is called at all.

    Each output has a threshold of its own, so the numbers alone would allow it.
    """
    return location if presence.call is Call.POSITIVE else replace(location, call=Call.NEGATIVE)
