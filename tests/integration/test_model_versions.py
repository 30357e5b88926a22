"""Versions of the model are exchanged under load, refused, taken back and compared, for real."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.client import AsyncDensaClient, ClientOptions
from services.client.async_models import AsyncModels
from services.client.errors import DensaError, Forbidden, InvalidRequest, NotFound
from services.client.model_versions import Comparison, ModelVersions
from services.common import keys
from tests.bundles import write_tiny_bundle
from tests.integration.calls import Stream, classify, grey, stub_of
from tests.integration.micrographs import TOLERANCE, presence
from tests.integration.processes import Gateway, Service, running_service, wait_until_serving
from tests.waiting import until, until_told

TOKEN = "a secret"
SHADE = 0.5
"""What version 0.0.2 makes of a presence probability."""

OPTIONS = ClientOptions(attempts=1)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions 0.0.1 and 0.0.2, and 0.0.3, which is damaged."""
    path = tmp_path_factory.mktemp("models")
    for version, shade in (("0.0.1", 1.0), ("0.0.2", SHADE), ("0.0.3", 1.0)):
        write_tiny_bundle(path / "tiny" / version, version, shade)
    with (path / "tiny/0.0.3/model.onnx").open("ab") as file:
        file.write(b"one byte more")
    return path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[Service]:
    """Redis and two workers."""
    folder = tmp_path_factory.mktemp("service")
    with running_service(folder, repository / "tiny/0.0.1") as service:
        for name in ("one", "two"):
            service.start_worker(DENSA_WORKER_NAME=name, DENSA_INFERENCE_REPOSITORY=repository)
        yield service


@pytest.fixture(scope="module")
def gateway(service: Service) -> Gateway:
    """A gateway whose operators have a token."""
    gateway = service.start_gateway(DENSA_GATEWAY_ADMIN_TOKEN=TOKEN)
    wait_until_serving(gateway.address)
    return gateway


@pytest.fixture
async def models(gateway: Gateway, service: Service) -> AsyncIterator[AsyncModels]:
    """Whoever decides. Two workers answer with 0.0.1, and nothing was before."""
    async with operator(gateway.address) as models:
        await until_told(models.list, lambda found: len(serving(found)) == 2)
        await models.activate("0.0.1")
        with service.redis.client() as client:
            client.delete(keys.MODEL_HISTORY)
        yield models


@pytest.fixture
async def channel(gateway: Gateway) -> AsyncIterator[grpc.aio.Channel]:
    """To the gateway."""
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        yield channel


@asynccontextmanager
async def operator(address: str, token: str = TOKEN) -> AsyncIterator[AsyncModels]:
    """Whoever decides, with a token."""
    async with AsyncDensaClient(address, OPTIONS) as densa:
        yield densa.model_versions(token)


def serving(found: ModelVersions) -> list[str]:
    """The names of the workers that answer."""
    return [name for one in found.versions for name in one.serving_workers]


async def health(channel: grpc.aio.Channel, service: str) -> int:
    """Its status."""
    request = health_pb2.HealthCheckRequest(service=service)
    answer = await health_pb2_grpc.HealthStub(channel).Check(request)
    return int(answer.status)


class Load:
    """Calls one after the other, each of which must be answered rightly by the version it names."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub
        self.versions: list[str] = []
        self._stopping = False

    async def run(self) -> None:
        """Until `stop`."""
        while not self._stopping:
            answer = await classify(self._stub, grey("x", 200))
            version = answer.model.version
            expected = presence(200) * (SHADE if version == "0.0.2" else 1.0)
            assert answer.presence.probability == pytest.approx(expected, abs=TOLERANCE)
            self.versions.append(version)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        """Three callers at a time; none of their calls may fail."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(self.run())
            yield self
            self._stopping = True

    async def answered(self, more: int = 10) -> None:
        """Waits for so many more answers."""
        seen = len(self.versions)
        await until(lambda: len(self.versions) >= seen + more)


async def test_a_version_is_activated_refused_and_taken_back_while_calls_are_answered(
    models: AsyncModels, channel: grpc.aio.Channel, service: Service, repository: Path
) -> None:
    async with Load(stub_of(channel)).running() as load:
        await load.answered()
        assert set(load.versions) == {"0.0.1"}

        # When: a version is activated
        done = await models.activate("0.0.2")

        # Then: both workers answer with it, and no call failed or was of two models
        assert (done.active.version, done.previous and done.previous.version) == (
            "0.0.2",
            "0.0.1",
        )
        seen = len(load.versions)
        await load.answered(20)
        assert set(load.versions[seen + 6 :]) == {"0.0.2"}
        listed = {one.version: one for one in (await models.list()).versions}
        assert listed["0.0.2"].active
        assert listed["0.0.1"].previous
        assert len(listed["0.0.2"].serving_workers) == 2
        assert len(listed["0.0.3"].repository_workers) == 2

        # When: a damaged one is, and one that is not there
        with pytest.raises(InvalidRequest, match=r"Nothing has changed.*digest") as caught:
            await models.activate("0.0.3")
        assert caught.value.reason == "DIGEST_MISMATCH"
        with pytest.raises(InvalidRequest, match="not in the model repository") as caught:
            await models.activate("9.9.9")
        assert caught.value.reason == "BUNDLE_NOT_FOUND"
        with pytest.raises(InvalidRequest) as caught:
            await models.activate("../0.0.1")
        assert caught.value.reason == "INVALID_VERSION"

        # Then: the one before goes on answering
        seen = len(load.versions)
        await load.answered(20)
        assert set(load.versions[seen:]) == {"0.0.2"}

        # When: back
        done = await models.rollback()

        # Then
        assert done.active.version == "0.0.1"
        seen = len(load.versions)
        await load.answered(20)
        assert set(load.versions[seen + 6 :]) == {"0.0.1"}
        with pytest.raises(NotFound, match="nothing to go back to"):
            await models.rollback()

    # When: a worker starts that has not the active version, then one that has
    done = await models.activate("0.0.2")
    lacking = repository.with_name("lacking")
    shutil.copytree(repository / "tiny/0.0.1", lacking / "tiny/0.0.1")
    lame = service.start_process("worker", DENSA_INFERENCE_REPOSITORY=lacking)
    assert lame.popen.wait(30) == 1
    lame.expected_to_run = False
    (said,) = lame.events("worker_cannot_start")
    assert said["reason"] == "BUNDLE_NOT_FOUND"
    late = service.start_worker(DENSA_INFERENCE_REPOSITORY=repository, DENSA_WORKER_NAME="late")
    assert late.wait_for_event("model_loaded")["version"] == "0.0.2"
    await until_told(models.list, lambda found: "late" in serving(found))
    late.stop()


