"""The folder of a run: created, or checked to be the one that is to go on."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.training.atomic import replace_file
from services.training.checkpoint import START
from services.training.config import TrainConfig
from services.training.manifest import Record
from services.training.provenance import describe_provenance
from services.training.splits import (
    TRAIN,
    VALIDATION,
    Split,
    check_classes,
    load_split,
    save_split,
    split_patients,
)

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
) -> Split:
    """The patients' sides in a new or resumed run; writes the folder of a new one.

    A manifest's own split is kept to. A run that begins with the weights of
    `start` keeps the split of that checkpoint's run, unless all its patients
    are others: its held-out patients must not have been trained on.

    Raises RunError where the folder holds a run with other settings or data,
    or where the data do not allow what is asked; StorageError.
    """
    if config.crop < config.size and config.crop_epochs and any(r.mask is None for r in records):
        raise RunError(
            "crops smaller than the window need a mask for every image, to know what a crop "
            "shows: give masks, or train on whole windows with --crop-epochs 0"
        )
    if (folder / CONFIG).exists():
        _check_same(folder, config, data)
        return load_split(folder / SPLIT)
    split = _choose_split(config, records, start)
    check_classes(records, split)
    folder.mkdir(parents=True, exist_ok=True)
    save_split(folder / SPLIT, split)
    provenance = json.dumps(describe_provenance(data), indent=2)
    replace_file(folder / PROVENANCE, (provenance + "\n").encode())
    if start is not None:
        replace_file(folder / START, start.read_bytes())
    config.save(folder / CONFIG)
    return split


def _choose_split(config: TrainConfig, records: Sequence[Record], start: Path | None) -> Split:
    own = {record.patient: record.split for record in records}
    if all(own.values()):
        return own
    if any(own.values()):
        without = sorted(patient for patient, side in own.items() if not side)
        raise RunError(
            f"the manifest gives a split to some patients and none to {', '.join(without[:5])}"
            f"{' and others' if len(without) > 5 else ''}: fill the column for all, or for none"
        )
    if start is None or not (start.parent / SPLIT).exists():
        return split_patients(records, config.shares, config.seed)
    return _keep_split(config, records, start)


def _keep_split(config: TrainConfig, records: Sequence[Record], start: Path) -> Split:
    before = load_split(start.parent / SPLIT)
    known = {record.patient for record in records}
    if not known & set(before):
        return split_patients(records, config.shares, config.seed)
    split = {patient: before.get(patient, TRAIN) for patient in known}
    if VALIDATION not in split.values():
        raise RunError(
            f"none of the patients that {start.parent} held out is in these data: "
            "a run that goes on from its weights needs the same patients"
        )
    return split


def read_run(folder: Path, data: Path) -> tuple[TrainConfig, dict[str, Any], Split]:
    """Settings, provenance and split of a run that was trained on `data`.

    Raises RunError where there is no such run or the data are others.
    """
    try:
        config = TrainConfig.load(folder / CONFIG)
        provenance: dict[str, Any] = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        split = load_split(folder / SPLIT)
    except OSError as error:
        raise RunError(
            f"{folder} is no folder of a training run ({error}): give the --run of `densa train`"
        ) from error
    if provenance["data_digest"] != describe_provenance(data)["data_digest"]:
        raise RunError(f"{folder} was not trained on {data}, or it has changed since")
    return config, provenance, split


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
