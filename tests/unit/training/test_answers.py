"""A bundle answers files as a service would."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import JsonValue

from services.common.errors import InvalidImage
from services.inference.bundle import load_bundle, load_classifier
from services.inference.golden import probabilities
from services.inference.manifest import (
    MANIFEST_FILE,
    MODEL_FILE,
    OUTPUTS,
    BundleManifest,
    Calibration,
    digest_of,
)
from services.inference.sealing import seal_bundle
from services.inference.settings import InferenceSettings
from services.training.answers import BundleAnswerer
from services.training.calibration import Scaling, unscaled_marginals
from tests.bundles import write_convolving_bundle
from tests.unit.training.evaluations import make_record

SCALING = Scaling((0.5,) * 5, (0.25,) * 5)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that says it was calibrated."""
    path = tmp_path_factory.mktemp("models") / "calibrated"
    write_convolving_bundle(path)
    draft = BundleManifest.model_validate_json((path / MANIFEST_FILE).read_bytes())
    parameters: dict[str, JsonValue] = {
        output: {"slope": 0.5, "offset": 0.25} for output in OUTPUTS
    }
    calibration = Calibration(method="Platt scaling", parameters=parameters)
    seal_bundle(path, draft.model_copy(update={"calibration": calibration}))
    return path


def test_a_bundle_answers_files_as_a_worker_does(tmp_path: Path, bundle: Path) -> None:
    # Given a field of four windows
    field = np.random.default_rng(1).integers(0, 256, (400, 400), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "0.png"), field)
    record = replace(make_record(0, (0,) * 5, pixel_size_nm=46.0), path=tmp_path / "0.png")

    # When the bundle is evaluated on it
    (answer,) = BundleAnswerer(bundle).answer([record])

    # Then its probabilities are the worker's, and there is a map and a box for each window
    classifier = load_classifier(bundle, InferenceSettings(bundle=bundle))
    prepared = classifier.prepare(record.path.read_bytes(), 46.0)
    served = list(probabilities(classifier.classify([prepared])[0]).values())
    assert answer.probabilities == pytest.approx(served, abs=1e-5)
    assert answer.maps.shape[:2] == (4, 5)
    assert answer.boxes == prepared.windows.boxes
    assert answer.pixel_size_nm == 46.0


def test_calibration_is_undone_window_by_window(tmp_path: Path, bundle: Path) -> None:
    # Given a field of several windows
    field = np.random.default_rng(2).integers(0, 256, (400, 400), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "0.png"), field)
    record = replace(make_record(0, (0,) * 5, pixel_size_nm=46.0), path=tmp_path / "0.png")

    # When it is answered
    (answer,) = BundleAnswerer(bundle).answer([record])

    # Then what was before calibration is the largest of the windows, as what is served is
    classifier = load_classifier(bundle, InferenceSettings(bundle=bundle))
    windows = classifier.look_closer(classifier.prepare(record.path.read_bytes(), 46.0))
    expected = unscaled_marginals(windows.probabilities.astype(float), SCALING).max(axis=0)
    assert answer.uncalibrated == pytest.approx(expected)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, bundle: Path) -> None:
    # Given a file that is no image
    record = replace(make_record(0, (0,) * 5), path=tmp_path / "broken.png")
    record.path.write_bytes(b"\x89PNG\r\n\x1a\n and no more")

    # When it is answered
    # Then the error says which file
    with pytest.raises(InvalidImage, match=r"broken\.png: "):
        list(BundleAnswerer(bundle).answer([record]))


def test_a_report_names_the_graph_by_a_digest_that_sealing_again_leaves(bundle: Path) -> None:
    # Given what a report says of a bundle
    before = BundleAnswerer(bundle).about["graph_digest"]

    # When the report is put into the bundle, which changes its manifest
    draft = load_bundle(bundle)
    (bundle / "evaluation.json").write_text("{}")
    seal_bundle(bundle, draft.manifest)

    # Then the report still names the graph that is in it, and the bundle is another
    assert load_bundle(bundle).identity != draft.identity
    assert BundleAnswerer(bundle).about["graph_digest"] == before
    assert before == digest_of((bundle / MODEL_FILE).read_bytes())
