"""A drawing run that is killed leaves no process and no torn file, and goes on where it was."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from services.training.phantom_journal import NAME
from services.training.phantom_orders import Order
from services.training.phantom_writer import write_fields

ORDER = Order(seed=4, patients=30, fields=2, size=96, pixel_size_nm=46.0)
COMMAND = (
    "from services.training.cli import app; app(['phantom', '--out', {out!r}, '--seed', '4', "
    "'--patients', '30', '--fields', '2', '--size', '96', '--pixel-size-nm', '46', "
    "'--workers', '2'])"
)


def start_drawing(out: Path) -> tuple[subprocess.Popen[bytes], list[psutil.Process]]:
    """A run of which a few micrographs are drawn, and its processes."""
    run = subprocess.Popen([sys.executable, "-c", COMMAND.format(out=str(out))])
    journal = out / NAME
    while not journal.is_file() or journal.read_text().count("\n") < 4:
        assert run.poll() is None, "it was to be stopped before its end"
        time.sleep(0.02)
    return run, psutil.Process(run.pid).children(recursive=True)


@pytest.mark.parametrize(
    ("stop", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)]
)
def test_a_stopped_drawing_ends_clean_and_goes_on(
    tmp_path: Path, stop: signal.Signals, status: int
) -> None:
    # Given a run in the middle of its work
    out = tmp_path / "drawn"
    run, children = start_drawing(out)

    # When it is stopped
    run.send_signal(stop)

    # Then it and its processes end, and there is no manifest of half a set
    assert run.wait(60) == status
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []
    assert not (out / "manifest.csv").exists()

    # When the same order is given again
    records = list(write_fields(ORDER, out, workers=1))

    # Then all is there, and the same as if nothing had happened
    list(write_fields(ORDER, tmp_path / "whole", workers=1))
    assert len(records) == 60
    for path in sorted((tmp_path / "whole").rglob("*.png")):
        assert (out / path.relative_to(tmp_path / "whole")).read_bytes() == path.read_bytes()
