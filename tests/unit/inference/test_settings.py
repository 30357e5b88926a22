"""Settings come from the environment, are checked, and do not change."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.inference.settings import InferenceSettings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given variables with the prefix of the room
    monkeypatch.setenv("DENSA_INFERENCE_BUNDLE", "/models/a/1.0.0")
    monkeypatch.setenv("DENSA_INFERENCE_MAX_IMAGE_PIXELS", "1000")

    # When the settings are read
    settings = InferenceSettings()

    # Then they hold, and so does the limit made of them
    assert settings.bundle == Path("/models/a/1.0.0")
    assert settings.limits.max_pixels == 1000


@pytest.mark.parametrize(
    ("name", "value"), [("PROVIDER", "tpu"), ("MAX_BATCH", "0"), ("THREADS", "-1")]
)
def test_a_setting_out_of_its_range_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    # Given a value that makes no sense
    monkeypatch.setenv(f"DENSA_INFERENCE_{name}", value)

    # When the settings are read, then the error names the field
    with pytest.raises(ValidationError, match=name.lower()):
        InferenceSettings()


def test_settings_are_frozen_and_every_one_is_explained() -> None:
    # Given settings
    settings = InferenceSettings()

    # When one is set, then it is refused
    with pytest.raises(ValidationError):
        settings.max_batch = 3

    # And each says what it is for
    assert all(field.description for field in InferenceSettings.model_fields.values())
