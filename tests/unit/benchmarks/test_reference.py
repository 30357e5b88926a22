"""The reference run says of all its images where they come from."""

import json
from pathlib import Path

from benchmarks.gpu.reference import note_origin
from services.training.prepare_run import PROVENANCE
from tests.unit.training.evaluations import make_record


def test_drawings_beside_the_manifest_are_noted_once(tmp_path: Path) -> None:
    # Given a run, its training images, and more of two patients
    training = [make_record(n, (0,) * 5, origin="drawn") for n in range(3)]
    more = [make_record(n, (0,) * 5, origin="drawn", patient=f"m{n // 4}") for n in range(8)]
    (tmp_path / PROVENANCE).write_text(json.dumps({"git_commit": "abc", "data": "manifest.csv"}))

    # When that is noted, and again when the run goes on at another commit
    note_origin(tmp_path, training, more, "d596d4b")
    note_origin(tmp_path, training, more, "another")

    # Then all images are counted, and the commit is the first
    assert json.loads((tmp_path / PROVENANCE).read_text()) == {
        "git_commit": "d596d4b",
        "data": "manifest.csv",
        "more": "8 drawings of 2 more patients, seed 2",
        "origins": {"drawn": 11, "real": 0, "not stated": 0},
    }
