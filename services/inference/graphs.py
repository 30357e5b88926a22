"""A verified bundle, and which of its graphs a machine runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.common.classification import ModelIdentity
from services.common.errors import BundleError
from services.inference.manifest import OUTPUTS, BundleManifest, Golden
from services.inference.settings import InferenceSettings

#: The int8 graph is taken without being asked for only where no AUC moved by more than this.
MOST_AUC_CHANGE = 0.002


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose every file has the digest its manifest names."""

    root: Path
    manifest: BundleManifest
    identity: ModelIdentity
    model: bytes
    """The graph, the very bytes that were verified."""
    int8: bytes | None = None
    """The graph for CPUs, where there is one; verified as well."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph to run, with what holds for its answers."""

    name: Literal["fp32", "int8"]
    model: bytes
    golden: Golden
    ood_threshold: float | None


def choose_graph(bundle: Bundle, settings: InferenceSettings) -> Graph:
    """The graph that `settings` ask for; left to choose, int8 on a CPU where it answers alike.

    Raises BundleError (BUNDLE_INVALID) where int8 is asked for and cannot be had.
    """
    manifest = bundle.manifest
    if settings.graph == "int8" and (bundle.int8 is None or settings.provider != "cpu"):
        raise BundleError(
            f"DENSA_INFERENCE_GRAPH asks for the int8 graph, but "
            f"{'it is for CPUs only' if bundle.int8 else f'{bundle.root} has none'}: "
            "set it to auto or fp32.",
            reason="BUNDLE_INVALID",
        )
    wanted = settings.graph == "int8" or (
        settings.graph == "auto" and settings.provider == "cpu" and int8_answers_alike(manifest)
    )
    if not wanted or bundle.int8 is None or manifest.int8 is None:
        return Graph("fp32", bundle.model, manifest.golden, manifest.ood_threshold)
    return Graph("int8", bundle.int8, int8_golden(manifest), manifest.int8.ood_threshold)


def int8_answers_alike(manifest: BundleManifest) -> bool:
    """Whether the int8 graph was measured on every output, and moved none by too much."""
    if manifest.int8 is None:
        return False
    changes = [manifest.int8.auc_change.get(output) for output in OUTPUTS]
    return all(change is not None and change <= MOST_AUC_CHANGE for change in changes)


def int8_golden(manifest: BundleManifest) -> Golden:
    """The golden images with the answers of the int8 graph, for a bundle that has one."""
    if manifest.int8 is None:
        raise ValueError("the bundle has no int8 graph")
    images = tuple(
        image.model_copy(update={"probabilities": image.int8}) for image in manifest.golden.images
    )
    return Golden(tolerance=manifest.int8.golden_tolerance, images=images)
