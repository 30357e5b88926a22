"""The folder of a run: created, or checked to be the one that is to go on."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from services.training.config import TrainConfig
from services.training.manifest import Record
from services.training.provenance import describe_provenance
from services.training.splits import load_split, save_split, split_patients

CONFIG = "config.json"
SPLIT = "split.csv"
PROVENANCE = "provenance.json"


class RunError(Exception):
    """The folder of a run does not fit what is asked. Says what to do."""


def open_run(
    folder: Path, config: TrainConfig, data: Path, records: Sequence[Record]
) -> tuple[list[Record], list[Record]]:
    """Training and validation records of a new or resumed run.

    Raises RunError where the folder holds a run with other settings or data,
    or where the data do not allow what is asked.
    """
    if config.crop < config.size and config.crop_epochs and any(r.mask is None for r in records):
        raise RunError(
            "crops smaller than the window need a mask for every image, to know what a crop "
            "shows: give masks, or train on whole windows with --crop-epochs 0"
        )
    if (folder / CONFIG).exists():
        _check_same(folder, config, data)
        validation = load_split(folder / SPLIT)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        validation = split_patients(records, config.validation_share, config.seed)
        save_split(folder / SPLIT, records, validation)
        provenance = json.dumps(describe_provenance(data), indent=2)
        (folder / PROVENANCE).write_text(provenance + "\n", encoding="utf-8")
        config.save(folder / CONFIG)
    held_out = [record for record in records if record.patient in validation]
    return [record for record in records if record.patient not in validation], held_out


def read_run(folder: Path, data: Path) -> tuple[TrainConfig, dict[str, str], set[str]]:
    """Settings, provenance and validation patients of a run that was trained on `data`.

    Raises RunError where there is no such run or the data are others.
    """
    try:
        config = TrainConfig.load(folder / CONFIG)
        provenance: dict[str, str] = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        validation = load_split(folder / SPLIT)
    except OSError as error:
        raise RunError(
            f"{folder} is no folder of a training run ({error}): give the --run of `densa train`"
        ) from error
    if provenance["data_digest"] != describe_provenance(data)["data_digest"]:
        raise RunError(f"{folder} was not trained on {data}, or it has changed since")
    return config, provenance, validation


def _check_same(folder: Path, config: TrainConfig, data: Path) -> None:
    """A resumed run goes on with what it began with."""
    before = asdict(TrainConfig.load(folder / CONFIG))
    changed = [
        f"{name} was {before[name]}, now {value}"
        for name, value in asdict(config).items()
        if before[name] != value and name != "threads"
    ]
    began = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
    if began["data_digest"] != describe_provenance(data)["data_digest"]:
        changed.append(f"{data} has changed since")
    if changed:
        raise RunError(
            f"{folder} holds a run with other settings ({'; '.join(changed)}): "
            "give the same settings to go on, or another --run for a new one"
        )
