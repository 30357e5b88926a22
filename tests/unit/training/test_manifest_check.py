"""All that is wrong with a manifest is said at once, with its row and what to do."""

from pathlib import Path

import pytest

from services.training.manifest import Record, write_manifest
from services.training.manifest_check import ManifestError, check_apart, read_manifest
from tests.unit.training.manifests import HEADER, write_image, write_mask, write_rows


def problems_of(path: Path) -> str:
    with pytest.raises(ManifestError) as caught:
        read_manifest(path)
    return "\n".join(caught.value.problems)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    # Given a record of everything, and one of the least
    records = [
        Record(
            path=write_image(tmp_path / "a.png", 1),
            patient="p1",
            case="c1",
            pixel_size_nm=10.5,
            labels=(1, 0, 1, None, None),
            mask=write_mask(tmp_path / "m.png", 2),
            magnification=8000.0,
            microscope="JEOL 1400",
            disease="IgA, early",
            artefacts=("fold", "knife mark"),
            format="PNG",
            origin="real",
            split="test",
            readers={"Dr. A": (1, 0, 1, 0, None), "B": (0, None, None, None, None)},
        ),
        Record(
            path=write_image(tmp_path / "b.png", 2),
            patient="p2",
            case="",
            pixel_size_nm=None,
            labels=(0, 0, 0, 0, 0),
            mask=None,
            split="test",
        ),
    ]

    # When they are written and read
    write_manifest(tmp_path / "manifest.csv", records)
    found = read_manifest(tmp_path / "manifest.csv")

    # Then they are the same
    assert found == records


def test_columns_nobody_uses_are_not_written(tmp_path: Path) -> None:
    # Given a record without anything optional
    record = Record(write_image(tmp_path / "a.png", 1), "p", "", None, (0,) * 5, None)

    # When it is written
    write_manifest(tmp_path / "manifest.csv", [record])

    # Then the header has what is needed only
    assert (tmp_path / "manifest.csv").read_text().splitlines()[0] == HEADER


def test_every_problem_is_listed_with_its_line(tmp_path: Path) -> None:
    # Given a manifest in which nearly everything is wrong
    path = write_rows(
        tmp_path,
        "gone.png,p1,,0,0,0,0,0,",
        "a.png,,46,0,0,0,0,0,",
        "b.png,p1,46,2,0,0,0,0,",
        "c.png,p1,-3,0,0,0,0,0,",
        "d.png,p1,46,0,1,0,0,0,",
        "e.png,p1,46,1,0,0,0,0,",
        "f.png,p1,46,0,0,0,0,0,nomask.png",
        "g.png,p1,46,,,,,,",
        "h.png,p1,46,0,0,0",
        header=HEADER.replace("patient,", "patient,pixel_size_nm,") + ",mask",
    )
    (tmp_path / "c.png").write_bytes(b"no image at all")

    # When it is read
    problems = problems_of(path)

    # Then each line has its problem
    for expected in (
        "line 2: no file",
        "line 3: no patient",
        "line 4: presence is '2', not 0, 1 or blank",
        "line 5: pixel_size_nm is '-3'",
        "c.png cannot be read",
        "line 6: presence is 0 but mesangial is 1",
        "line 7: presence is 1 but every location is 0",
        "line 8: no mask",
        "line 9: no label",
        "line 10: 6 values under 9 columns",
    ):
        assert expected in problems


def test_many_problems_are_counted_and_all_are_shown(tmp_path: Path) -> None:
    # Given 50 missing files
    path = write_rows(tmp_path, *(f"gone{number}.png,p,0,0,0,0,0" for number in range(50)))

    # When the manifest is read
    with pytest.raises(ManifestError, match="50 problems") as caught:
        read_manifest(path)

    # Then the message has them all
    assert len(str(caught.value).splitlines()) == 51
    assert "gone49.png" in str(caught.value)
    assert len(caught.value.problems) == 50


def test_problems_stand_in_the_order_of_the_rows(tmp_path: Path) -> None:
    # Given problems that are found at different times: a missing file last, no image first
    path = write_rows(
        tmp_path,
        "a.png,p1,0,0,0,0,0",
        "b.png,p1,9,0,0,0,0",
        *(f"gone{number}.png,p1,0,0,0,0,0" for number in range(10)),
    )
    (tmp_path / "a.png").write_bytes(b"no image at all")

    # When the manifest is read
    lines = problems_of(path).splitlines()

    # Then they come by line, as numbers and not as text
    assert [int(line.split()[1].rstrip(":")) for line in lines] == list(range(2, 14))


