"""What is not finished is no version: neither listed nor loaded."""

from pathlib import Path

import pytest

from services.common.errors import BundleError
from services.inference.preparation import prepare_image
from services.inference.repository import ModelRepository
from services.inference.settings import InferenceSettings
from tests.bundles import write_null_bundle


def test_a_hidden_folder_is_no_version(tmp_path: Path) -> None:
    # Given a repository with a version, and with one that someone is writing or never finished
    write_null_bundle(tmp_path / "null" / "0.0.1")
    write_null_bundle(tmp_path / "null" / ".0.0.2.unfinished")
    settings = InferenceSettings(repository=tmp_path, bundle=tmp_path / "null" / "0.0.1")
    repository = ModelRepository(settings, prepare_image)

    # When versions are listed, and the hidden one is asked for
    # Then it is not there
    assert repository.versions() == ("null/0.0.1",)
    with pytest.raises(BundleError, match="names no model version"):
        repository.load("null", ".0.0.2.unfinished")
