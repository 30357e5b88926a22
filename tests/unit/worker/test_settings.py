"""Settings of a worker."""

import pydantic
import pytest

from services.worker.settings import WorkerSettings


def test_a_worker_has_a_name_of_its_own_and_at_least_two_decoders() -> None:
    # When
    settings = WorkerSettings()

    # Then
    assert settings.name
    assert settings.decode_threads >= 2


def test_the_environment_names_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DENSA_WORKER_NAME", "left")
    assert WorkerSettings().name == "left"


def test_a_worker_that_takes_nothing_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError):
        WorkerSettings(concurrency=0)
