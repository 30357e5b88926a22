"""What is wrong with the settings is said before anything starts, by the name of the variable."""

import pytest

from services.common.settings import LeaseSettings, RedisSettings, S3Settings
from services.common.wrong_settings import settings_are_right

ROOMS = (RedisSettings, LeaseSettings, S3Settings)


def test_right_settings_are_right_and_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert settings_are_right(*ROOMS)
    assert capfd.readouterr().err == ""


def test_every_wrong_variable_is_named_with_what_it_should_be(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Given
    monkeypatch.setenv("DENSA_LEASE_SECONDS", "soon")
    monkeypatch.setenv("DENSA_LEASE_MAX_ATTEMPTS", "0")
    monkeypatch.setenv("DENSA_REDIS_URL", "redis://:secret@with/slash@redis:6379/0")
    monkeypatch.setenv("DENSA_LOG_FORMAT", "xml")

    # When
    right = settings_are_right(*ROOMS)

    # Then
    said = capfd.readouterr().err
    assert not right
    for variable, problem in (
        ("DENSA_LEASE_SECONDS", "should be a valid number"),
        ("DENSA_LEASE_MAX_ATTEMPTS", "should be greater than or equal to 1"),
        ("DENSA_REDIS_URL", "DENSA_REDIS_PASSWORD"),
        ("DENSA_LOG_FORMAT", "should be 'console' or 'json'"),
    ):
        line = next(line for line in said.splitlines() if f"variable={variable}" in line)
        assert problem in line
    assert "secret" not in said


def test_a_name_that_nobody_reads_is_a_warning_with_the_nearest_one(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Given
    monkeypatch.setenv("DENSA_REDIS_ULR", "redis://elsewhere")
    monkeypatch.setenv("DENSA_REDIS_MEM_LIMIT", "2g")
    monkeypatch.setenv("DENSA_OTHER_ROOM", "1")

    # When
    right = settings_are_right(*ROOMS)

    # Then
    (line,) = capfd.readouterr().err.splitlines()
    assert right
    assert "did_you_mean=DENSA_REDIS_URL variable=DENSA_REDIS_ULR" in line
