"""`densa status` as it is typed."""

import json

from grpc_health.v1 import health_pb2
from typer.testing import CliRunner

from services.client.app import make_app
from services.client.event_loop_thread import EventLoopThread
from tests.unit.client.fake_service import FakeServer, FakeService


def test_a_service_that_serves_is_described(server: FakeServer) -> None:
    # When
    result = CliRunner().invoke(make_app(), ["status", "--address", server.address])

    # Then
    assert result.exit_code == 0
    assert f"{server.address}: serving" in result.stdout
    assert "fake 1" in result.stdout
    assert "sha256:0" in result.stdout


def test_programs_get_json(server: FakeServer) -> None:
    # When
    result = CliRunner().invoke(
        make_app(), ["status", "--json"], env={"DENSA_ADDRESS": server.address}
    )

    # Then
    state = json.loads(result.stdout)
    assert state["serving"] is True
    assert state["models"][0]["identity"] == {"name": "fake", "version": "1", "digest": "sha256:0"}


def test_a_service_without_a_worker_does_not_serve(
    server: FakeServer, service: FakeService
) -> None:
    # Given
    service.models_served = 0
    thread = EventLoopThread()
    thread.run(
        server.health.set(
            "densa.v1.ClassificationService", health_pb2.HealthCheckResponse.NOT_SERVING
        )
    )
    thread.close()

    # When
    result = CliRunner().invoke(make_app(), ["status", "--address", server.address])

    # Then
    assert result.exit_code == 1
    assert "not serving" in result.stdout
    assert "No worker serves a model" in result.stdout


def test_no_service_is_said_and_has_status_1() -> None:
    # When
    plain = CliRunner().invoke(make_app(), ["status", "--address", "127.0.0.1:1"])
    programs = CliRunner().invoke(make_app(), ["status", "--address", "127.0.0.1:1", "--json"])

    # Then
    assert plain.exit_code == programs.exit_code == 1
    assert "No Densa service answers at 127.0.0.1:1" in plain.stderr
    assert json.loads(programs.stdout)["serving"] is False
