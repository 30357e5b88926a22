"""What a gateway and a worker expose, and that dashboards, rules and docs speak of nothing else."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
import yaml
from densa.v1 import lane_pb2
from densa.v1.micrograph_pb2 import Micrograph
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from services.common.metrics import REASONS
from tests.integration.calls import Stream, grey, refusal, stub_of
from tests.integration.metrics import free_port, scrape
from tests.integration.micrographs import micrograph
from tests.integration.processes import running_service, wait_until_serving
from tests.promtool import promtool
from tests.waiting import until

ROOT = Path(__file__).parents[2]
OBSERVABILITY = ROOT / "deploy/observability"
DASHBOARD = json.loads((OBSERVABILITY / "grafana/dashboards/densa.json").read_text())
RULES = yaml.safe_load((OBSERVABILITY / "rules/alerts.yml").read_text())
OF_PROMETHEUS = {"job", "instance", "alertname", "le"}
PATIENT = "Zzyzx Patientname"


def expressions() -> dict[str, str]:
    """Everything Prometheus is asked, by who asks."""
    panels = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in DASHBOARD["panels"]
        for target in panel.get("targets", ())
    }
    alerts = {rule["alert"]: rule["expr"] for rule in RULES["groups"][0]["rules"]}
    return {**panels, **alerts}


@dataclass(frozen=True)
class Exposed:
    """What a gateway and a worker exposed after a few images."""

    gateway: dict[str, Metric]
    worker: dict[str, Metric]

    def value(self, name: str, **labels: str) -> float:
        """A sample's value, in whichever of the two has it."""
        for families in (self.gateway, self.worker):
            for family in families.values():
                for sample in family.samples:
                    if sample.name == name and labels.items() <= sample.labels.items():
                        return sample.value
        raise AssertionError(f"no {name} {labels}")

    @property
    def labels(self) -> dict[str, set[str]]:
        """Names of samples, and the labels of each."""
        found: dict[str, set[str]] = {}
        for families in (self.gateway, self.worker):
            for family in families.values():
                for sample in family.samples:
                    found.setdefault(sample.name, set()).update(sample.labels)
        return found


def families(text: str) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(text)}


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory, tiny_bundle: Path) -> Iterator[Exposed]:
    """A stack that classified two images, could not read a third, and refused a fourth."""
    with running_service(tmp_path_factory.mktemp("metrics"), tiny_bundle) as service:
        ports = free_port(), free_port()
        service.start_worker(DENSA_METRICS_PORT=ports[0])
        gateway = service.start_gateway(DENSA_METRICS_PORT=ports[1])
        wait_until_serving(gateway.address)
        asyncio.run(a_few_images(gateway.address, *ports))
        yield Exposed(families(scrape(ports[1])), families(scrape(ports[0])))


async def a_few_images(address: str, worker: int, gateway: int) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        stub = stub_of(channel)
        stream = Stream(stub)
        await stream.open(lane=lane_pb2.LANE_STAT)
        await stream.send(
            grey(PATIENT, 200, case_id=PATIENT, labels={"name": PATIENT}),
            grey("dark", 20),
            Micrograph(image_id="broken", image=micrograph(9)[:60]),
        )
        await stream.finish()
        assert len(stream.results) == 3
        await refusal(stub, Micrograph(image_id="none", image=b""))
        await until(lambda: all_written(scrape(worker)) and shows_itself(scrape(gateway)))


def shows_itself(text: str) -> bool:
    """Whether the gauges that tasks set were set since the last result."""
    return (
        "densa_ready 1.0" in text
        and "densa_store_size_bytes 0.0" not in text
        and 'densa_queue_images{lane="STAT"} 0.0' in text
    )


def all_written(text: str) -> bool:
    """Whether the worker has counted the last result, which its client may have sooner."""
    return 'densa_stage_duration_seconds_count{stage="total"} 3.0' in text and (
        'outcome="failed"} 1.0' in text and 'outcome="classified"} 2.0' in text
    )


def test_images_are_counted_by_what_became_of_them(exposed: Exposed) -> None:
    assert exposed.value("densa_images_accepted_total") == 3
    assert exposed.value("densa_images_refused_total", reason="EMPTY_IMAGE") == 1
    assert exposed.value("densa_results_total", outcome="classified") == 2
    assert exposed.value("densa_results_total", outcome="failed") == 1
    assert exposed.value("densa_model_calls_total", output="presence", call="positive") == 1
    assert exposed.value("densa_model_calls_total", output="presence", call="negative") == 1
    assert exposed.value("densa_findings_total", code="BLANK") == 2
    assert exposed.value("densa_presence_probability_ratio_count") == 2
    assert exposed.value("densa_image_attempts_sum") == 3
    assert exposed.value("densa_batch_images_sum") == 3


