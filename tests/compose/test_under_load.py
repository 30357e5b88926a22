"""Scaled, killed and rolled under load: each image has its one answer, and no caller notices."""

from pathlib import Path

import pytest

from services.client import DensaClient
from tests.compose.load import under_load
from tests.compose.project import Project, docker, inspect


async def test_services_are_scaled_up_and_down(project: Project) -> None:
    # When
    def scale() -> None:
        project.up("--no-recreate", "--scale", "worker=3", "--scale", "gateway=2")
        seen.append(
            {service: len(project.containers(service)) for service in ("worker", "gateway")}
        )
        project.up("--no-recreate", "--scale", "worker=1", "--scale", "gateway=1")
        seen.append(
            {service: len(project.containers(service)) for service in ("worker", "gateway")}
        )

    seen: list[dict[str, int]] = []
    await under_load(project.address, scale)

    # Then
    assert seen == [{"worker": 3, "gateway": 2}, {"worker": 1, "gateway": 1}]


@pytest.mark.parametrize("service", ["worker", "gateway"])
async def test_one_of_two_is_killed_and_the_other_goes_on(project: Project, service: str) -> None:
    # Given
    project.up("--no-recreate", "--scale", f"{service}=2")

    # When
    load = await under_load(project.address, lambda: docker("kill", project.containers(service)[0]))

    # Then
    assert load.calls > 0
    assert len(project.containers(service)) == 1
    project.up("--no-recreate")


@pytest.mark.parametrize("service", ["worker", "gateway", "redis"])
async def test_the_only_one_is_killed_and_started_again(project: Project, service: str) -> None:
    # When
    def kill() -> None:
        docker("kill", project.containers(service)[0])
        project.up("--no-recreate")

    # Then
    await under_load(project.address, kill)


async def test_a_crash_is_mended_by_the_engine(project: Project) -> None:
    # Given
    (redis,) = project.containers("redis")
    before = inspect(redis)["RestartCount"]

    # When
    await under_load(project.address, lambda: project.crash(redis))

    # Then
    assert inspect(redis)["RestartCount"] == before + 1


async def test_a_new_version_is_rolled_out_and_back_without_a_gap(project: Project) -> None:
    # Given
    version = f"{project.name}-next"
    for room in ("gateway", "worker"):
        with (project.folder / f"services/{room}/__init__.py").open("a") as file:
            file.write("\n# Of the next version.\n")
    project.write_settings(DENSA_VERSION=version)
    project.compose("build", "--quiet", "gateway", "worker")
    ran: list[set[str]] = []

    # When
    def roll() -> None:
        project.roll("worker", "gateway")
        ran.append(running(project))
        project.write_settings(DENSA_VERSION=project.name)
        project.roll("gateway", "worker")
        ran.append(running(project))

    await under_load(project.address, roll)

    # Then
    assert ran == [
        {f"densa/gateway:{version}", f"densa/worker:{version}"},
        {f"densa/gateway:{project.name}", f"densa/worker:{project.name}"},
    ]


def running(project: Project) -> set[str]:
    """The images of the gateways and workers that run, all of them healthy."""
    found = [inspect(one) for room in ("gateway", "worker") for one in project.containers(room)]
    assert {one["State"]["Health"]["Status"] for one in found} == {"healthy"}
    return {one["Config"]["Image"] for one in found}


async def test_a_version_that_does_not_become_healthy_is_taken_away_again(project: Project) -> None:
    # Given
    (before,) = project.containers("worker")
    project.write_settings(DENSA_INFERENCE_PROVIDER="cuda")
    said = ""

    # When: there is no GPU here
    def roll() -> None:
        nonlocal said
        with pytest.raises(AssertionError) as failed:
            project.roll("worker")
        said = str(failed.value)

    try:
        await under_load(project.address, roll)
    finally:
        project.write_settings(DENSA_INFERENCE_PROVIDER="cpu")

    # Then
    assert "PROVIDER_UNAVAILABLE" in said
    assert "The new worker did not become healthy" in said
    assert project.containers("worker") == [before]


def test_the_model_that_ships_answers_where_no_other_is_named(project: Project) -> None:
    # Given
    del project.settings["DENSA_INFERENCE_BUNDLE"]
    project.write_settings(DENSA_MODELS="./models")
    project.roll("worker")
    sample = next((Path(project.folder) / "services/stack/samples").glob("*.jpg"))

    # When
    with DensaClient(project.address) as densa:
        answer = densa.classify(sample)

    # Then
    assert answer.model.name == "densa-resnet18"
    assert 0 < answer.presence.probability < 1
