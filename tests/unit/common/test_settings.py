"""Settings come from the environment, are checked, and do not change."""

from pathlib import Path

import pydantic
import pytest

from services.common.settings import LogSettings, QueueSettings, RedisSettings, StoreSettings


def test_settings_come_from_variables_named_by_prefix_and_field(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    monkeypatch.setenv("DENSA_REDIS_URL", "unix:///run/redis.sock")
    monkeypatch.setenv("DENSA_STORE_PATH", "/var/images")
    monkeypatch.setenv("DENSA_QUEUE_NAME", "other")

    # Then
    assert RedisSettings().url == "unix:///run/redis.sock"
    assert StoreSettings().path == Path("/var/images")
    assert QueueSettings().name == "other"


def test_an_impossible_value_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError):
        RedisSettings(job_ttl_seconds=1)
    with pytest.raises(pydantic.ValidationError):
        LogSettings(format="xml")  # type: ignore[arg-type]  # on purpose


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        RedisSettings().url = "redis://elsewhere"
