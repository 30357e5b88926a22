"""The fake task queue and Celery on Redis keep the same promises."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from services.common.celery_app import make_celery
from services.common.messages import CLASSIFY_TASK, ImageRef, decode_batch
from services.common.settings import QueueSettings, RedisSettings
from services.gateway.celery_task_queue import CeleryTaskQueue
from services.gateway.dispatcher import TaskQueue
from tests.fakes.task_queue import FakeTaskQueue
from tests.redis_server import RedisServer

NAME = "a queue"


@dataclass
class Case:
    """A queue, and what a worker would find in it."""

    queue: TaskQueue
    found: Callable[[], list[list[ImageRef]]]


def _read(server: RedisServer) -> list[list[ImageRef]]:
    """The micro-batches in Redis, the first that a worker takes first."""
    with server.client() as client:
        messages = [json.loads(text) for text in client.lrange(NAME, 0, -1)][::-1]
    assert all(message["headers"]["task"] == CLASSIFY_TASK for message in messages)
    bodies = [json.loads(base64.b64decode(message["body"])) for message in messages]
    return [decode_batch(arguments[0]) for arguments, _, _ in bodies]


@pytest.fixture(params=["fake", "celery"])
def case(request: pytest.FixtureRequest, clean_redis: RedisServer) -> Iterator[Case]:
    if request.param == "fake":
        fake = FakeTaskQueue()
        yield Case(fake, lambda: fake.published)
        return
    app = make_celery(RedisSettings(url=clean_redis.url), QueueSettings(name=NAME))
    yield Case(CeleryTaskQueue(app, NAME), lambda: _read(clean_redis))
    app.close()


def test_a_worker_finds_the_micro_batches_in_the_order_published(case: Case) -> None:
    # Given
    batches = [[ImageRef("j", f"{start}.{n}") for n in range(3)] for start in range(4)]

    # When
    for batch in batches:
        case.queue.publish(batch)

    # Then
    assert case.found() == batches


def test_ids_of_any_script_arrive_as_they_were(case: Case) -> None:
    # Given
    batch = [ImageRef("j", 'левая почка "7" \\ é 腎 🔬')]

    # When
    case.queue.publish(batch)

    # Then
    assert case.found() == [batch]


def test_a_list_that_changes_after_it_was_published_changes_nothing(case: Case) -> None:
    # Given
    batch = [ImageRef("j", "a")]
    case.queue.publish(batch)

    # When
    batch.append(ImageRef("j", "b"))

    # Then
    assert case.found() == [[ImageRef("j", "a")]]


@pytest.mark.parametrize("kind", ["fake", "celery"])
def test_a_broker_that_is_away_is_an_error_and_not_a_wait(kind: str) -> None:
    # Given
    if kind == "fake":
        queue: TaskQueue = (fake := FakeTaskQueue())
        fake.failures = 1
    else:
        away = RedisSettings(url="unix:///nowhere.sock")
        queue = CeleryTaskQueue(make_celery(away, QueueSettings(name=NAME)), NAME)

    # Then
    with pytest.raises(Exception, match=r"away|nowhere|connect|No such file"):
        queue.publish([ImageRef("j", "a")])
