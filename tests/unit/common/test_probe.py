"""A sign of life is fresh, old or not there; a probe tells which, whatever clocks do."""

import time
from pathlib import Path

from services.common.probe import OLDEST_SECONDS, ask
from services.common.sign_of_life import SignOfLife


def test_a_sign_is_fresh_then_old_then_withdrawn(tmp_path: Path) -> None:
    # Given
    path = tmp_path / "healthy"
    sign = SignOfLife(str(path))

    # When
    sign.give()

    # Then
    assert ask(str(path), time.monotonic()) == ""
    assert "its last sign of life is 11 s old" in ask(
        str(path), time.monotonic() + OLDEST_SECONDS + 1
    )
    assert "before the host started" in ask(str(path), 0.0)
    sign.withdraw()
    assert "no sign of life" in ask(str(path), time.monotonic())
    sign.withdraw()


def test_a_sign_that_makes_no_sense_is_none(tmp_path: Path) -> None:
    (path := tmp_path / "healthy").write_text("soon")
    assert "cannot be read" in ask(str(path), time.monotonic())


def test_without_a_path_nothing_is_written(tmp_path: Path) -> None:
    SignOfLife().give()
    SignOfLife(str(tmp_path / "no/such/folder")).give()
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_cannot_be_written_or_removed_ends_nothing(tmp_path: Path) -> None:
    # Given
    (folder := tmp_path / "healthy").mkdir()
    sign = SignOfLife(str(folder))

    # When
    sign.give()
    sign.withdraw()

    # Then
    assert folder.is_dir()
