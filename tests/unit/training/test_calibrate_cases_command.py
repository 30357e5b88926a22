"""`densa calibrate-cases` as a person types it, with a bundle that answers by brightness."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from services.common.case_rule import read_rule
from services.inference.bundle import load_bundle
from services.training import cli
from tests.bundles import write_tiny_bundle
from tests.unit.training.manifests import write_rows


def _type(*words: object) -> Result:
    return CliRunner().invoke(cli.app, ["calibrate-cases", *map(str, words)])


def test_a_new_version_has_a_rule_and_everything_else_as_it_was(tmp_path: Path) -> None:
    # Given patients with deposits everywhere and patients with none
    bundle = tmp_path / "tiny" / "1.0.0"
    write_tiny_bundle(bundle)
    data = write_rows(
        tmp_path,
        *(f"{n}.png,p{n // 2},{n // 2 % 2}" + f",{n // 2 % 2}" * 4 for n in range(12)),
    )
    out = tmp_path / "tiny" / "1.0.1"

    # When
    result = _type(bundle, "--data", data, "--out", out, "--split", "")

    # Then
    assert result.exit_code == 0, result.output
    made, before = load_bundle(out).manifest, load_bundle(bundle).manifest
    assert made.version == "1.0.1"
    assert made.case is not None
    assert made.case.patients == 6
    assert (made.golden, made.files) == (before.golden, before.files)
    assert read_rule((out / "manifest.json").read_text()).calibrated
    assert not read_rule(json.dumps({})).calibrated


def test_a_split_that_no_row_has_is_told(tmp_path: Path) -> None:
    bundle = tmp_path / "tiny" / "1.0.0"
    write_tiny_bundle(bundle)
    data = write_rows(tmp_path, "a.png,p1,1,1,0,0,0", "b.png,p2,0,0,0,0,0")
    result = _type(bundle, "--data", data, "--out", tmp_path / "new")
    assert result.exit_code == 1
    assert "no row has the split 'calibration'" in result.output
    assert not (tmp_path / "new").exists()
