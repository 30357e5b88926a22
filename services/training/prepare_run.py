"""The folder of a run: created, or checked to be the one that is to go on."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from shutil import copyfile

from services.training.checkpoint import START
from services.training.config import TrainConfig
from services.training.manifest import Record
from services.training.provenance import describe_provenance
from services.training.splits import load_patients, load_split, save_split, split_patients

CONFIG = "config.json"
SPLIT = "split.csv"
PROVENANCE = "provenance.json"
NOTES = "NOTES.md"
"""Written by hand, if at all; goes into the model card."""


class RunError(Exception):
    """The folder of a run does not fit what is asked. Says what to do."""


def open_run(
    folder: Path,
    config: TrainConfig,
    data: Path,
    records: Sequence[Record],
    start: Path | None = None,
) -> tuple[list[Record], list[Record]]:
    """Training and validation records of a new or resumed run.

    A run that begins with the weights of `start` keeps the split of that
    checkpoint's run, unless all its patients are others: its validation
    patients must not have been trained on.

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
        validation = _choose_validation(config, records, start)
        save_split(folder / SPLIT, records, validation)
        provenance = json.dumps(describe_provenance(data), indent=2)
        (folder / PROVENANCE).write_text(provenance + "\n", encoding="utf-8")
        if start is not None:
            copyfile(start, folder / START)
        config.save(folder / CONFIG)
    held_out = [record for record in records if record.patient in validation]
    return [record for record in records if record.patient not in validation], held_out


def _choose_validation(
    config: TrainConfig, records: Sequence[Record], start: Path | None
) -> set[str]:
    if start is None:
        return split_patients(records, config.validation_share, config.seed)
    patients = {record.patient for record in records}
    if not patients & load_patients(start.parent / SPLIT):
        return split_patients(records, config.validation_share, config.seed)
    kept = load_split(start.parent / SPLIT) & patients
    if not kept:
        raise RunError(
            f"none of the patients that {start.parent} held out is in these data: "
            "a run that goes on from its weights needs the same patients"
        )
    return kept


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
