"""The classifier that runs an ONNX graph: windows of many images in, one answer per image out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.common.classification import Classification, HeatMap, ModelIdentity
from services.common.errors import InternalError
from services.inference.calls import call_outputs
from services.inference.classifier import Prepare, PreparedImage
from services.inference.heat_maps import field_maps
from services.inference.manifest import OUTPUTS, BundleManifest
from services.inference.onnx_model import (
    ACTIVATION_MAPS,
    LOCATIONS,
    OOD_SCORE,
    PRESENCE,
    OnnxModel,
)
from services.inference.preparation import prepare_image
from services.inference.preprocessing import ModelInput
from services.inference.quality import look_at_familiarity
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
    ood_threshold: float | None = None
    """Of the graph that `model` runs."""
    graph: str = "fp32"
    """Which of the bundle's graphs that is: fp32 or int8."""
    read: Prepare = prepare_image
    """Reads images, in this process or elsewhere."""

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
        return self.read(
            image, pixel_size_nm, self.model_input, settings.limits, settings.max_windows
        )

    def classify(self, prepared: Sequence[PreparedImage]) -> list[Classification]:
        """Run all windows in batches of at most `max_batch`; an image is the maximum of its own."""
        if not prepared:
            return []
        pixels = np.concatenate([image.windows.pixels for image in prepared])
        probabilities = np.empty((len(pixels), len(OUTPUTS)), np.float32)
        unlike = np.empty(len(pixels), np.float32)
        seconds = np.empty(len(pixels))
        for start in range(0, len(pixels), self.settings.max_batch):
            batch = slice(start, start + self.settings.max_batch)
            began = time.perf_counter()
            presence, locations, unlike[batch] = self.model.run(
                pixels[batch], (PRESENCE, LOCATIONS, OOD_SCORE)
            )
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
            # The median: one empty corner of a field does not make it strange.
            score = float(np.median(unlike[start:end]))
            answers.append(self._answer(image, probabilities[start:end].max(axis=0), score, spent))
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

    def heat_maps(self, prepared: PreparedImage, wanted: Sequence[str]) -> tuple[HeatMap, ...]:
        """Where the evidence lies. See `Classifier.heat_maps`."""
        maps = self.look_closer(prepared).maps
        summary = prepared.summary
        return field_maps(
            maps, prepared.windows.boxes, summary.width, summary.analysed_height, wanted
        )

    def _answer(
        self,
        image: PreparedImage,
        probabilities: NDArray[np.float32],
        score: float,
        seconds: float,
    ) -> Classification:
        named = dict(zip(OUTPUTS, probabilities.tolist(), strict=True))
        presence, locations = call_outputs(named, self.manifest)
        return Classification(
            presence=presence,
            locations=locations,
            input=image.summary,
            model=self.identity,
            findings=(*image.findings, *look_at_familiarity(score, self.ood_threshold)),
            decode_seconds=image.decode_seconds,
            inference_seconds=seconds,
            notice=self.manifest.notice,
        )
