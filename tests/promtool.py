"""Prometheus's own tool, where it is installed: a skip here without it, a failure in CI."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def promtool(*arguments: object) -> str:
    """Runs it; what it says. It must find nothing wrong."""
    tool = shutil.which("promtool")
    if tool is None:
        if os.environ.get("CI"):
            pytest.fail("promtool is missing: apt-get install prometheus")
        pytest.skip("promtool is missing: apt-get install prometheus")
    done = subprocess.run(
        [tool, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1] / "deploy/observability",
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
