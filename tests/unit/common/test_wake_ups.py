"""What publishing needs is looked for at the start, not at each publish."""

import sys

import pytest

from services.common.errors import Unavailable
from services.common.settings import QueueSettings, RedisSettings
from services.common.wake_ups import CeleryWakeUpQueue


def test_a_missing_package_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an installation without a package that Celery imports for Redis and does not ask for
    monkeypatch.setattr("kombu.transport._transport_cache", {})
    monkeypatch.delitem(sys.modules, "kombu.transport.redis", raising=False)
    monkeypatch.setitem(sys.modules, "packaging", None)
    monkeypatch.setitem(sys.modules, "packaging.version", None)

    # When the queue is made, without any publish
    # Then the error says what is missing
    with pytest.raises(Unavailable, match="packaging"):
        CeleryWakeUpQueue(RedisSettings(), QueueSettings())
