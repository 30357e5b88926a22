"""The classifier that runs an ONNX graph: windows of many images in, one answer per image out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import structlog
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

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class WindowAnswers:
    """What the graph says about each of K windows, of one image or of several."""

    probabilities: NDArray[np.float32]
    """[K, 5] in the order of OUTPUTS; an image's answer is the maximum over its windows."""
    unlike: NDArray[np.float32]
    """[K]: how unlike the training images the window is."""
    seconds: Sequence[float]
    """Wall time of each run; a run takes `max_batch` windows, the last one what is left."""
    maps: NDArray[np.float32]
    """[K, 5, h, w]: where in the window the evidence for each output lies; h and w are 0 where
    nobody asked."""


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

    def classify(
        self, prepared: Sequence[PreparedImage], heat_maps: Sequence[Sequence[str]] = ()
    ) -> list[Classification]:
        """Run all windows in batches of at most `max_batch`; an image is the maximum of its own."""
        if not prepared:
            return []
        found = self._run(prepared, maps=any(heat_maps))
        wanted = heat_maps or [()] * len(prepared)
        answers, end = [], 0
        for image, outputs in zip(prepared, wanted, strict=True):
            start, end = end, end + len(image.windows.pixels)
            answer = self._answer(image, found, slice(start, end))
            maps = _heat_maps(image, found.maps[start:end], outputs) if outputs else None
            answers.append(replace(answer, heat_maps=maps) if maps else answer)
        return answers

    def look_closer(self, prepared: PreparedImage) -> WindowAnswers:
        """Probabilities and activation maps of each window of one image."""
        return self._run([prepared], maps=True)

    def _run(self, prepared: Sequence[PreparedImage], *, maps: bool) -> WindowAnswers:
        """All windows. The maps are an output of the same run; asking for them costs a copy."""
        pixels = np.concatenate([image.windows.pixels for image in prepared])
        outputs = (PRESENCE, LOCATIONS, OOD_SCORE, *([ACTIVATION_MAPS] if maps else []))
        runs, seconds = [], []
        for start in range(0, len(pixels), self.settings.max_batch):
            began = time.perf_counter()
            runs.append(self.model.run(pixels[start : start + self.settings.max_batch], outputs))
            seconds.append(time.perf_counter() - began)
        presence, locations, unlike, *more = map(np.concatenate, zip(*runs, strict=True))
        probabilities = np.concatenate([presence[:, None], locations], axis=1)
        if not np.isfinite(probabilities).all():
            raise InternalError("The model gave a probability that is not a number.")
        nobody_asked = np.empty((len(pixels), len(OUTPUTS), 0, 0), np.float32)
        return WindowAnswers(probabilities, unlike, seconds, *(more or [nobody_asked]))

    def _answer(self, image: PreparedImage, found: WindowAnswers, own: slice) -> Classification:
        """What the windows of the slice `own` say of their image."""
        named = dict(zip(OUTPUTS, found.probabilities[own].max(axis=0).tolist(), strict=True))
        presence, locations = call_outputs(named, self.manifest)
        # The median: one empty corner of a field does not make it strange.
        score = float(np.median(found.unlike[own]))
        # Every max_batch-th window is the first of a run.
        runs = range(own.start // self.settings.max_batch, -(-own.stop // self.settings.max_batch))
        return Classification(
            presence=presence,
            locations=locations,
            input=image.summary,
            model=self.identity,
            findings=(*image.findings, *look_at_familiarity(score, self.ood_threshold)),
            decode_seconds=image.decode_seconds,
            inference_seconds=sum(found.seconds[run] for run in runs),
            notice=self.manifest.notice,
        )


def _heat_maps(
    image: PreparedImage, maps: NDArray[np.float32], wanted: Sequence[str]
) -> tuple[HeatMap, ...] | None:
    """Maps of its windows as grids over its field; None where that fails: the answer stands."""
    width, height = image.summary.width, image.summary.analysed_height
    try:
        return field_maps(maps, image.windows.boxes, width, height, wanted)
    except Exception:
        log.exception("heat_maps_failed")
        return None
