"""One trace from the client to the model and back; logs of ids, and of no patient's word."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.collector import Span, running_collector
from tests.integration.metrics import free_port, scrape
from tests.integration.micrographs import micrograph
from tests.integration.processes import ROOT, Process, running_service, wait_until_serving

WORD = "Zzyzxowski"
"""Stands for a name. It is planted wherever one could be."""

SENDS_LABELS = f"""
import asyncio, sys, grpc
from densa.v1.micrograph_pb2 import Micrograph
from tests.integration.calls import Stream, refusal, stub_of

async def main():
    async with grpc.aio.insecure_channel(sys.argv[1]) as channel:
        stub = stub_of(channel)
        good, torn, odd = (open(path, "rb").read() for path in sys.argv[2:5])
        stream = Stream(stub, metadata=[("x-name", "{WORD}")])
        await stream.open()
        about = dict(case_id="{WORD} case", labels={{"name {WORD}": "{WORD}"}})
        await stream.send(
            Micrograph(image_id="{WORD} 1", image=good, **about),
            Micrograph(image_id="{WORD} 2", image=torn, **about),
            Micrograph(image_id="{WORD} 3", image=odd, **about),
            Micrograph(image_id="{WORD} 1", image=odd, **about),
        )
        await stream.finish()
        await refusal(stub, Micrograph(image_id="{WORD}\\n", image=good))
        await refusal(stub, Micrograph(image_id="{WORD}", image=b"{WORD}"))

asyncio.run(main())
"""


def tiff_that_names() -> bytes:
    """A good TIFF with a name in every text tag, and in two that hold numbers."""
    file = io.BytesIO()
    pixels = np.frombuffer(os.urandom(300 * 300), np.uint8).reshape(300, 300)
    tifffile.imwrite(
        file,
        pixels,
        description=f"patient={WORD}",
        software=WORD,
        metadata=None,
        extratags=[
            (315, "s", 0, WORD, True),
            (33432, "s", 0, WORD, True),
            (34682, "s", 0, WORD, True),  # FEI_HELIOS: read as an instrument's settings
            (65027, "s", 0, WORD, True),
        ],
    )
    return file.getvalue()


@dataclass(frozen=True)
class Seen:
    """What a stack told while it classified images of somebody with a name."""

    worker: Process
    gateway: Process
    spans: list[Span]
    traces: str
    digests: dict[str, str]
    exemplars: str


def densa(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("DENSA_")},
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos/gen'}",
            **settings,
        },
        timeout=120,
    )


@pytest.fixture(scope="module", params=["json", "console"])
def seen(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    tiny_bundle: Path,
) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("seen")
    files = {
        "good": micrograph(200),
        "torn": micrograph(90)[:-40],
        "odd": tiff_that_names(),
    }
    paths = [folder / f"{WORD} {name}.img" for name in files]
    for path, image in zip(paths, files.values(), strict=True):
        path.write_bytes(image)
    with running_collector() as collector, running_service(folder, tiny_bundle) as service:
        settings = {
            "DENSA_TRACES_ENDPOINT": collector.endpoint,
            "DENSA_LOG_LEVEL": "DEBUG",
            "DENSA_INFERENCE_DECODE_IN": "thread" if request.param == "json" else "process",
        }
        port = free_port()
        worker = service.start_worker(
            DENSA_LOG_FORMAT=request.param, DENSA_METRICS_PORT=port, **settings
        )
        gateway = service.start_gateway(**settings)
        wait_until_serving(gateway.address)
        sent = densa(
            *("-m", "services.client", "classify", paths[0], "--address", gateway.address),
            DENSA_TRACES_ENDPOINT=collector.endpoint,
        )
        assert sent.returncode == 0, sent.stderr
        raw = densa("-c", SENDS_LABELS, gateway.address, *paths)
        assert raw.returncode == 0, raw.stderr
        openmetrics = scrape(port, "application/openmetrics-text")
        service.stop()
        yield Seen(
            worker,
            gateway,
            collector.spans,
            "".join(collector.text),
            {name: sha256(image).hexdigest()[:12] for name, image in files.items()},
            openmetrics,
        )


def test_one_trace_covers_the_way_from_the_client_to_the_model_and_back(seen: Seen) -> None:
    # Given
    (root,) = (span for span in seen.spans if span.process == "densa-client")

    # When
    trace = [span for span in seen.spans if span.trace == root.trace]
    by_name = {span.name: span for span in trace}

    # Then
    assert root.name == "densa classify"
    stream = by_name["densa.v1/ClassifyMicrographs"]
    accept = by_name["accept"]
    assert stream.parent == root.id
    assert accept.parent == stream.id
    stages = {"store", "queue", "fetch", "decode", "inference", "write", "deliver"}
    assert stages <= set(by_name)
    assert {by_name[stage].parent for stage in stages} == {accept.id}
    assert by_name["inference"].process == by_name["queue"].process == "densa-worker"
    assert by_name["deliver"].process == "densa-gateway"
    assert by_name["inference"].attributes["image"] == seen.digests["good"]
    assert all(0 <= span.seconds < 60 for span in trace)


def test_slow_stages_lead_to_their_traces(seen: Seen) -> None:
    traces = {span.trace for span in seen.spans}
    shown = set(
        re.findall(r'densa_stage_duration_seconds_bucket.*# {trace_id="(\w+)"}', seen.exemplars)
    )
    assert shown
    assert shown <= traces


def test_logs_hold_job_image_and_trace(seen: Seen) -> None:
    if seen.worker.events("image_failed"):  # in the run whose worker writes JSON
        failed = {entry["image"]: entry for entry in seen.worker.events("image_failed")}
        torn = failed[seen.digests["torn"]]
        assert torn["reason"] == "TRUNCATED_IMAGE"
        assert len(torn["job"]) == 32
        assert torn["trace"] in {span.trace for span in seen.spans}
        classified = {entry["image"] for entry in seen.worker.events("image_classified")}
        assert seen.digests["good"] in classified
    accepted = {entry["image"] for entry in seen.gateway.events("image_accepted")}
    assert accepted == set(seen.digests.values())


def test_nothing_that_names_a_patient_is_in_logs_or_traces(seen: Seen) -> None:
    for text in (seen.worker.log.read_text(), seen.gateway.log.read_text(), seen.traces):
        assert len(text) > 500
        assert WORD not in text
        assert WORD.encode().hex() not in text


def test_where_traces_are_off_what_sends_them_is_not_loaded() -> None:
    # When
    rooms = densa(
        "-c",
        "import sys, json; import services.gateway.app, services.worker.app;"
        "from services.common.tracing import start_tracing;"
        "from services.common.settings import TracesSettings;"
        "assert start_tracing(TracesSettings(), 'gateway') is None;"
        # redis-py loads parts of OpenTelemetry by itself, whatever we do.
        "print(json.dumps([m for m in sys.modules if m.startswith('opentelemetry.exporter')]))",
    )
    client = densa(
        "-c",
        "import sys, json; import services.client; from services.client.tracing import traced;"
        "traced('', 'densa').__enter__();"
        "print(json.dumps([m for m in sys.modules if m.startswith('opentelemetry')]))",
    )

    # Then
    assert json.loads(rooms.stdout) == [], rooms.stderr
    assert json.loads(client.stdout) == [], client.stderr
