"""The fake queue of wake-ups and Celery on Redis keep the same promises."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from services.common.messages import CLASSIFY_TASK, check_wake_up
from services.common.settings import QueueSettings, RedisSettings
from services.common.wake_ups import CeleryWakeUpQueue, WakeUpQueue
from tests.fakes.wake_up_queue import FakeWakeUpQueue
from tests.redis_server import RedisServer

NAME = "a queue"


@dataclass
class Case:
    """A queue, and how many wake-ups a worker would find in it."""

    queue: WakeUpQueue
    found: Callable[[], int]


def _read(server: RedisServer) -> int:
    """The wake-ups in Redis, each of which a worker understands."""
    with server.client() as client:
        messages = [json.loads(text) for text in client.lrange(NAME, 0, -1)]
    for message in messages:
        assert message["headers"]["task"] == CLASSIFY_TASK
        arguments, _, _ = json.loads(base64.b64decode(message["body"]))
        check_wake_up(*arguments)
    return len(messages)


@pytest.fixture(params=["fake", "celery"])
def case(request: pytest.FixtureRequest, clean_redis: RedisServer) -> Iterator[Case]:
    if request.param == "fake":
        fake = FakeWakeUpQueue()
        yield Case(fake, lambda: fake.published)
        return
    queue = CeleryWakeUpQueue(RedisSettings(url=clean_redis.url), QueueSettings(name=NAME))
    yield Case(queue, lambda: _read(clean_redis))
    queue.close()


def test_a_worker_finds_each_wake_up_that_was_published(case: Case) -> None:
    for count in range(1, 4):
        # When
        case.queue.publish()

        # Then
        assert case.found() == count


@pytest.mark.parametrize("kind", ["fake", "celery"])
def test_a_broker_that_is_away_is_an_error_and_not_a_wait(kind: str) -> None:
    # Given
    if kind == "fake":
        queue: WakeUpQueue = (fake := FakeWakeUpQueue())
        fake.failures = 1
    else:
        away = RedisSettings(url="unix:///nowhere.sock")
        queue = CeleryWakeUpQueue(away, QueueSettings(name=NAME))

    # Then
    with pytest.raises(Exception, match=r"away|nowhere|connect|No such file"):
        queue.publish()
