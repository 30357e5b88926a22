"""A URL of Redis is understood whole or refused; a password gets into it whatever it holds."""

import pydantic
import pytest
import redis

from services.common.celery_app import broker_url
from services.common.redis_clients import sentinel_address
from services.common.settings import RedisSettings

PASSWORD = "a@b/c:d#e?f%41 g"
UNDERSTOOD = [
    "redis://a",
    "redis://a:1/0",
    "rediss://:p%2Fw@a:1/0",
    "redis://user:pw@[::1]:1/2",
    "unix:///run/redis.sock",
    "unix://:pw@/run/redis.sock",
    "sentinel://:pw@a:1,b:2/densa/0",
]
NOT_UNDERSTOOD = [
    "",
    "a:1",
    "http://a:1/0",
    "redis://a:x/0",
    "redis://a:1/first",
    "redis://:a@b/c@redis:6379/0",
    "redis://:a#b@redis:6379/0",
    "redis://:a?b@redis:6379/0",
]


@pytest.mark.parametrize("url", UNDERSTOOD)
def test_urls_of_a_known_form_are_taken(url: str) -> None:
    assert RedisSettings(url=url).full_url == url


@pytest.mark.parametrize("url", NOT_UNDERSTOOD)
def test_urls_that_would_be_understood_in_part_are_refused_with_the_form(url: str) -> None:
    with pytest.raises(pydantic.ValidationError, match=r"should be redis://.*DENSA_REDIS_PASSWORD"):
        RedisSettings(url=url)


@pytest.mark.parametrize("url", ["redis://a:1/2", "rediss://a:1/2"])
def test_any_password_reaches_redis_as_it_is(url: str) -> None:
    # When
    full = RedisSettings(url=url, password=pydantic.SecretStr(PASSWORD)).full_url

    # Then
    options = redis.Redis.from_url(full).connection_pool.connection_kwargs
    assert (options["password"], options["host"], options["port"], options["db"]) == (
        *(PASSWORD, "a", 1, 2),
    )


def test_a_user_keeps_the_name_and_an_url_with_a_password_keeps_that() -> None:
    # Given
    password = pydantic.SecretStr("x")

    # Then
    assert RedisSettings(url="redis://me@a", password=password).full_url == "redis://me:x@a"
    assert RedisSettings(url="redis://:y@a", password=password).full_url == "redis://:y@a"


def test_the_password_reaches_sockets_and_a_primary_behind_sentinels() -> None:
    # Given
    password = pydantic.SecretStr(PASSWORD)

    # When
    behind = sentinel_address(RedisSettings(url="sentinel://a:1/densa", password=password).full_url)
    socket = RedisSettings(url="unix:///run/r.sock", password=password).full_url

    # Then
    assert behind is not None
    assert behind.password == PASSWORD
    options = redis.Redis.from_url(socket).connection_pool.connection_kwargs
    assert (options["path"], options["password"]) == ("/run/r.sock", PASSWORD)
    assert broker_url(socket).endswith("@/run/r.sock")
