"""The table of alternatives: measured AUCs, and differences on the same images."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.alternatives import held_out, main, table
from services.training.manifest import Record
from services.training.metrics import auc

ROWS = 60


def records() -> list[Record]:
    """Sixty micrographs of twenty patients; every other one with a mesangial deposit."""
    return [
        Record(
            path=Path(f"{row}.png"),
            patient=f"p{row // 3}",
            case="",
            pixel_size_nm=46.0,
            mask=None,
            labels=(row % 2, row % 2, (row // 2) % 2, (row // 3) % 2, (row // 5) % 2),
        )
        for row in range(ROWS)
    ]


def said(sharpness: float, seed: int) -> dict[str, Any]:
    """Scores that follow the labels the more, the sharper."""
    truth = np.array([record.labels for record in records()], float)
    noise = np.random.default_rng(seed).normal(size=truth.shape)
    return {"scores": sharpness * truth + noise, "epochs": 7, "minutes": 21.4, "millions": 11.17}


def cells(line: str) -> list[str]:
    """What stands between the bars."""
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_shows_each_auc_and_its_mean() -> None:
    # Given
    answers = {"first": said(1.0, 0)}
    # When
    line = cells(table(records(), answers).splitlines()[2])
    # Then
    truth = np.array([record.labels for record in records()]) == 1
    aucs = [auc(truth[:, column], answers["first"]["scores"][:, column]) for column in range(5)]
    assert line[:4] == ["first", "7", "21 min", "11.2 M"]
    assert [float(cell) for cell in line[4:9]] == pytest.approx(aucs, abs=5e-4)
    assert float(line[9]) == pytest.approx(np.mean(aucs), abs=5e-4)
    assert line[10] == "+0.000 (+0.000 to +0.000)"


def test_a_better_alternative_is_shown_as_better_with_an_interval_above_zero() -> None:
    # When
    lines = table(records(), {"first": said(0.5, 0), "better": said(4.0, 1)}).splitlines()
    # Then
    difference, low, _, high = cells(lines[3])[10].replace("(", "").replace(")", "").split()
    assert 0 < float(low) < float(difference) < float(high)


def test_patients_who_are_trained_on_or_kept_for_the_test_are_not_compared(tmp_path: Path) -> None:
    # Given
    manifest = tmp_path / "manifest.csv"
    head = "path,patient,presence,mesangial,subepithelial,intramembranous,subendothelial,split"
    sides = ("train", "validation", "calibration", "test")
    rows = [f"{side}.png,{side},0,,,,,{side}" for side in sides]
    for side in sides:
        (tmp_path / f"{side}.png").write_bytes(b"")
    manifest.write_text("\n".join([head, *rows]) + "\n")
    # When
    held = held_out(manifest)
    # Then
    assert [record.patient for record in held] == ["validation", "calibration"]


def test_a_manifest_without_a_split_is_refused_before_any_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given
    manifest = tmp_path / "manifest.csv"
    head = "path,patient,presence,mesangial,subepithelial,intramembranous,subendothelial"
    manifest.write_text(f"{head}\na.png,p1,0,,,,\n")
    (tmp_path / "a.png").write_bytes(b"")
    monkeypatch.setattr("sys.argv", ["alternatives", str(manifest), str(tmp_path / "runs")])
    # When
    with pytest.raises(SystemExit) as ended:
        main()
    # Then
    assert ended.value.code == 2
    assert "has no patients of validation or calibration" in capsys.readouterr().err
