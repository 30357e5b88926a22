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
    the graph answers and what the files are. Returns the bundle's digest.
    """
    settings = InferenceSettings(bundle=root, provider="cpu")
    model = OnnxModel((root / MODEL_FILE).read_bytes(), draft.input.size, settings)
    identity = ModelIdentity(draft.name, draft.version, digest="")
    classifier = OnnxClassifier(draft, identity, model, settings)
    images = tuple(
        image.model_copy(update={"probabilities": classify_golden(classifier, root, image)})
        for image in draft.golden.images
    )
    golden = Golden(tolerance=draft.golden.tolerance, images=images)
    return write_manifest(
        root, draft.model_copy(update={"golden": golden, "files": digest_files(root)})
    )
