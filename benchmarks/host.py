"""Where a benchmark ran: what a reader needs to weigh its figures."""

import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.helper import ROOT
from benchmarks.results import Host


def describe() -> Host:
    """The machine, the commit and the day."""
    cores = psutil.cpu_count() or 1
    return Host(
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        commit=_commit(),
        cpu=_cpu(),
        cores=cores,
        python=platform.python_version(),
        busy=psutil.getloadavg()[0] / cores,
    )


def _commit() -> str:
    """The commit, with a + where files differ from it; "unknown" outside a repository."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "services", "benchmarks")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return commit + ("+" if changed else "")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def _cpu() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
