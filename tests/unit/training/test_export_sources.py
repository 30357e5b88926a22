"""Who an export learns from, fits on and tests on, and what its bundle says of that."""

import json
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.training import cli
from services.training.bundle import Origin
from services.training.commands import export_steps
from services.training.export import Sources
from services.training.manifest import write_manifest
from services.training.manifest_check import read_manifest
from services.training.prepare_run import PROVENANCE, open_run
from tests.training_data import TINY, write_square_set

Built = list[tuple[Path, Origin, Sources]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 40 patients who all train or validate; its manifest is in data/."""
    folder = tmp_path_factory.mktemp("run")
    data = write_square_set(folder / "data", patients=40)
    config = replace(TINY, validation_share=0.25, calibration_share=0.0, test_share=0.0)
    open_run(folder / "run", config, data, read_manifest(data))
    return folder


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Built:
    """What would have been built."""
    found: Built = []
    monkeypatch.setattr(
        export_steps,
        "_build",
        lambda _run, folder, origin, sources: found.append((folder, origin, sources)),
    )
    return found


@pytest.fixture
def export(run: Path, tmp_path: Path, built: Built) -> Callable[[Path, Path], Result]:
    """Types an export with two manifests."""
    assert built == []

    def typed(calibration: Path, held_out: Path) -> Result:
        line = (
            f"export --run {run / 'run'} --data {run / 'data/manifest.csv'} --out {tmp_path} "
            f"--version 1.0.0 --calibration {calibration} --held-out {held_out}"
        )
        return CliRunner().invoke(cli.app, shlex.split(line))

    return typed


def under_other_names(data: Path, folder: Path) -> Path:
    """The same images, copied, of patients with other pseudonyms."""
    shutil.copytree(data.parent, folder)
    records = read_manifest(folder / "manifest.csv")
    other = [replace(record, patient=f"other-{record.patient}") for record in records]
    write_manifest(folder / "manifest.csv", other)
    return folder / "manifest.csv"


def test_other_patients_for_each_use_are_taken(
    tmp_path: Path, built: Built, export: Callable[[Path, Path], Result]
) -> None:
    # Given two sets of other patients
    one, two = (write_square_set(tmp_path / f"{n}", patients=10, seed=n) for n in (50, 51))

    # When they calibrate and test
    result = export(one, two)

    # Then they are used for that
    assert result.exit_code == 0, result.output
    assert [len(part) for part in (built[0][2].calibration, built[0][2].test)] == [20, 20]


def test_one_set_cannot_calibrate_and_test(
    tmp_path: Path, built: Built, export: Callable[[Path, Path], Result]
) -> None:
    # Given a set of other patients
    other = write_square_set(tmp_path / "other", patients=10, seed=50)

    # When it is to calibrate and to test
    result = export(other, other)

    # Then that is refused
    assert result.exit_code == 1
    assert "patient 50-0 was also used for calibration" in result.output
    assert built == []


def test_images_under_other_names_are_found(
    tmp_path: Path, run: Path, built: Built, export: Callable[[Path, Path], Result]
) -> None:
    # Given the training images under other pseudonyms, and so those of another set
    one = write_square_set(tmp_path / "one", patients=10, seed=50)
    known = under_other_names(run / "data/manifest.csv", tmp_path / "known")
    copy = under_other_names(one, tmp_path / "copy")

    # When the first are to calibrate or to test, and the copy to test
    results = {
        "training": (export(known, one), export(one, known)),
        "calibration": (export(one, copy),),
    }

    # Then each is refused, with what the image was used for
    for use, refused in results.items():
        for result in refused:
            assert result.exit_code == 1
            assert "is the same image as" in result.output
            assert f"which was also used for {use}" in result.output
    assert built == []


def test_what_a_run_learnt_beside_its_manifest_is_counted(
    tmp_path: Path, run: Path, built: Built, export: Callable[[Path, Path], Result]
) -> None:
    # Given a run that says it learnt from more than its manifest lists
    one, two = (write_square_set(tmp_path / f"{n}", patients=10, seed=n) for n in (50, 51))
    path = run / "run" / PROVENANCE
    before = path.read_text()
    stated: dict[str, Any] = {"drawn": 7080, "real": 0, "not stated": 0}

    # When it is exported without and with that
    export(one, two)
    path.write_text(json.dumps({**json.loads(before), "origins": stated}))
    export(one, two)
    path.write_text(before)

    # Then the bundle counts the manifest's, or all
    assert sum(built[0][1].origins.values()) == len(built[0][2].training)
    assert built[1][1].origins == stated


def test_a_bundle_gets_its_name_after_its_evaluation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an export that is stopped while its bundle is evaluated
    folder, seen = tmp_path / "densa-resnet18" / "1.0.0", []

    def stop(partial: Path, *_: object) -> None:
        seen.append((partial.parent, partial.name.startswith("."), folder.exists()))
        raise KeyboardInterrupt

    for name in ("export_model", "write_bundle", "draw_golden"):
        monkeypatch.setattr(export_steps, name, lambda *_: None)
    monkeypatch.setattr(export_steps, "add_evaluation", stop)

    # When that happens
    origin = Origin("densa-resnet18", "1.0.0", TINY, {}, {})
    with pytest.raises(KeyboardInterrupt):
        export_steps._build(tmp_path, folder, origin, Sources([], [], []))

    # Then it lay in a hidden folder beside where it would have been
    assert seen == [(folder.parent, True, False)]
    assert list(folder.parent.iterdir()) == []
