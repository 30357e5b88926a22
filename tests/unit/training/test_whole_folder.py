"""A folder gets its name when it is finished; what a killed process left goes with the next."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.training.whole_folder import whole_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from services.training.whole_folder import whole_folder

with whole_folder(Path(sys.argv[1])) as partial:
    (partial / "golden").mkdir()
    (partial / "golden" / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    # Given a folder that is to be made
    target = tmp_path / "models" / "1.0.0"

    # When files are written into it
    with whole_folder(target) as partial:
        (partial / "a").write_text("a")
        before = target.exists()

    # Then it was not there until the end, and nothing lies beside it
    assert not before
    assert (target / "a").read_text() == "a"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_nothing(tmp_path: Path, stop: type[BaseException]) -> None:
    # Given a folder that is half written
    def fill() -> None:
        with whole_folder(tmp_path / "1.0.0") as partial:
            (partial / "a").write_text("a")
            raise stop

    # When an error stops it
    with pytest.raises(stop):
        fill()

    # Then nothing of it is left
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    # Given a process that was killed amid its work, and another version's unfinished folder
    target, other = tmp_path / "1.0.0", tmp_path / ".2.0.0.unfinished"
    other.mkdir()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not target.exists()

    # When the same folder is made again
    with whole_folder(target) as partial:
        (partial / "whole").write_text("whole")

    # Then nothing of the killed one is in it or beside it, and the other's is untouched
    assert [path.name for path in target.iterdir()] == ["whole"]
    assert sorted(tmp_path.iterdir()) == [other, target]


def test_two_at_once_do_not_write_into_each_other(tmp_path: Path) -> None:
    # Given a folder that someone is making
    with whole_folder(tmp_path / "1.0.0") as partial:
        (partial / "mine").write_text("mine")

        # When another wants to make it
        # Then that is refused
        with (
            pytest.raises(OSError, match="being made by another process"),
            whole_folder(tmp_path / "1.0.0"),
        ):
            pass

    # Then the first is whole
    assert (tmp_path / "1.0.0" / "mine").is_file()


def test_a_finished_folder_is_not_replaced(tmp_path: Path) -> None:
    # Given a finished folder
    with whole_folder(tmp_path / "1.0.0") as partial:
        (partial / "first").write_text("1")

    # When it is made again
    # Then that fails, and it is as it was
    with pytest.raises(OSError, match="not empty"), whole_folder(tmp_path / "1.0.0") as partial:
        (partial / "second").write_text("2")
    assert [path.name for path in tmp_path.rglob("*")] == ["1.0.0", "first"]
