"""What leaves the page as files."""

import csv
import io
from pathlib import Path

from services.web.cases import Cases
from services.web.exports import agreement_csv, cases_csv, manifest_csv, results_csv
from services.web.kappa import agreement
from services.web.records import NewImage, Records
from tests.unit.web.results import answer, case, error


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_for_each_image_with_its_probabilities_calls_and_findings(records: Records) -> None:
    # Given
    for name in ("a", "b", "c"):
        records.add(NewImage(name, f"{name}.png", "C1"))
    records.finish("a", answer(0.25, presence="indeterminate"))
    records.finish("b", error())

    # When
    first, second, third = _rows(results_csv(records.all()))

    # Then
    assert (first["image"], first["presence"], first["presence_call"]) == (
        "a.png",
        "0.25",
        "indeterminate",
    )
    assert (first["findings"], first["version"]) == ("UNKNOWN_SCALE", "1.0.0")
    assert (second["error"], second["presence"]) == ("CORRUPT_IMAGE", "")
    assert (third["error"], third["presence"]) == ("", "")


def test_a_name_is_never_run_by_a_spreadsheet(records: Records) -> None:
    # Given
    names = ["=HYPERLINK(1)", "+1", "-1", "@A1", "\tx", "ok"]
    for number, name in enumerate(names):
        records.add(NewImage(f"{number}", name, name))

    # When
    rows = _rows(results_csv(records.all()))

    # Then
    cells = {row["image"] for row in rows} | {row["case"] for row in rows}
    assert cells == {"'=HYPERLINK(1)", "'+1", "'-1", "'@A1", "'\tx", "ok"}


def test_the_manifest_has_what_most_readers_said_and_each_reader(
    records: Records, tmp_path: Path
) -> None:
    # Given
    records.add(NewImage("a", "a.png", "C1", 2.5))
    records.add(NewImage("b", "b.png"))
    records.read("a", "AB", {"presence": 1, "mesangial": 1, "subepithelial": None})
    records.read("a", "CD", {"presence": 1, "mesangial": 0})
    records.read("a", "EF", {"presence": 0})

    # When
    (row,) = _rows(manifest_csv(records.all(), tmp_path))

    # Then: even is blank, as is what nobody said; who was not read is left out
    assert (row["presence"], row["mesangial"], row["subepithelial"]) == ("1", "", "")
    assert (row["reader:AB:presence"], row["reader:EF:presence"]) == ("1", "0")
    assert (row["reader:CD:mesangial"], row["reader:EF:mesangial"]) == ("0", "")
    assert (row["patient"], row["case"], row["pixel_size_nm"]) == ("C1", "C1", "2.5")
    assert row["path"] == str(tmp_path / "a")


def test_a_case_has_its_answer_and_the_images_behind_it(records: Records, cases: Cases) -> None:
    # Given
    for name in ("a", "b"):
        records.add(NewImage(name, f"{name}.png", "C1"))
        records.finish(name, answer())
    cases.answered("C1", case(2, behind=("b", "a", "gone")), ["a", "b"])
    records.add(NewImage("c", "c.png", "C2"))

    # When
    first, second = _rows(cases_csv(cases.all(), {"a": "a.png", "b": "b.png"}))

    # Then
    assert (first["case"], first["state"], first["images"]) == ("C1", "final", "2")
    assert (first["presence"], first["presence_images"]) == ("0.8", "b.png; a.png")
    records.add(NewImage("d", "d.png", "C1"))
    assert _rows(cases_csv(cases.all("C1"), {}))[0]["state"] == "so far"
    assert (first["calibrated"], first["version"]) == ("True", "1.0.0")
    assert (second["case"], second["state"], second["presence"]) == ("C2", "so far", "")


def test_agreement_is_a_table_of_its_own_and_leaves_out_what_has_no_call(records: Records) -> None:
    # Given: five readers' calls; the model makes none of mesangial deposits
    for number, said in enumerate((1, 1, 0, 0, 1)):
        records.add(NewImage(f"{number}", "x"))
        call = "positive" if number < 3 else "negative"
        records.finish(f"{number}", answer(presence=call, mesangial="indeterminate"))
        records.read(f"{number}", "AB", {"presence": said, "mesangial": said})

    # When
    found = {row["output"]: row for row in _rows(agreement_csv(agreement(records.all())))}

    # Then: 3 of 5 agree, 0.52 would by chance
    assert (found["presence"]["pairs"], found["presence"]["agree"]) == ("5", "3")
    assert abs(float(found["presence"]["kappa"]) - (0.6 - 0.52) / 0.48) < 1e-9
    assert (found["mesangial"]["pairs"], found["mesangial"]["kappa"]) == ("0", "")
