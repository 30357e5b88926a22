"""Loading a model bundle. What does not verify does not serve."""

from pathlib import Path

from pydantic import ValidationError

from services.common.classification import ModelIdentity
from services.common.errors import BundleError
from services.inference.classifier import Prepare
from services.inference.golden import check_golden
from services.inference.graphs import Bundle, choose_graph
from services.inference.manifest import MANIFEST_FILE, MODEL_FILE, BundleManifest, digest_of
from services.inference.onnx_classifier import OnnxClassifier
from services.inference.onnx_model import OnnxModel
from services.inference.preparation import prepare_image
from services.inference.preprocessing import VERSION
from services.inference.settings import InferenceSettings


def load_bundle(path: Path) -> Bundle:
    """Read and verify the bundle directory `path`.

    Raises BundleError: BUNDLE_NOT_FOUND, BUNDLE_INVALID or DIGEST_MISMATCH.
    """
    try:
        content = (path / MANIFEST_FILE).read_bytes()
    except OSError as error:
        raise BundleError(
            f"There is no model bundle at {path}: {error.strerror} ({MANIFEST_FILE}). "
            "Set DENSA_INFERENCE_BUNDLE to a directory <name>/<version>.",
            reason="BUNDLE_NOT_FOUND",
        ) from error
    manifest = _parse(path, content)
    verified = {name: _verified(path / name, digest) for name, digest in manifest.files.items()}
    identity = ModelIdentity(manifest.name, manifest.version, digest_of(content))
    int8 = None if manifest.int8 is None else verified[manifest.int8.file]
    return Bundle(path, manifest, identity, verified[MODEL_FILE], int8)


def load_classifier(
    path: Path, settings: InferenceSettings, read: Prepare = prepare_image
) -> OnnxClassifier:
    """The classifier of the bundle at `path`: verified, warm, and right on its golden images.

    `read` reads images, the golden ones too.

    Raises BundleError: those of `load_bundle`, PROVIDER_UNAVAILABLE, GOLDEN_MISMATCH.
    """
    bundle = load_bundle(path)
    graph = choose_graph(bundle, settings)
    model = OnnxModel(graph.model, bundle.manifest.input.size, settings)
    classifier = OnnxClassifier(
        bundle.manifest, bundle.identity, model, settings, graph.ood_threshold, graph.name, read
    )
    check_golden(classifier, bundle.root, graph.golden)
    return classifier


def _parse(path: Path, content: bytes) -> BundleManifest:
    try:
        manifest = BundleManifest.model_validate_json(content)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'file'}: {each['msg']}" for each in error.errors()
        )
        raise BundleError(
            f"{path / MANIFEST_FILE} is not a manifest of format 1: {problems}",
            reason="BUNDLE_INVALID",
        ) from error
    if manifest.input.preprocessing != VERSION:
        raise BundleError(
            f"The bundle at {path} was trained with preprocessing "
            f"{manifest.input.preprocessing}; this software has {VERSION}. "
            "Use the release the bundle was made for, or train again.",
            reason="BUNDLE_INVALID",
        )
    return manifest


def _verified(path: Path, digest: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"The bundle is incomplete: {path}: {error.strerror}. Copy it again.",
            reason="BUNDLE_INVALID",
        ) from error
    found = digest_of(content)
    if found != digest:
        raise BundleError(
            f"{path} has the digest {found}, the manifest names {digest}: the file was changed "
            "or damaged after the bundle was made. Copy the bundle again.",
            reason="DIGEST_MISMATCH",
        )
    return content
