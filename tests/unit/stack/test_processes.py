"""Every process of a stack has its settings, and what listens has a port of its own."""

from pathlib import Path

import pytest

from services.stack.data_directory import DataDirectory
from services.stack.plan import StackPlan
from services.stack.processes import make_processes


def metrics_ports(folder: Path) -> list[str]:
    plan = StackPlan(data=DataDirectory(folder), workers=2)
    with plan.data.locked():
        processes = make_processes(plan, 50051, folder / "redis.sock")
    children = (processes.gateway, *processes.workers)
    return [child.settings["DENSA_METRICS_PORT"] for child in children]


def test_without_a_word_no_metrics_are_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DENSA_METRICS_PORT", "9464")  # only one process could have it
    assert metrics_ports(tmp_path) == ["0", "0", "0"]


def test_gateway_and_workers_have_neighbouring_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DENSA_STACK_METRICS_PORT", "9464")
    assert metrics_ports(tmp_path) == ["9464", "9465", "9466"]