def test_calls_are_counted_by_method_and_code(exposed: Exposed) -> None:
    assert exposed.value("densa_requests_total", method="ClassifyMicrographs", code="OK") == 1
    assert (
        exposed.value("densa_requests_total", method="ClassifyMicrograph", code="INVALID_ARGUMENT")
        == 1
    )


def test_every_stage_of_the_way_has_its_durations(exposed: Exposed) -> None:
    counts = {
        stage: exposed.value("densa_stage_duration_seconds_count", stage=stage)
        for stage in ("store", "queue", "fetch", "decode", "inference", "write", "total")
    }
    assert counts == dict.fromkeys(("store", "queue", "fetch", "decode", "write", "total"), 3) | {
        "inference": 2
    }


def test_the_model_the_queue_and_the_store_are_described(exposed: Exposed) -> None:
    assert exposed.value("densa_model_info", provider="cpu") == 1
    assert exposed.value("densa_ready") == 1
    assert exposed.value("densa_workers") == 1
    for lane in ("STAT", "ROUTINE", "BULK"):
        assert exposed.value("densa_queue_images", lane=lane) == 0
        assert exposed.value("densa_queue_bytes", lane=lane) == 0
        assert exposed.value("densa_queue_oldest_age_seconds", lane=lane) == 0
    assert exposed.value("densa_store_size_bytes") > exposed.value("densa_store_free_bytes") > 0


def test_names_have_our_prefix_and_a_unit_and_labels_hold_nothing_of_a_client(
    exposed: Exposed,
) -> None:
    for families in (exposed.gateway, exposed.worker):
        for family in families.values():
            assert family.name.startswith("densa_")
            assert family.documentation
            for sample in family.samples:
                for value in sample.labels.values():
                    assert "Zzyzx" not in value
                    assert "dark" not in value
            assert len({tuple(sample.labels.items()) for sample in family.samples}) < 200


def test_every_reason_an_image_may_meet_is_counted_by_name() -> None:
    gateway = ("admission", "intake", "backlog", "job_registry", "redis_answers", "unary_call")
    stores = ("image_store", "directory_store", "s3_store", "s3_errors")
    services = ROOT / "services"
    files = [
        *(services / "gateway" / f"{name}.py" for name in gateway),
        *(services / "inference" / "formats").glob("*.py"),
        services / "inference/decoding.py",
        services / "worker/handler.py",
        services / "worker/verdicts.py",
        *(services / "common" / f"{name}.py" for name in stores),
        services / "common/dismissals.py",
    ]
    given = {
        reason for file in files for reason in re.findall(r'reason="([A-Z_]+)"', file.read_text())
    }
    assert len(given) > 10
    assert given <= REASONS


def test_dashboard_and_rules_ask_for_nothing_that_is_not_there(exposed: Exposed) -> None:
    known = exposed.labels
    for name, expression in expressions().items():
        named = set(re.findall(r"\bdensa_\w+", expression))
        assert named <= set(known), f"{name}: {named - set(known)}"
        labels = set().union(*(known[metric] for metric in named)) | OF_PROMETHEUS
        for metric, selector in re.findall(r"\b(densa_\w+)\{([^}]*)\}", expression):
            asked = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
            assert asked <= known[metric] | OF_PROMETHEUS, f"{name}: {metric} {asked}"
        for grouping in re.findall(r"by \(([^)]*)\)", expression):
            asked = {label.strip() for label in grouping.split(",")}
            assert asked <= labels, f"{name}: {asked - labels}"


def test_prometheus_understands_every_expression(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression}
        for number, expression in enumerate(expressions().values())
    ]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(rules)} rules found" in promtool("check", "rules", path)
    promtool("check", "config", "--syntax-only", "prometheus.yml")


def test_alerts_fire_when_they_should_and_only_then() -> None:
    said = promtool("test", "rules", "tests/alerts_test.yml", "tests/drift_test.yml")
    assert said.count("SUCCESS") == 2


def test_every_panel_is_explained_and_has_its_place() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["description"], panel["title"]
            assert panel["datasource"]["uid"] == "prometheus"
