"""The manifest is strict: what it does not understand or cannot trust, it refuses."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.inference.manifest import MANIFEST_FILE, BundleManifest, digest_files, digest_of
from tests.bundles import write_null_bundle


@pytest.fixture
def manifest(tmp_path: Path) -> dict[str, Any]:
    write_null_bundle(tmp_path / "bundle")
    content = (tmp_path / "bundle" / MANIFEST_FILE).read_bytes()
    return BundleManifest.model_validate_json(content).model_dump(mode="json")


def test_a_manifest_survives_writing_and_reading(manifest: dict[str, Any]) -> None:
    # Given a manifest as it is written
    parsed = BundleManifest.model_validate(manifest)

    # When it is written and read once more
    again = BundleManifest.model_validate_json(parsed.model_dump_json())

    # Then nothing changed
    assert again == parsed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2),
        ("name", "Densa ResNet"),
        ("version", "newest"),
        ("create_time", "2026-01-01T00:00:00"),
        ("thresholds", {"presence": 0.5}),
        ("input", {"size": 224, "pixel_size_nm": -46.0, "preprocessing": "1"}),
        ("golden", {"tolerance": 1e-4, "images": []}),
        ("metrics", {"podocyte": {}}),
        ("abstain", {"presence": [0.6, 0.9]}),
        ("abstain", {"podocyte": [0.4, 0.6]}),
        ("ood_threshold", 0.0),
        ("int8", {"file": "model.int8.onnx"}),
        ("surprise", 1),
    ],
)
def test_a_field_out_of_its_range_is_refused(
    manifest: dict[str, Any], field: str, value: object
) -> None:
    # Given a manifest with one wrong field
    manifest[field] = value

    # When it is read, then the error names the field
    with pytest.raises(ValidationError, match=field):
        BundleManifest.model_validate(manifest)


@pytest.mark.parametrize("path", ["../model.onnx", "/etc/passwd", "golden/../../x", "a\\b", "./a"])
def test_a_path_that_could_leave_the_bundle_is_refused(manifest: dict[str, Any], path: str) -> None:
    # Given a manifest that lists such a file
    manifest["files"][path] = digest_of(b"")

    # When it is read, then it is refused
    with pytest.raises(ValidationError, match="not a plain path"):
        BundleManifest.model_validate(manifest)


def test_a_model_without_a_digest_is_refused(manifest: dict[str, Any]) -> None:
    # Given a manifest that does not list the model
    del manifest["files"]["model.onnx"]

    # When it is read, then the error says which digest is missing
    with pytest.raises(ValidationError, match=r"no digest in `files` for model\.onnx"):
        BundleManifest.model_validate(manifest)


def test_digests_cover_every_file_but_the_manifest(tmp_path: Path) -> None:
    # Given files in a directory and below it
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "a.png").write_bytes(b"a")
    (tmp_path / "model.onnx").write_bytes(b"m")
    (tmp_path / MANIFEST_FILE).write_bytes(b"{}")

    # When their digests are taken
    digests = digest_files(tmp_path)

    # Then they are named by their path from the bundle
    assert digests == {"golden/a.png": digest_of(b"a"), "model.onnx": digest_of(b"m")}
    assert digest_of(b"") == (
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_an_int8_graph_needs_a_digest_and_golden_answers_of_its_own(
    manifest: dict[str, Any],
) -> None:
    # Given a manifest that names an int8 graph
    manifest["int8"] = {
        "file": "model.int8.onnx",
        "speed": 1.9,
        "probability_change": 0.01,
        "auc_change": {},
        "golden_tolerance": 0.02,
    }

    # When its digest is missing, and then its answers, the error says so
    with pytest.raises(ValidationError, match=r"no digest in `files` for model.int8.onnx"):
        BundleManifest.model_validate(manifest)
    manifest["files"]["model.int8.onnx"] = digest_of(b"")
    with pytest.raises(ValidationError, match="needs the answers of the int8 graph"):
        BundleManifest.model_validate(manifest)