def test_images_and_masks_are_looked_at_apart(tmp_path: Path) -> None:
    # Given an unreadable image without its mask, and a missing image with an unreadable mask
    path = write_rows(
        tmp_path,
        "a.png,p1,0,0,0,0,0,nomask.png",
        "gone.png,p1,0,0,0,0,0,mask.png",
        header=HEADER + ",mask",
    )
    (tmp_path / "a.png").write_bytes(b"no image at all")
    (tmp_path / "mask.png").write_bytes(b"no image at all")

    # When the manifest is read
    problems = problems_of(path)

    # Then all four are told in one round
    for expected in (
        "line 2: no mask",
        "line 2: " + str(tmp_path / "a.png") + " cannot be read",
        "line 3: no file",
        "line 3: the mask " + str(tmp_path / "mask.png") + " is no readable image",
    ):
        assert expected in problems


def test_missing_and_misspelt_columns_are_named_and_others_left_alone(tmp_path: Path) -> None:
    # Given a header with a forgotten, two misspelt and a laboratory's own column
    header = "path,patient,presence,mesangial,subepithelial,subendothelial,pixelsize_nm,remarks"
    path = tmp_path / "manifest.csv"
    path.write_text(header + ",reader:A:foo\n")

    # When it is read
    problems = problems_of(path)

    # Then the first three are told, and the last is nobody's business
    assert "column missing in the header: intramembranous" in problems
    assert "'pixelsize_nm': did you mean pixel_size_nm" in problems
    assert "'reader:A:foo': readers' columns are named reader:NAME:OUTPUT" in problems
    assert "remarks" not in problems


def test_an_empty_manifest_is_told(tmp_path: Path) -> None:
    # Given a header alone
    # When it is read
    # Then the problem is its emptiness
    assert "lists no micrograph" in problems_of(write_rows(tmp_path))


def test_what_follows_from_the_labels_is_filled_in(tmp_path: Path) -> None:
    # Given no deposit at all; a location without presence; none at any of the four; and half known
    path = write_rows(
        tmp_path, "a.png,p,0,,,,", "b.png,p,,1,,0,", "c.png,p,,0,0,0,0", "d.png,p,1,0.0,1.0,,"
    )

    # When they are read
    labels = [record.labels for record in read_manifest(path)]

    # Then only what is unknown stays unknown
    assert labels == [
        (0, 0, 0, 0, 0),
        (1, 1, None, 0, None),
        (0, 0, 0, 0, 0),
        (1, 0, 1, None, None),
    ]


def test_every_file_looked_at_is_reported(tmp_path: Path) -> None:
    # Given three micrographs
    path = write_rows(tmp_path, *(f"{name}.png,p,0,0,0,0,0" for name in "abc"))

    # When they are checked
    seen: list[tuple[int, int]] = []
    read_manifest(path, progress=lambda done, total: seen.append((done, total)))

    # Then a bar can follow
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_patient_of_the_training_cannot_be_tested_on(tmp_path: Path) -> None:
    # Given training records
    record = Record(tmp_path / "a.png", "p1", "c1", None, (0,) * 5, None)

    # When the held-out data hold the same patient
    # Then that is refused
    with pytest.raises(ManifestError, match="patient p1 was also used for training"):
        check_apart(tmp_path / "test.csv", [record], "training", [record])


def test_an_image_of_the_training_cannot_be_tested_on(tmp_path: Path) -> None:
    # Given a manifest, and another that lists its image under another name
    rows = ("a.png,p1,0,0,0,0,0", "b.png,p2,0,0,0,0,0")
    training = read_manifest(write_rows(tmp_path, *rows))
    other = read_manifest(write_rows(tmp_path, "a.png,p9,0,0,0,0,0"))

    # When both were read with their files, and without
    # Then the image is found, and nothing is claimed of images that nobody read
    with pytest.raises(ManifestError, match=r"a\.png is the same image as .*a\.png of patient p1"):
        check_apart(tmp_path / "test.csv", other, "training", training)
    unread = read_manifest(tmp_path / "manifest.csv", contents=False)
    check_apart(tmp_path / "test.csv", unread, "training", unread[:0])
    check_apart(tmp_path / "test.csv", unread, "training", training)
