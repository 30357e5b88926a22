"""Settings of a run on disk."""

import json
from pathlib import Path

import pytest

from services.training.config import TrainConfig


def test_settings_survive_the_disk(tmp_path: Path) -> None:
    # Given settings that are not the default ones
    config = TrainConfig(seed=7, network="cascade", patience=3, pixel_size_nm=30.0)

    # When they are saved and loaded
    config.save(tmp_path / "config.json")

    # Then they are the same
    assert TrainConfig.load(tmp_path / "config.json") == config


def test_a_run_of_before_a_setting_existed_is_read_with_its_default(tmp_path: Path) -> None:
    # Given the settings of an older run
    (tmp_path / "config.json").write_text(json.dumps({"seed": 5, "crop_epochs": 13}))

    # When they are loaded
    config = TrainConfig.load(tmp_path / "config.json")

    # Then what they do not say is as it was then
    assert (config.seed, config.crop_epochs) == (5, 13)
    assert config.network == "shared"
    assert config.precision == "float32"


def test_settings_that_are_not_known_are_refused(tmp_path: Path) -> None:
    # Given settings of a newer version
    (tmp_path / "config.json").write_text(json.dumps({"optimizer": "muon"}))

    # When they are loaded
    # Then the unknown one is named
    with pytest.raises(ValueError, match="optimizer"):
        TrainConfig.load(tmp_path / "config.json")
