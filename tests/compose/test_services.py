"""docker compose up: what is there, what may it do, and what does it answer."""

import time
from typing import Any

import pytest

from services.client import DensaClient
from services.client.errors import Unavailable
from services.client.options import ClientOptions
from tests.compose.conftest import PASSWORD
from tests.compose.project import Project, inspect
from tests.faults.driving import image, level_of
from tests.integration.micrographs import TOLERANCE, micrograph, presence

SERVICES = ("redis", "gateway", "worker", "proxy", "page")
PUBLISHED = {"proxy": "50051/tcp", "page": "8080/tcp"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_is_healthy_and_may_do_nothing_that_it_need_not(
    project: Project, service: str
) -> None:
    # When
    (container,) = project.containers(service)
    found = inspect(container)
    host = found["HostConfig"]

    # Then
    assert found["State"]["Health"]["Status"] == "healthy"
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}
    assert found["Config"]["User"] not in {"", "root", "0"}


@pytest.mark.parametrize("service", SERVICES)
def test_only_public_ports_are_published_and_on_loopback(project: Project, service: str) -> None:
    # When
    (container,) = project.containers(service)
    ports: dict[str, Any] = inspect(container)["NetworkSettings"]["Ports"]
    published = {port: places for port, places in ports.items() if places}

    # Then
    assert set(published) == ({PUBLISHED[service]} if service in PUBLISHED else set())
    assert {place["HostIp"] for places in published.values() for place in places} <= {"127.0.0.1"}


def test_redis_keeps_everything_and_answers_no_stranger(project: Project) -> None:
    # Given
    ask = ("exec", "-T", "redis", "redis-cli", "--no-auth-warning")

    # Then
    assert "NOAUTH" in project.compose("exec", "-T", "--env", "REDISCLI_AUTH=", *ask[2:], "ping")
    for name, value in (("appendonly", "yes"), ("maxmemory-policy", "noeviction")):
        assert project.compose(*ask, "config", "get", name).split() == [name, value]
    assert project.compose(*ask, "config", "get", "requirepass").splitlines()[1] == PASSWORD


def test_a_micrograph_is_classified_through_the_published_port(project: Project) -> None:
    with DensaClient(project.address) as densa:
        answer = densa.classify(image(7))
    assert answer.presence.probability == pytest.approx(presence(level_of(7)), abs=TOLERANCE)


def test_a_gateway_that_is_away_is_unavailable_in_words_of_grpc(project: Project) -> None:
    # Given: what the proxy answers where it knows no gateway
    project.compose("stop", "gateway")

    # When
    try:
        with (
            DensaClient(project.address, ClientOptions(attempts=1)) as densa,
            pytest.raises(Unavailable),
        ):
            densa.classify(image(7))
    finally:
        project.up()


def test_the_page_takes_a_micrograph_and_shows_its_result(project: Project) -> None:
    # When
    name = project.upload(micrograph(100))

    # Then
    end = time.monotonic() + 60
    while (result := project.shown()[name]) is None:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert result["outputs"]["presence"]["probability"] == pytest.approx(
        presence(100), abs=TOLERANCE
    )


def test_a_missing_password_and_a_setting_without_effect_stop_the_start_by_name(
    project: Project,
) -> None:
    # Given
    settings = dict(project.settings)
    try:
        # When
        project.write_settings(DENSA_STORE_PATH="/srv/images")
        fixed = _fails(project, "run", "--rm", "--no-deps", "gateway")
        del project.settings["DENSA_REDIS_PASSWORD"]
        project.write_settings()
        missing = _fails(project, "up", "--detach")
    finally:
        project.settings = settings
        project.write_settings()

    # Then
    assert "DENSA_STORE_PATH" in fixed
    assert "is set by docker-compose.yml: remove it from .env" in fixed
    assert "DENSA_REDIS_PASSWORD" in missing
    assert "choose a password for Redis and write it into .env" in missing


def _fails(project: Project, *arguments: str) -> str:
    with pytest.raises(AssertionError) as failed:
        project.compose(*arguments)
    return str(failed.value)
