"""Images on a real S3 server: what is wrong is said, and nothing is lost by its absence."""

from collections.abc import Callable, Iterator

import grpc
import pytest
import redis.asyncio

from services.common.errors import Unavailable
from services.common.image_store import StoreUse, image_key
from services.common.s3_store import S3ImageStore
from services.common.settings import StoreSettings
from services.common.stores import open_store
from services.gateway.store_sweeper import StoreSweeper
from tests.integration.calls import Stream, grey, reason_of, refusal, status_of, stub_of
from tests.integration.processes import Service, wait_until_serving
from tests.integration.queue_world import QueueWorld
from tests.redis_server import RedisServer
from tests.s3_server import S3Server, running_s3
from tests.waiting import until

KEY = image_key("0" * 32, "an image", "d" * 64)


@pytest.fixture
def s3() -> Iterator[S3Server]:
    with running_s3() as server:
        yield server


def attempts(store: S3ImageStore) -> list[Callable[[], object]]:
    """Everything that a store is asked."""
    return [
        lambda: store.put(KEY, b"image"),
        lambda: store.get(KEY),
        lambda: store.delete(KEY),
        lambda: list(store.older_than(0)),
        store.use,
    ]


def refused(attempt: Callable[[], object]) -> str:
    with pytest.raises(Unavailable) as caught:
        attempt()
    assert caught.value.reason == "STORE_UNAVAILABLE"
    return caught.value.message


def test_what_is_wrong_is_said_at_the_start(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def opening(url: str = s3.url, **others: object) -> str:
        return refused(lambda: S3ImageStore(url, s3.settings(**others)))

    # Then
    assert "no bucket 'elsewhere'" in opening("s3://elsewhere/densa")
    assert "SignatureDoesNotMatch" in opening(secret_key="wrong")
    assert "InvalidAccessKeyId" in opening(access_key="AKIA0000000000000000")
    assert "DENSA_S3_ACCESS_KEY" in opening(secret_key="wrong")
    assert "s3://BUCKET/PREFIX" in opening("http://127.0.0.1/images")
    assert "No such file" in opening(ca_file="/nowhere/ca.pem")
    s3.kill()
    assert f"'images' at {s3.endpoint} does not do its part" in opening()

    # And by the settings that processes read
    monkeypatch.setenv("DENSA_S3_ENDPOINT", s3.endpoint)
    monkeypatch.setenv("DENSA_S3_ACCESS_KEY", "key")
    monkeypatch.setenv("DENSA_S3_SECRET_KEY", "secret")
    assert "'images' at" in refused(lambda: open_store(StoreSettings(url=s3.url)))


def test_a_server_that_is_gone_is_unavailable_for_each_operation_and_serves_when_it_is_back(
    s3: S3Server,
) -> None:
    # Given
    store = S3ImageStore(s3.url, s3.settings())
    key = s3.key, s3.secret

    # When
    s3.kill()

    # Then
    for attempt in attempts(store):
        assert s3.endpoint in refused(attempt)

    # When: it is back, and empty; this server makes another key
    s3.start()
    assert (s3.key, s3.secret) != key
    back = S3ImageStore(s3.url, s3.settings())
    back.put(KEY, b"image")

    # Then
    assert back.get(KEY) == b"image"


def test_a_bucket_that_is_gone_is_unavailable_and_no_image_is_missing(s3: S3Server) -> None:
    # Given
    store = S3ImageStore(s3.url, s3.settings())

    # When
    s3.delete_bucket()

    # Then: None would make an error of each image
    for attempt in attempts(store):
        assert "Create it" in refused(attempt)


def test_a_listing_of_many_pages_is_counted_and_swept(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    monkeypatch.setattr("services.common.s3_store.PAGE", 2)
    store = S3ImageStore(s3.url, s3.settings())
    names = sorted(image_key(f"{n % 3}" * 32, f"{n}", "d" * 64) for n in range(7))
    for name in names:
        store.put(name, b"image")

    # Then
    assert store.use() == StoreUse(7, 35, None)
    assert list(store.older_than(-1)) == [(name[:32], name) for name in names]
    assert list(store.older_than(60)) == []


async def test_images_of_jobs_that_are_done_or_gone_are_swept(
    s3: S3Server, queue: QueueWorld, clean_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given: more than are in hand at once
    monkeypatch.setattr("services.gateway.store_sweeper.AT_ONCE", 2)
    store = S3ImageStore(s3.url, s3.settings())
    done, gone, half = [await queue.accept(3) for _ in range(3)]
    queue.finish([*done, half[0]])
    await queue.registry.delete(gone[0].job)
    for image in (*done, *gone, *half):
        store.put(image_key(image.job, image.image_id, "d" * 64), b"pixels")

    # When
    async with redis.asyncio.Redis.from_url(clean_redis.url) as client:
        young = await StoreSweeper(client, store, 600.0).sweep()
        removed = await StoreSweeper(client, store, -1.0).sweep()

    # Then
    assert (young, removed) == (0, 6)
    assert {job for job, _ in store.older_than(-1)} == {half[0].job}


def test_a_process_says_what_is_wrong_with_its_bucket(s3: S3Server, lone_service: Service) -> None:
    for name in ("gateway", "worker"):
        # When
        settings = {**s3.environment(), "DENSA_STORE_URL": "s3://elsewhere"}
        process = lone_service.start_process(name, **settings)

        # Then
        process.expected_to_run = False
        assert process.popen.wait(60) == 1
        (said,) = process.events(f"{name}_cannot_start")
        assert said["reason"] == "STORE_UNAVAILABLE"
        assert "no bucket 'elsewhere'" in said["error"]


async def test_a_job_passes_through_s3_and_a_server_that_is_gone_is_a_refusal(
    s3: S3Server, lone_service: Service
) -> None:
    # Given
    service, settings = lone_service, s3.environment()
    service.start_worker(**settings)
    gateway = service.start_gateway(**settings)
    wait_until_serving(gateway.address)

    # When
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stub = stub_of(channel)
        stream = Stream(stub)
        await stream.open()
        await stream.send(*[grey(f"{n}", 10 + n) for n in range(20)])
        await stream.finish()

        # Then: all have their result, and no pixel is left in the bucket or in a file
        assert sorted(stream.presences) == sorted(f"{n}" for n in range(20))
        await until(lambda: s3.keys() == [])
        assert service.images == []

        # And when the server is gone, a call is refused with its reason
        s3.kill()
        error = await refusal(stub, grey("x", 100))
        assert (error.code(), reason_of(status_of(error))) == (
            grpc.StatusCode.UNAVAILABLE,
            "STORE_UNAVAILABLE",
        )
