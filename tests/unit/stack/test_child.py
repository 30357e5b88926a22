"""One process: started, watched, ended, and never left alone."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from services.stack.child import GUARD, Child
from tests.waiting import until

STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.05; done"


async def _started(log: Path, script: str) -> Child:
    child = Child("child", ("/bin/sh", "-c", script), log, {"GREETING": "hello"})
    await child.start()
    return child


async def test_what_it_writes_is_in_its_log(tmp_path: Path) -> None:
    # Given
    child = await _started(tmp_path / "log", "echo $GREETING; echo error >&2; exit 3")

    # When
    status = await child.wait()

    # Then
    assert status == 3
    assert child.last_lines() == "hello\nerror"
    assert child.last_lines(1) == "error"
    assert not child.running
    assert child.pid is None


async def test_it_ends_when_asked(tmp_path: Path) -> None:
    # Given
    child = await _started(tmp_path / "log", "exec sleep 60")
    assert child.running

    # When
    await child.stop(grace=20, hurry=asyncio.Event())

    # Then
    assert child.process is not None
    assert child.process.returncode == -signal.SIGTERM


@pytest.mark.parametrize(("grace", "hurried"), [(0.05, False), (60, True)])
async def test_it_is_made_to_end_after_its_time_or_in_a_hurry(
    tmp_path: Path, grace: float, *, hurried: bool
) -> None:
    # Given
    child = await _started(tmp_path / "log", STUBBORN)
    await until(lambda: "ready" in child.last_lines())
    hurry = asyncio.Event()
    if hurried:
        hurry.set()

    # When
    await child.stop(grace, hurry)

    # Then
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


async def test_ending_what_does_not_run_is_nothing(tmp_path: Path) -> None:
    # Given
    child = Child("child", ("/bin/true",), tmp_path / "log")

    # When / Then
    await child.stop(1, asyncio.Event())
    await child.start()
    await child.wait()
    await child.stop(1, asyncio.Event())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to its parent")
def test_it_does_not_outlive_a_parent_that_is_killed() -> None:
    # Given a parent with a child that ignores being asked to end
    guarded = f"[sys.executable, '-I', '-S', {str(GUARD)!r}, str(os.getpid()), '/bin/sh', '-c'"
    program = (
        "import os, subprocess, sys\n"
        f"child = subprocess.Popen({guarded}, {STUBBORN!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        child = psutil.Process(int(parent.stdout.readline()))

    # When
    parent.kill()
    parent.wait()

    # Then
    psutil.wait_procs([child], timeout=20)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_it_does_not_begin_without_its_parent() -> None:
    # When
    done = subprocess.run(
        [sys.executable, str(GUARD), "1", "/bin/echo", "orphan"],
        capture_output=True,
        text=True,
        check=False,
    )

    # Then
    assert done.stdout == ""
    assert "gone" in done.stderr
