"""Bundles on disk and ONNX Runtime: what does not verify does not serve."""

import json
from pathlib import Path

import pytest

from services.common.errors import BundleError
from services.inference.bundle import load_bundle, load_classifier
from services.inference.manifest import MANIFEST_FILE, MODEL_FILE, digest_files, digest_of
from services.inference.settings import InferenceSettings
from tests.bundles import write_null_bundle, write_tiny_bundle

SETTINGS = InferenceSettings()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "tiny" / "0.0.1"
    write_tiny_bundle(path)
    return path


def refused(path: Path, settings: InferenceSettings = SETTINGS) -> BundleError:
    """The error that the bundle at `path` is refused with."""
    with pytest.raises(BundleError) as caught:
        load_classifier(path, settings)
    return caught.value


def edit_manifest(path: Path, *keys: str, value: object) -> None:
    """Set a field of the manifest of the bundle at `path`, and nothing else."""
    manifest = json.loads((path / MANIFEST_FILE).read_text())
    inner = manifest
    for key in keys[:-1]:
        inner = inner[int(key) if key.isdigit() else key]
    inner[keys[-1]] = value
    (path / MANIFEST_FILE).write_text(json.dumps(manifest))


def test_a_good_bundle_is_loaded_with_its_identity(bundle: Path) -> None:
    # Given a bundle
    # When it is loaded
    classifier = load_classifier(bundle, SETTINGS)

    # Then the classifier knows what it is and where it runs
    assert classifier.identity.name == "tiny"
    assert classifier.identity.version == "0.0.1"
    assert classifier.identity.digest == digest_of((bundle / MANIFEST_FILE).read_bytes())
    assert classifier.provider == "cpu"


def test_writing_a_bundle_twice_gives_the_same_digest(tmp_path: Path) -> None:
    # Given a way to write a bundle
    # When it is used twice, then the bundles are the same
    assert write_null_bundle(tmp_path / "a") == write_null_bundle(tmp_path / "b")


def test_a_missing_bundle_is_not_found_and_says_where(tmp_path: Path) -> None:
    # Given no bundle
    # When it is loaded, then the error names the place and the setting
    error = refused(tmp_path / "absent")
    assert error.reason == "BUNDLE_NOT_FOUND"
    assert str(tmp_path / "absent") in error.message
    assert "DENSA_INFERENCE_BUNDLE" in error.message


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2}'])
def test_a_manifest_that_cannot_be_read_is_invalid(bundle: Path, content: str) -> None:
    # Given a manifest that is none
    (bundle / MANIFEST_FILE).write_text(content)

    # When it is loaded, then it is refused
    assert refused(bundle).reason == "BUNDLE_INVALID"


@pytest.mark.parametrize("name", ["model.onnx", "MODEL_CARD.md", "golden/ramp.png"])
def test_one_changed_byte_in_any_file_is_found(bundle: Path, name: str) -> None:
    # Given a bundle of which one byte was changed
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(content)

    # When it is loaded, then the file is named
    error = refused(bundle)
    assert error.reason == "DIGEST_MISMATCH"
    assert name in error.message


def test_an_incomplete_copy_is_invalid(bundle: Path) -> None:
    # Given a bundle without one of its files
    (bundle / "MODEL_CARD.md").unlink()

    # When it is loaded, then the missing file is named
    error = refused(bundle)
    assert error.reason == "BUNDLE_INVALID"
    assert "MODEL_CARD.md" in error.message


def test_a_bundle_of_another_preprocessing_is_invalid(bundle: Path) -> None:
    # Given a bundle whose model was trained on other windows
    edit_manifest(bundle, "input", "preprocessing", value="0")

    # When it is loaded, then it is refused
    error = refused(bundle)
    assert error.reason == "BUNDLE_INVALID"
    assert "preprocessing 0" in error.message


def test_other_answers_on_golden_images_than_expected_are_a_mismatch(bundle: Path) -> None:
    # Given a manifest that expects another answer than the graph gives
    edit_manifest(bundle, "golden", "images", "0", "probabilities", "subepithelial", value=0.9)

    # When it is loaded, then the output and both probabilities are named
    error = refused(bundle)
    assert error.reason == "GOLDEN_MISMATCH"
    assert "subepithelial 0.90000" in error.message


def test_golden_images_are_read_as_any_image(bundle: Path) -> None:
    # Given a golden image that is no image, with the right digest
    (bundle / "golden" / "ramp.png").write_bytes(b"not an image")
    edit_manifest(bundle, "files", value=digest_files(bundle))

    # When it is loaded, then the bundle is refused
    assert refused(bundle).reason == "GOLDEN_MISMATCH"


def test_bytes_that_are_no_graph_are_invalid(bundle: Path) -> None:
    # Given a model file of other content, with the right digest
    (bundle / MODEL_FILE).write_bytes(b"not a graph")
    edit_manifest(bundle, "files", value=digest_files(bundle))

    # When it is loaded, then it is refused
    error = refused(bundle)
    assert error.reason == "BUNDLE_INVALID"
    assert "ONNX Runtime" in error.message


def test_a_gpu_that_is_not_there_is_unavailable_and_not_replaced_by_the_cpu(bundle: Path) -> None:
    # Given settings that ask for a GPU where the runtime has none
    onnxruntime = pytest.importorskip("onnxruntime")
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine has a GPU runtime")

    # When the bundle is loaded, then it is refused, and the setting is named
    error = refused(bundle, InferenceSettings(provider="cuda"))
    assert error.reason == "PROVIDER_UNAVAILABLE"
    assert "DENSA_INFERENCE_PROVIDER" in error.message


def test_what_was_verified_is_what_runs(bundle: Path) -> None:
    # Given a loaded bundle whose file is exchanged afterwards
    loaded = load_bundle(bundle)
    (bundle / MODEL_FILE).write_bytes(b"exchanged")

    # When its model is taken, then it is the one whose digest was checked
    assert digest_of(loaded.model) == loaded.manifest.files[MODEL_FILE]
