"""Finishing a bundle: golden answers, digests, manifest. Training writes bundles through this."""

from pathlib import Path

from services.common.classification import ModelIdentity
from services.inference.golden import classify_golden
from services.inference.manifest import (
    MODEL_FILE,
    BundleManifest,
    Golden,
    digest_files,
    write_manifest,
)
from services.inference.onnx_classifier import OnnxClassifier
from services.inference.onnx_model import OnnxModel
from services.inference.settings import InferenceSettings


def seal_bundle(root: Path, draft: BundleManifest) -> str:
    """Write the manifest of the bundle directory `root`, which holds every other file already.

    Of `draft`, the golden probabilities and the digests are replaced by what
    the graphs answer and what the files are. Returns the bundle's digest.
    """
    answers = {"probabilities": _golden_answers(root, draft, MODEL_FILE)}
    if draft.int8 is not None:
        answers["int8"] = _golden_answers(root, draft, draft.int8.file)
    images = tuple(
        image.model_copy(update={field: each[index] for field, each in answers.items()})
        for index, image in enumerate(draft.golden.images)
    )
    golden = Golden(tolerance=draft.golden.tolerance, images=images)
    return write_manifest(
        root, draft.model_copy(update={"golden": golden, "files": digest_files(root)})
    )


def _golden_answers(root: Path, draft: BundleManifest, file: str) -> list[dict[str, float]]:
    """What the graph `file` says about each golden image."""
    settings = InferenceSettings(bundle=root, provider="cpu")
    model = OnnxModel((root / file).read_bytes(), draft.input.size, settings)
    identity = ModelIdentity(draft.name, draft.version, digest="")
    classifier = OnnxClassifier(draft, identity, model, settings)
    return [classify_golden(classifier, root, image) for image in draft.golden.images]
