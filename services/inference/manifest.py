"""What a model bundle says about itself: the model of `manifest.json`, read and written here only.

A bundle is a directory `<name>/<version>/` with `model.onnx`, this manifest, a
model card and golden images. The manifest holds the digest of every other
file, so the digest of its own bytes stands for the whole bundle.
"""

import hashlib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    JsonValue,
    StringConstraints,
    model_validator,
)

from services.common.classification import NOTICE, Location
from services.inference.case_coefficients import CaseCoefficients

MANIFEST_FILE, MODEL_FILE, CARD_FILE = "manifest.json", "model.onnx", "MODEL_CARD.md"

#: Names of the probabilities a model gives, in the order of every table.
OUTPUTS: tuple[str, ...] = ("presence", *(location.value for location in Location))


def _inside(path: str) -> str:
    """`path`, if it is a plain relative path that cannot leave the bundle."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or str(pure) != path or "\\" in path:
        msg = f"{path!r} is not a plain path relative to the bundle"
        raise ValueError(msg)
    return path


def _one_per_output(values: dict[str, float]) -> dict[str, float]:
    """`values`, if it has exactly one entry per output."""
    if set(values) != set(OUTPUTS):
        msg = f"expected exactly {', '.join(OUTPUTS)}; got {', '.join(sorted(values)) or 'nothing'}"
        raise ValueError(msg)
    return values


Probability = Annotated[float, Field(ge=0.0, le=1.0)]
PerOutput = Annotated[dict[str, Probability], AfterValidator(_one_per_output)]
BundlePath = Annotated[str, AfterValidator(_inside)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InputContract(_Frozen):
    """What one window given to the graph is."""

    size: Annotated[int, Field(ge=32, le=2048)]
    """Edge of the square window in pixels."""
    pixel_size_nm: Annotated[FiniteFloat, Field(gt=0.0)]
    """Edge of one pixel of the window in nanometres."""
    preprocessing: str
    """Version of the preprocessing the model was trained with."""


class Calibration(_Frozen):
    """How the probabilities were calibrated. For the reader: the graph already applies it."""

    method: str
    parameters: dict[str, JsonValue]


class GoldenImage(_Frozen):
    """An image of the bundle and the answer it must get."""

    file: BundlePath
    pixel_size_nm: Annotated[FiniteFloat, Field(gt=0.0)]
    probabilities: PerOutput
    int8: PerOutput | None = None
    """What the int8 graph must answer, where the bundle has one."""


class Golden(_Frozen):
    """Images that are classified at load; other answers than these mean a broken installation."""

    tolerance: Annotated[float, Field(gt=0.0, le=0.1)]
    """Largest difference of a probability that is still the same answer."""
    images: Annotated[tuple[GoldenImage, ...], Field(min_length=1)]


class OutputMetrics(_Frozen):
    """How good one output was on held-out cases; the interval is of the AUC, 95 %."""

    auc: Probability
    auc_low: Probability
    auc_high: Probability
    accuracy: Probability
    positives: Annotated[int, Field(ge=0)]
    negatives: Annotated[int, Field(ge=0)]


class Int8Graph(_Frozen):
    """A second graph with 8-bit products, for CPUs; all figures beside the fp32 graph."""

    file: BundlePath
    speed: Annotated[FiniteFloat, Field(gt=0.0)]
    """Windows per second on one thread, as a multiple of the fp32 graph's in the same run."""
    probability_change: Probability
    """Largest change of a probability on held-out images."""
    auc_change: dict[str, Probability]
    """|change| of the AUC by output; without those that could not be measured."""
    golden_tolerance: Annotated[float, Field(gt=0.0, le=0.1)]
    ood_threshold: Annotated[FiniteFloat, Field(gt=0.0)] | None = None
    """As the manifest's, for this graph's scores."""


class BundleManifest(_Frozen):
    """The whole of `manifest.json`. Unknown fields are an error: they may carry meaning."""

    format: Literal[1] = 1
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    version: Annotated[
        str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+([-+.][0-9A-Za-z.-]+)?$")
    ]
    description: str
    create_time: AwareDatetime
    input: InputContract
    thresholds: PerOutput
    """From this probability on the call is positive."""
    abstain: dict[str, tuple[Probability, Probability]] = {}
    """By output: from the first probability to below the second, nothing is called."""
    ood_threshold: Annotated[FiniteFloat, Field(gt=0.0)] | None = None
    """Above this median `ood_score` of its windows an image is unlike the training images."""
    int8: Int8Graph | None = None
    """The graph for CPUs; model.onnx stays the reference."""
    case: CaseCoefficients | None = None
    """None where the rule was not fitted: case results then say so."""
    calibration: Calibration
    files: dict[BundlePath, Digest]
    """Digest of every file of the bundle but the manifest."""
    golden: Golden
    metrics: dict[
        Literal["presence", "mesangial", "subepithelial", "intramembranous", "subendothelial"],
        OutputMetrics,
    ]
    """By output; empty where the model was not evaluated."""
    provenance: dict[str, JsonValue]
    """Data, seed, versions, commit: how to make the model again."""
    notice: str = NOTICE

    @model_validator(mode="after")
    def _files_are_listed(self) -> Self:
        needed = [MODEL_FILE, *(image.file for image in self.golden.images)]
        needed += [] if self.int8 is None else [self.int8.file]
        missing = [name for name in needed if name not in self.files]
        if missing:
            msg = f"no digest in `files` for {', '.join(missing)}"
            raise ValueError(msg)
        if self.int8 is not None and any(image.int8 is None for image in self.golden.images):
            msg = "each golden image needs the answers of the int8 graph"
            raise ValueError(msg)
        if MANIFEST_FILE in self.files:
            msg = f"{MANIFEST_FILE} cannot hold its own digest"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _zones_hold_their_thresholds(self) -> Self:
        for output, (low, high) in self.abstain.items():
            if output not in OUTPUTS or not low <= self.thresholds[output] <= high:
                msg = f"abstain: {output} {low} to {high} is no zone round an output's threshold"
                raise ValueError(msg)
        return self


def digest_of(content: bytes) -> str:
    """`sha256:` and the hex digest of `content`."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def digest_files(root: Path) -> dict[str, str]:
    """Digest of every file below the bundle directory `root` but the manifest, by relative path."""
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    names = {path.relative_to(root).as_posix(): path for path in paths}
    return {
        name: digest_of(path.read_bytes()) for name, path in names.items() if name != MANIFEST_FILE
    }


def write_manifest(root: Path, manifest: BundleManifest) -> str:
    """Write `manifest` into the bundle directory `root`; the digest of the bundle."""
    content = manifest.model_dump_json(indent=2).encode() + b"\n"
    (root / MANIFEST_FILE).write_bytes(content)
    return digest_of(content)
