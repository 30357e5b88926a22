"""One stack per data directory, and nothing of it left behind."""

import os
from pathlib import Path

import pytest

from services.stack.data_directory import KEPT_LOGS, DataDirectory
from services.stack.errors import StackError


def test_a_directory_is_made_private_and_for_every_use(tmp_path: Path) -> None:
    # Given
    data = DataDirectory(tmp_path / "some" / "where")

    # When
    with data.locked():
        # Then
        assert all(path.is_dir() for path in (data.redis, data.images, data.logs))
        assert data.path.stat().st_mode & 0o077 == 0


def test_a_second_stack_is_told_who_is_there(tmp_path: Path) -> None:
    with (
        DataDirectory(tmp_path).locked(),
        pytest.raises(StackError, match=rf"already runs on .* \(process {os.getpid()}\)"),
        DataDirectory(tmp_path).locked(),
    ):
        pytest.fail("two stacks on one directory")


def test_a_directory_is_free_again_and_holds_no_lock(tmp_path: Path) -> None:
    # Given
    data = DataDirectory(tmp_path)
    with data.locked():
        pass

    # When
    with data.locked():
        # Then
        assert (tmp_path / "lock").exists()
    assert not (tmp_path / "lock").exists()


def test_a_lock_that_was_removed_while_it_was_awaited_is_none(tmp_path: Path) -> None:
    # Given a file that its owner removes between another's open and flock
    data = DataDirectory(tmp_path)
    (tmp_path / "lock").touch()
    descriptor = os.open(tmp_path / "lock", os.O_RDWR)
    (tmp_path / "lock").unlink()

    # When / Then
    assert not data._is_current(descriptor)
    os.close(descriptor)


@pytest.mark.parametrize("place", ["/proc/densa", "/dev/null/densa"])
def test_a_place_that_cannot_be_written_is_named_with_what_to_do(place: str) -> None:
    with (
        pytest.raises(StackError, match=rf"{place}: .*--data DIR or DENSA_STACK_DATA"),
        DataDirectory(Path(place)).locked(),
    ):
        pytest.fail("written where nothing can be")


@pytest.mark.parametrize("temporary", ["here", "far" * 40])
def test_sockets_are_in_a_short_private_directory_that_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, temporary: str
) -> None:
    # Given
    (tmp_path / temporary).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / temporary))
    data = DataDirectory(tmp_path / ("long" * 50))
    with data.locked():
        # When
        with data.socket_directory() as sockets:
            # Then
            assert len(os.fsencode(sockets / "redis.sock")) < 107
            assert sockets.stat().st_mode & 0o077 == 0
        assert not sockets.exists()
        assert sorted(path.name for path in data.path.iterdir()) == [
            "images",
            "lock",
            "logs",
            "redis",
        ]


def test_what_a_killed_stack_left_is_removed_by_the_next(tmp_path: Path) -> None:
    # Given
    data = DataDirectory(tmp_path / "data")
    left = tmp_path / "densa-left"
    left.mkdir()
    (left / "redis.sock").touch()
    with data.locked():
        (data.path / "sockets").symlink_to(left)

        # When
        with data.socket_directory() as sockets:
            # Then
            assert sockets != left
            assert not left.exists()


def test_logs_of_earlier_runs_are_kept_for_a_while(tmp_path: Path) -> None:
    # Given
    data = DataDirectory(tmp_path)
    with data.locked():
        # When
        for run in range(KEPT_LOGS + 3):
            data.rotate_log("gateway").write_text(f"run {run}")

        # Then
        kept = {path.name: path.read_text() for path in data.logs.iterdir()}
        assert kept == {
            "gateway.log": "run 5",
            "gateway.log.1": "run 4",
            "gateway.log.2": "run 3",
            "gateway.log.3": "run 2",
        }
