"""Clients of Redis: of one server, or of whichever one Sentinel says is the primary."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
import redis.asyncio
import redis.asyncio.sentinel
import redis.sentinel

from services.common.errors import Unavailable
from services.common.settings import RedisSettings

SENTINEL_PORT = 26379

SENTINEL_SECONDS = 1.0
"""How long a sentinel may take to answer before the next one is asked."""

CONNECT_SECONDS = 2.0
"""How long a primary may take to take a connection. A host that is off does not even refuse."""


@dataclass(frozen=True, slots=True)
class SentinelAddress:
    """What a sentinel:// URL says."""

    sentinels: tuple[tuple[str, int], ...]
    primary: str
    """The name under which the sentinels know the primary."""
    db: int
    username: str | None
    password: str | None


def sentinel_address(url: str) -> SentinelAddress | None:
    """sentinel://[[user]:password@]host[:port],host[:port],.../PRIMARY[/db]; None: another scheme.

    Raises Unavailable where it is a sentinel:// URL and not of this form.
    """
    if not url.startswith("sentinel://"):
        return None
    place, _, path = url.removeprefix("sentinel://").partition("/")
    login, _, hosts = place.rpartition("@")
    user, _, password = login.partition(":")
    primary, _, db = path.partition("/")
    try:
        parts = [urlsplit(f"//{host}") for host in hosts.split(",")]
        sentinels = tuple((part.hostname or "", part.port or SENTINEL_PORT) for part in parts)
        number = int(db or 0)
    except ValueError:
        sentinels, number = (), 0
    if not primary or not sentinels or not all(host for host, _ in sentinels):
        raise Unavailable(
            "DENSA_REDIS_URL should be sentinel://:PASSWORD@HOST:PORT,HOST:PORT,HOST:PORT/PRIMARY "
            "with the name that the sentinels have for the primary.",
            reason="QUEUE_UNAVAILABLE",
        )
    return SentinelAddress(
        sentinels, primary, number, unquote(user) or None, unquote(password) or None
    )


def waited_for(settings: RedisSettings) -> int:
    """Replicas that must have what a caller is promised."""
    if settings.wait_replicas is not None:
        return settings.wait_replicas
    return 1 if sentinel_address(settings.full_url) else 0


def sentinel_login(settings: RedisSettings) -> dict[str, Any]:
    """How sentinels are spoken to; their password is not Redis's."""
    password = settings.sentinel_password.get_secret_value() or None
    seconds = SENTINEL_SECONDS
    return {
        "password": password,
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
    }


def connect(settings: RedisSettings, **options: Any) -> redis.Redis:
    """A client; `options` are redis-py's. Raises Unavailable where the URL is none."""
    address = sentinel_address(settings.full_url)
    if address is None:
        return redis.Redis.from_url(settings.full_url, **options)
    sentinel = redis.sentinel.Sentinel(  # type: ignore[no-untyped-call]
        list(address.sentinels), sentinel_kwargs=sentinel_login(settings)
    )
    client: redis.Redis = sentinel.master_for(  # type: ignore[no-untyped-call]
        address.primary, **_options(address, options)
    )
    return client


def connect_async(settings: RedisSettings, **options: Any) -> redis.asyncio.Redis:
    """The same for an event loop."""
    address = sentinel_address(settings.full_url)
    if address is None:
        return redis.asyncio.Redis.from_url(settings.full_url, **options)
    sentinel = redis.asyncio.sentinel.Sentinel(  # type: ignore[no-untyped-call]
        list(address.sentinels), sentinel_kwargs=sentinel_login(settings)
    )
    client: redis.asyncio.Redis = sentinel.master_for(address.primary, **_options(address, options))
    return client


def _options(address: SentinelAddress, options: dict[str, Any]) -> dict[str, Any]:
    return {
        "socket_connect_timeout": CONNECT_SECONDS,
        "db": address.db,
        "username": address.username,
        "password": address.password,
        **options,
    }
