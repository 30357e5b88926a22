"""The probes of the containers say what a client would find."""

from pathlib import Path

from tests.integration.processes import Service, running_service, wait_until_serving


def probe(service: Service, room: str, **settings: object) -> tuple[int, str]:
    """Exit status and words of a room's probe."""
    process = service.start_process("probe", module=f"services.{room}.probe", **settings)
    process.expected_to_run = False
    status = process.popen.wait(60)
    return status, process.log.read_text().strip()


def test_gateway_and_worker_are_healthy_while_they_serve_and_only_then(
    tmp_path: Path, tiny_bundle: Path
) -> None:
    with running_service(tmp_path, tiny_bundle) as service:
        # Given a gateway without a worker
        gateway = service.start_gateway()
        port = gateway.address.rpartition(":")[2]

        # When they are asked, then neither is well
        assert probe(service, "gateway", DENSA_GATEWAY_PORT=port) == (1, "NOT_SERVING")
        assert probe(service, "worker")[0] == 1

        # When a worker has come, then both are
        service.start_worker()
        wait_until_serving(gateway.address)
        assert probe(service, "gateway", DENSA_GATEWAY_PORT=port) == (0, "SERVING")
        assert probe(service, "worker") == (0, "consuming")

        # When the gateway has gone, then that is said
        gateway.stop()
        status, said = probe(service, "gateway", DENSA_GATEWAY_PORT=port)
        assert status == 1
        assert said == f"no answer from 127.0.0.1:{port}: UNAVAILABLE"