async def test_a_worker_that_cannot_follow_goes_on_and_says_so(
    models: AsyncModels, channel: grpc.aio.Channel, service: Service
) -> None:
    assert await health(channel, "densa.v1.ModelService") == 1

    # When: a decision comes that nobody verified, as from a Redis that was put back
    with service.redis.client() as client:
        text = '{"name": "tiny", "version": "0.0.3", "digest": "sha256:0"}'
        client.hset(keys.MODEL_CHOICE, "active", text)
    await until_told(models.list, lambda found: len(found.problems) == 2)

    # Then: the version before answers, and everybody can see why
    answer = await classify(stub_of(channel), grey("x", 100))
    assert answer.model.version == "0.0.1"
    (problem, _) = (await models.list()).problems
    assert (problem.version, problem.reason) == ("0.0.3", "DIGEST_MISMATCH")
    assert await health(channel, "densa.v1.ModelService") == 2
    assert await health(channel, "densa.v1.ClassificationService") == 1

    # When: it is mended by another decision
    await models.activate("0.0.2")

    # Then
    assert not (await models.list()).problems
    answer = await classify(stub_of(channel), grey("x", 100))
    assert answer.model.version == "0.0.2"


async def test_a_version_in_the_shadow_is_compared_and_answers_nobody(
    models: AsyncModels, channel: grpc.aio.Channel, service: Service
) -> None:
    with pytest.raises(NotFound):
        await models.compare()
    with pytest.raises(InvalidRequest, match="Nothing has changed"):
        await models.shadow("0.0.3", 1.0)

    # When: half as bright in the shadow, so that it calls less positive
    shadow = await models.shadow("0.0.2", 1.0)
    assert shadow is not None
    assert shadow.version == "0.0.2"
    stream = Stream(stub_of(channel))
    await stream.open()
    levels = [100, 120, 140, 160, 180, 200]
    await stream.send(*(grey(f"Mrs Smith {level}", level) for level in levels))
    await stream.finish()

    # Then: the active version answered
    assert {one.classification.model.version for one in stream.results} == {"0.0.1"}

    async def compare() -> Comparison | None:
        try:
            return await models.compare()
        except NotFound:  # nothing was counted yet
            return None

    found = await until_told(compare, lambda one: one and one.compared == len(levels))
    assert found is not None
    assert (found.compared, found.failed) == (len(levels), 0)
    assert (found.active.version, found.shadow.version) == ("0.0.1", "0.0.2")
    presences = {one.label: one for one in found.outputs}["presence"]
    positive = sum(presence(level) >= 0.5 for level in levels)
    assert (presences.active_positive, presences.shadow_positive) == (positive, 0)
    assert presences.kappa == pytest.approx(0.0)
    mean = sum(presence(level) for level in levels) / len(levels) * (1 - SHADE)
    assert presences.mean_difference == pytest.approx(mean, abs=TOLERANCE)
    largest = found.differences[0]
    assert largest.label == "presence"
    assert largest.active_probability == pytest.approx(presence(200), abs=TOLERANCE)
    assert largest.image.startswith(stream.job)
    assert "Smith" not in str(found)

    # Then: the images are let go all the same
    await until(lambda: not service.images)

    # When: it ends
    assert await models.shadow("", 0.0) is None
    await classify(stub_of(channel), grey("x", 100))
    assert (await models.compare()).compared == len(levels)


async def test_who_does_not_know_the_token_decides_nothing(
    gateway: Gateway, service: Service
) -> None:
    async with operator(gateway.address, "a guess") as models:
        assert (await models.list()).problems == []
        for call in (models.activate("0.0.2"), models.rollback(), models.compare()):
            with pytest.raises(Forbidden, match="admin token"):
                await call
    with service.gateway() as closed:
        async with operator(closed.address) as models:
            with pytest.raises(DensaError) as caught:
                await models.shadow("0.0.2", 0.5)
            assert caught.value.reason == "ADMIN_DISABLED"
