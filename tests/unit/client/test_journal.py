"""What survives of a run, whatever was torn off its files."""

from pathlib import Path

import pytest

from services.client.images import Image
from services.client.journal import Journal, JournalError

WISH: dict[str, object] = {"paths": ["/a"], "pixel_size_nm": None}


@pytest.fixture
def image(tmp_path: Path) -> Image:
    file = tmp_path / "a.tif"
    file.write_bytes(b"pixels")
    return Image(file, image_id="x/a.tif")


def _begin(path: Path, image: Image) -> int:
    """A journal of one image with a row and one without; its length before the last line."""
    output = path.with_name("rows")
    with Journal(path, WISH) as journal, output.open("w") as rows:
        journal.opened("j" * 32)
        journal.was_accepted(image)
        journal.was_accepted(Image(Path("b.tif"), image_id="x/b.tif"))
        whole = path.stat().st_size
        rows.write("a row\n")
        rows.flush()
        journal.has_row(image.image_id, rows, failed=False)
    return whole


def test_a_run_goes_on_with_what_it_knew(tmp_path: Path, image: Image) -> None:
    # Given
    _begin(tmp_path / "journal", image)

    # When
    with Journal(tmp_path / "journal", WISH, len("a row\n")) as journal:
        # Then
        assert journal.job == "j" * 32
        assert journal.rows == {"x/a.tif": False}
        assert journal.output_bytes == len("a row\n")
        assert [one.image_id for one in journal.pending()] == ["x/b.tif"]
        assert journal.pending()[0].path == "b.tif"


def test_a_line_that_was_torn_off_has_not_happened(tmp_path: Path, image: Image) -> None:
    # Given
    path = tmp_path / "journal"
    whole = _begin(path, image)
    text = path.read_bytes()

    for torn in range(whole, len(text)):
        path.write_bytes(text[:torn])

        # When
        with Journal(path, WISH, 100) as journal:
            rows, pending = journal.rows, len(journal.pending())
            journal.opened("")

        # Then: and what is written now is whole
        assert (rows, pending) == ({}, 2)
        with Journal(path, WISH) as journal:
            assert (journal.job, journal.pending()) == ("", [])


def test_a_job_that_is_gone_has_accepted_nothing(tmp_path: Path, image: Image) -> None:
    # Given
    _begin(tmp_path / "journal", image)

    # When
    with Journal(tmp_path / "journal", WISH, 100) as journal:
        journal.opened("")
    with Journal(tmp_path / "journal", WISH, 100) as journal:
        # Then: rows stay
        assert (journal.job, journal.accepted) == ("", {})
        assert journal.rows == {"x/a.tif": False}


def test_another_command_is_told_apart(tmp_path: Path, image: Image) -> None:
    # Given
    _begin(tmp_path / "journal", image)

    # When
    with pytest.raises(JournalError) as caught:
        Journal(tmp_path / "journal", {**WISH, "pixel_size_nm": 5.0})

    # Then
    assert "--restart" in str(caught.value)


def test_a_journal_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    # When
    with pytest.raises(JournalError) as caught:
        Journal(tmp_path / "nowhere" / "journal", WISH)

    # Then
    assert caught.value.reason == "OUTPUT_NOT_WRITABLE"


def test_a_row_that_a_loss_of_power_took_is_collected_again(tmp_path: Path, image: Image) -> None:
    # Given: its line reached the disk, it did not
    path = tmp_path / "journal"
    whole = _begin(path, image)

    # When
    with Journal(path, WISH, len("a ro")) as journal:
        # Then
        assert (journal.rows, journal.output_bytes, len(journal.pending())) == ({}, 0, 2)
        assert path.stat().st_size == whole


def test_two_at_once_do_not_write_one_output(tmp_path: Path) -> None:
    # Given
    with Journal(tmp_path / "journal", WISH):
        # When
        with pytest.raises(JournalError) as caught:
            Journal(tmp_path / "journal", WISH)

        # Then
        assert caught.value.reason == "OUTPUT_IN_USE"
