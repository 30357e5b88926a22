"""The files beside docker-compose.yml: what they add, and that Prometheus sees what runs."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import yaml

from tests.compose.project import Project, free_port

OBSERVABILITY = "docker-compose.yml:deploy/compose.observability.yml"
RULES = Path(__file__).parents[2] / "deploy/observability/rules/alerts.yml"


def configured(project: Project, *files: str) -> dict[str, Any]:
    """The services of docker-compose.yml with more files."""
    project.write_settings(DENSA_GRAFANA_PASSWORD="x")
    named = [word for file in files for word in ("--file", f"deploy/{file}")]
    said = project.compose("--file", "docker-compose.yml", *named, "config", "--format", "json")
    services: dict[str, Any] = json.loads(said)["services"]
    return services


def test_the_gpu_file_reserves_one_and_leaves_the_worker_no_other_provider(built: Project) -> None:
    # When
    services = configured(built, "compose.gpu.yml")
    worker = services["worker"]

    # Then
    (device,) = worker["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])
    assert worker["environment"]["DENSA_INFERENCE_PROVIDER"] == "cuda"
    assert worker["build"]["args"] == {"REQUIREMENTS": "worker-gpu.txt"}
    assert worker["image"].startswith("densa/worker-gpu:")


def test_only_gateways_and_workers_get_a_way_out(built: Project) -> None:
    services = configured(built, "compose.outside.yml")
    assert {name for name, one in services.items() if "outside" in one["networks"]} == {
        *("gateway", "worker", "proxy", "page")
    }


def test_prometheus_sees_every_gateway_and_worker_and_has_all_alerts(project: Project) -> None:
    # Given
    address = f"http://127.0.0.1:{(port := free_port())}/api/v1"
    project.write_settings(
        COMPOSE_FILE=OBSERVABILITY,
        DENSA_GRAFANA_PASSWORD="x",
        DENSA_PUBLISH_PROMETHEUS=f"{port}",
    )
    try:
        # When
        project.up("--no-recreate", "--scale", "worker=2", "worker", "prometheus")

        # Then
        jobs = ["densa-gateway", "densa-worker", "densa-worker"]
        until_said(
            f"{address}/targets?state=active",
            lambda data: (
                sorted(t["labels"]["job"] for t in data["activeTargets"] if t["health"] == "up")
                == jobs
            ),
        )
        rules = until_said(f"{address}/rules", lambda data: data["groups"])
        assert [rule["name"] for group in rules["groups"] for rule in group["rules"]] == [
            rule.get("alert") or rule["record"]
            for group in yaml.safe_load(RULES.read_text())["groups"]
            for rule in group["rules"]
        ]
        until_said(
            f"{address}/query?query=max(densa_ready)",
            lambda data: [one["value"][1] for one in data["result"]] == ["1"],
        )
    finally:
        project.compose("rm", "--stop", "--force", "prometheus")
        del project.settings["COMPOSE_FILE"]
        project.write_settings()
        project.up("--no-recreate")


def until_said(url: str, condition: Any) -> dict[str, Any]:
    """Asks Prometheus until its data fulfil the condition; the data."""
    end, data = time.monotonic() + 60, {}
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                data = json.load(answer)["data"]
        except OSError:  # it starts
            data = {}
        if data and condition(data):
            return data
        time.sleep(0.3)
    raise AssertionError(f"{url}: {data}")
