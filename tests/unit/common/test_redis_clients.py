"""A sentinel:// URL is understood by redis-py's clients and by Celery, or refused with its form."""

import pytest

from services.common.celery_app import broker_url
from services.common.errors import Unavailable
from services.common.redis_clients import SentinelAddress, sentinel_address, waited_for
from services.common.settings import RedisSettings

URL = "sentinel://:pass%2Fword@a:1,b,[::1]:3/densa/2"


def test_a_url_names_sentinels_and_the_primary() -> None:
    assert sentinel_address(URL) == SentinelAddress(
        (("a", 1), ("b", 26379), ("::1", 3)), "densa", 2, None, "pass/word"
    )
    assert sentinel_address("redis://a:1/0") is None


def test_celery_is_told_the_same_in_its_own_words() -> None:
    url = "sentinel://:pass%2Fword@a:1,b/densa/2"
    assert broker_url(url) == ("sentinel://:pass%2Fword@a:1/2;sentinel://:pass%2Fword@b:26379/2")


@pytest.mark.parametrize(
    "url", ["sentinel://a:1", "sentinel:///densa", "sentinel://a:x/densa", "sentinel://a/densa/x"]
)
def test_a_url_of_another_form_is_refused_with_the_form(url: str) -> None:
    with pytest.raises(Unavailable, match="DENSA_REDIS_URL should be sentinel://"):
        sentinel_address(url)


def test_a_replica_is_waited_for_behind_sentinel_unless_told_otherwise() -> None:
    assert waited_for(RedisSettings(url="redis://a:1")) == 0
    assert waited_for(RedisSettings(url=URL)) == 1
    assert waited_for(RedisSettings(url=URL, wait_replicas=0)) == 0
