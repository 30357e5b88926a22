"""The probe of the containers says what a client would find."""

import subprocess
import sys
from pathlib import Path

from tests.integration.processes import ROOT, running_service, wait_until_serving
from tests.waiting import until

PROBE = ROOT / "services/common/probe.py"


def probe(path: Path) -> tuple[int, str]:
    """Exit status and words, as a container runs it."""
    command = [sys.executable, "-I", "-S", str(PROBE), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.strip()


async def test_gateway_and_worker_are_healthy_while_they_serve_and_only_then(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    at_gateway, at_worker = tmp_path / "gateway", tmp_path / "worker"
    with running_service(tmp_path, tiny_bundle) as service:
        # Given a gateway without a worker, when asked, then it is not well
        gateway = service.start_gateway(DENSA_HEALTH_FILE=at_gateway)
        assert probe(at_gateway) == (1, "it does not do its work: there is no sign of life")

        # When a worker has come, then both are
        worker = service.start_worker(DENSA_HEALTH_FILE=at_worker)
        wait_until_serving(gateway.address)
        await until(lambda: probe(at_gateway) == (0, "alive"))
        assert probe(at_worker) == (0, "alive")

        # When the worker has gone, then neither is
        worker.stop()
        assert probe(at_worker)[0] == 1
        await until(lambda: probe(at_gateway)[0] == 1)
