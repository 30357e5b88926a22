"""Which graph of a bundle runs, and that a bundle with two is held to both."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.common.classification import Call, FindingCode
from services.common.errors import BundleError
from services.inference.bundle import load_bundle, load_classifier
from services.inference.graphs import choose_graph
from services.inference.manifest import MANIFEST_FILE, MODEL_FILE, OUTPUTS, BundleManifest
from services.inference.sealing import seal_bundle
from services.inference.settings import InferenceSettings
from tests.bundles import write_null_bundle, write_tiny_bundle
from tests.images import draw_texture, png_bytes

INT8 = "model.int8.onnx"
MICROGRAPH = png_bytes(draw_texture(224, 224))


def seal_again(path: Path, **changes: object) -> None:
    """Seal the bundle at `path` with other fields in its manifest."""
    fields: dict[str, Any] = json.loads((path / MANIFEST_FILE).read_text())
    fields |= changes
    fields["files"] |= {INT8: "sha256:" + "0" * 64} if "int8" in changes else {}
    for image in fields["golden"]["images"]:
        image["int8"] = dict.fromkeys(OUTPUTS, 0.0)
    seal_bundle(path, BundleManifest.model_validate(fields))


def write_two_graphs(tmp_path: Path, worst: float, measured: int = 5) -> Path:
    """A bundle whose int8 graph gives other answers than its fp32 graph."""
    write_null_bundle(tmp_path / "null")
    write_tiny_bundle(tmp_path / "bundle")
    (tmp_path / "bundle" / INT8).write_bytes((tmp_path / "null" / MODEL_FILE).read_bytes())
    seal_again(
        tmp_path / "bundle",
        int8={
            "file": INT8,
            "speed": 1.9,
            "probability_change": 0.02,
            "auc_change": {**dict.fromkeys(OUTPUTS[:measured], 0.0), "presence": worst},
            "golden_tolerance": 0.01,
        },
    )
    return tmp_path / "bundle"


@pytest.mark.parametrize(
    ("worst", "measured", "asked", "expected"),
    [
        (0.002, 5, {}, "int8"),
        (0.0021, 5, {}, "fp32"),
        (0.0, 4, {}, "fp32"),
        (0.0, 5, {"graph": "fp32"}, "fp32"),
        (0.0, 5, {"provider": "cuda"}, "fp32"),
        (0.5, 5, {"graph": "int8"}, "int8"),
    ],
)
def test_int8_runs_on_a_cpu_where_no_area_moved_too_far_or_it_is_asked_for(
    tmp_path: Path, worst: float, measured: int, asked: dict[str, str], expected: str
) -> None:
    # Given a bundle with two graphs
    bundle = load_bundle(write_two_graphs(tmp_path, worst, measured))

    # When one is chosen
    chosen = choose_graph(bundle, InferenceSettings.model_validate(asked))

    # Then it is the expected one
    assert chosen.name == expected
    assert chosen.model == (bundle.int8 if expected == "int8" else bundle.model)


def test_each_graph_is_held_to_its_own_golden_answers(tmp_path: Path) -> None:
    # Given a bundle whose graphs answer differently
    path = write_two_graphs(tmp_path, 0.0)

    # When each is loaded
    # Then both are as sealed
    for graph in ("fp32", "int8"):
        load_classifier(path, InferenceSettings.model_validate({"graph": graph}))

    # Then a wrong answer of the int8 graph alone is found
    manifest = json.loads((path / MANIFEST_FILE).read_text())
    manifest["golden"]["images"][0]["int8"]["presence"] = 0.1
    (path / MANIFEST_FILE).write_text(json.dumps(manifest))
    load_classifier(path, InferenceSettings(graph="fp32"))
    with pytest.raises(BundleError) as caught:
        load_classifier(path, InferenceSettings(graph="int8"))
    assert caught.value.reason == "GOLDEN_MISMATCH"


def test_an_int8_graph_that_is_asked_for_and_missing_is_an_error(tmp_path: Path) -> None:
    # Given a bundle with one graph
    write_null_bundle(tmp_path / "null")

    # When int8 is asked for
    # Then the error names the setting
    with pytest.raises(BundleError) as caught:
        load_classifier(tmp_path / "null", InferenceSettings(graph="int8"))
    assert "DENSA_INFERENCE_GRAPH" in caught.value.message


def test_a_bright_image_is_unfamiliar_to_a_model_that_knows_dark_ones(
    tmp_path: Path,
) -> None:
    # Given a model whose score is the brightness, and limits on either side of the image's
    write_tiny_bundle(tmp_path / "tiny")
    findings = []
    for threshold in (0.05, 0.95):
        seal_again(tmp_path / "tiny", ood_threshold=threshold)
        classifier = load_classifier(tmp_path / "tiny", InferenceSettings())

        # When it is classified
        answer = classifier.classify([classifier.prepare(MICROGRAPH, 46.0)])[0]
        findings.append([finding.code for finding in answer.findings])

    # Then it is unfamiliar only where the limit is below
    assert FindingCode.UNFAMILIAR in findings[0]
    assert FindingCode.UNFAMILIAR not in findings[1]


def test_a_zone_of_the_manifest_reaches_the_call(tmp_path: Path) -> None:
    # Given a model that abstains from presence nearly always
    write_tiny_bundle(tmp_path / "tiny")
    seal_again(tmp_path / "tiny", abstain={"presence": [0.01, 0.99]})
    classifier = load_classifier(tmp_path / "tiny", InferenceSettings())

    # When an image is classified
    answer = classifier.classify([classifier.prepare(MICROGRAPH, 46.0)])[0]

    # Then presence is left open, and no location is called positive
    assert answer.presence.call is Call.INDETERMINATE
    assert Call.POSITIVE not in {each.call for each in answer.locations.values()}
