"""A drawing that finds no room says which file, why, and what to do."""

import errno
import os
from pathlib import Path

import pytest
import typer

from services.training.atomic import StorageError
from services.training.commands.terminal import plain_errors
from services.training.phantom_journal import NAME, Journal, Row
from services.training.phantom_orders import Order
from services.training.phantom_writer import write_field
from tests.volumes import full_disk

NATIVE = Order(seed=3, patients=7, fields=2, size=420, pixel_size_nm=None)


@pytest.mark.parametrize("number", [0, 2, 4, 10])
def test_a_disk_that_fills_is_told(number: int, tmp_path: Path) -> None:
    # Given a folder without room for an image: TIFF of 8 and 16 bits, PNG, JPEG
    job = NATIVE.jobs()[number]
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()

    # When one is drawn
    with full_disk(20_000), pytest.raises(StorageError) as caught:
        write_field(job, tmp_path)

    # Then the file is named, the reason and what to do, and no part is left
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "images" / job.name))
    assert "cannot be written: File too large" in message or "took only a part" in message
    assert "the same command again" in message
    assert list((tmp_path / "images").iterdir()) == []


def test_a_journal_that_cannot_grow_is_told(tmp_path: Path) -> None:
    # Given room for a journal of one line
    journal = Journal(tmp_path, NATIVE, {})
    row = Row({"path": "x" * 5000}, ("", ""))

    # When a long row is noted
    # Then the error names the journal
    with full_disk(1000), pytest.raises(StorageError, match=rf"{NAME} cannot be written: .*room"):
        journal.add("p00000-f00", row)
    journal.close()


def test_a_full_disk_that_nobody_translated_gets_its_advice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Given a command whose write fails for want of room
    # When its error is shown
    with pytest.raises(typer.Exit), plain_errors(OSError):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "evaluation.json")

    # Then it says what to do
    assert (
        "'evaluation.json': make room, and give the same command again" in capsys.readouterr().err
    )
