"""Both ends of the queue speak of the same Redis, with the settings that keep work safe."""

import socket

import pytest
from kombu.utils.url import parse_url

from services.common.celery_app import broker_url, make_celery
from services.common.settings import QueueSettings, RedisSettings


@pytest.mark.parametrize(
    "url",
    ["redis://127.0.0.1:6379/0", "redis://:secret@redis.lab:6380/2", "rediss://redis.lab:6379/0"],
)
def test_a_redis_on_the_network_is_called_the_same_by_celery(url: str) -> None:
    assert broker_url(url) == url


@pytest.mark.parametrize(
    ("url", "password"),
    [("unix:///run/redis.sock", None), ("unix://:secret@/run/redis.sock", "secret")],
)
def test_a_unix_socket_is_put_in_celerys_words(url: str, password: str | None) -> None:
    # When
    parts = parse_url(broker_url(url))

    # Then
    assert parts["transport"] == "redis+socket"
    assert f"/{parts['virtual_host']}" == "/run/redis.sock"
    assert parts["password"] == password


def test_a_task_is_taken_back_when_its_worker_dies_and_no_result_is_kept() -> None:
    # When
    conf = make_celery(RedisSettings(), QueueSettings(visibility_timeout_seconds=77)).conf

    # Then
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.task_ignore_result
    assert conf.worker_prefetch_multiplier == 1
    assert not conf.worker_enable_prefetch_count_reduction
    assert conf.broker_connection_max_retries is None
    assert conf.broker_transport_options["visibility_timeout"] == 77


def test_nothing_but_json_is_read_from_the_queue() -> None:
    assert make_celery(RedisSettings(), QueueSettings()).conf.accept_content == ["json"]


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="a kernel that says it otherwise")
def test_a_broker_that_vanished_without_a_word_is_given_up_within_seconds() -> None:
    # When
    options = make_celery(RedisSettings(), QueueSettings()).conf.broker_transport_options
    keepalive = options["socket_keepalive_options"]

    # Then
    seconds = keepalive[socket.TCP_KEEPIDLE] + (
        keepalive[socket.TCP_KEEPINTVL] * keepalive[socket.TCP_KEEPCNT]
    )
    assert options["socket_keepalive"]
    assert seconds <= 15
