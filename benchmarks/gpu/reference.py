"""`python -m benchmarks.gpu.reference FOLDER --minutes 9`: the reference model within a time limit.

Draws the cohort of the published shape, which is split by patient, and as many more patients as
asked for, from another seed, who are only trained on. What the time then allows is training: an
epoch of each kind is timed first. Started again, it goes on where it was. FOLDER/test.csv lists
the patients that are kept for testing. services/training/runs/reference.sh makes the bundle of it.
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch

from services.training.atomic import replace_file
from services.training.bundle import count_origins
from services.training.config import TrainConfig
from services.training.curves import EpochReport
from services.training.dataset import Example, load_examples
from services.training.device import choose_device, choose_precision
from services.training.loop import train_epoch
from services.training.manifest import Record, write_manifest
from services.training.manifest_check import read_manifest
from services.training.phantom_orders import Order, paper_cohort
from services.training.phantom_writer import write_fields
from services.training.prepare_run import CONFIG, PROVENANCE, open_run
from services.training.run import Reporter, TrainingData, new_state, train_run
from services.training.splits import TEST, TRAIN, VALIDATION, on_side, split_patients
from services.training.views import drawing_views

WINDOWS_SHARE = 0.25
"""Share of the epochs that see whole windows, at the end."""

TIMED_IMAGES = 4096
"""Images whose training is timed to choose the number of epochs."""

EPOCH_OVERHEAD_SECONDS = 1.5
"""Validating, saving and plotting after each epoch."""


class _Printing(Reporter):
    def __init__(self) -> None:
        self._began = time.monotonic()

    def epoch_done(self, report: EpochReport) -> None:
        """A line."""
        aucs = " ".join(f"{value:.3f}" for value in report.aucs)
        say(f"epoch {report.epoch} loss {report.loss:.3f} AUC {aucs}{' *' if report.best else ''}")


def say(text: str) -> None:
    """A line with the time."""
    print(f"[{time.monotonic() - _BEGAN:5.0f} s] {text}", flush=True)


_BEGAN = time.monotonic()


def draw(order: Order, folder: Path) -> list[Record]:
    """The micrographs of an order, drawn by all cores."""
    for count, _ in enumerate(write_fields(order, folder, os.cpu_count() or 1), start=1):
        if count % 1000 == 0:
            say(f"{folder.name}: {count} drawn")
    # What was drawn a moment ago need not be read twice.
    return read_manifest(folder / "manifest.csv", contents=False)


def seconds_per_image(examples: Sequence[Example], config: TrainConfig) -> float:
    """How long an image takes in training, drawing its crop included; after a warm-up."""
    few = list(examples[: min(len(examples), TIMED_IMAGES)])
    state = new_state(replace(config, epochs=2), len(few))
    with drawing_views(few, config) as views:
        train_epoch(state, few[: 4 * config.batch], config, views, lambda _: None)
        began = time.monotonic()
        train_epoch(state, few, config, views, lambda _: None)
        if config.device == "cuda":
            torch.cuda.synchronize()
    return (time.monotonic() - began) / len(few)


def plan(config: TrainConfig, examples: Sequence[Example], seconds: float) -> TrainConfig:
    """As many epochs as fit into the time."""
    crop = seconds_per_image(examples, replace(config, epochs=2, crop_epochs=2))
    window = seconds_per_image(examples, replace(config, epochs=2, crop_epochs=0))
    say(f"{1 / crop:.0f} crops of {config.crop} px a second, {1 / window:.0f} of {config.size} px")
    mean = (1 - WINDOWS_SHARE) * crop + WINDOWS_SHARE * window
    epochs = max(4, int(seconds / (mean * len(examples) + EPOCH_OVERHEAD_SECONDS)))
    return replace(config, epochs=epochs, crop_epochs=epochs - max(1, int(WINDOWS_SHARE * epochs)))


def note_origin(
    run: Path, training: Sequence[Record], more: Sequence[Record], commit: str | None
) -> None:
    """Into the run's provenance, once: all that it learns from, and not only from its manifest."""
    note = json.loads((run / PROVENANCE).read_text(encoding="utf-8"))
    if "origins" in note:
        return
    patients = len({record.patient for record in more})
    note["git_commit"] = commit or note["git_commit"]
    note["more"] = f"{len(more)} drawings of {patients} more patients, seed 2"
    note["origins"] = count_origins([*training, *more])
    replace_file(run / PROVENANCE, (json.dumps(note, indent=2) + "\n").encode())


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=9.0, help="for all of it")
    parser.add_argument("--more-patients", type=int, default=1750, help="of 4 micrographs each")
    parser.add_argument("--patients", type=int, help="instead of the published cohort's 1,039")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--commit", help="of the source, where this is no checkout")
    given = parser.parse_args()
    end = _BEGAN + 60 * given.minutes
    device, cores = choose_device(given.device), os.cpu_count() or 1
    config = TrainConfig(
        validation_share=0.08,
        calibration_share=0.14,
        test_share=0.2,
        batch=given.batch,
        learning_rate=given.learning_rate,
        device=device,
        precision=choose_precision(device),
        threads=cores,
    )
    order = paper_cohort(1)
    if given.patients is not None:
        order = replace(order, patients=given.patients, images=4 * given.patients)
    records = draw(order, given.folder / "cohort")
    more = draw(Order(2, given.more_patients, 4, 256, 46.0, 2), given.folder / "more")
    run, data = given.folder / "run", given.folder / "cohort/manifest.csv"
    split = split_patients(records, config.shares, config.seed)
    write_manifest(given.folder / "test.csv", on_side(records, split, TEST))
    say(f"reading {len(records) + len(more)} micrographs")
    training, validation = (
        load_examples(part, config.model_input, threads=cores)
        for part in ([*on_side(records, split, TRAIN), *more], on_side(records, split, VALIDATION))
    )
    if (run / CONFIG).exists():
        config = TrainConfig.load(run / CONFIG)
    else:
        config = plan(config, training, end - time.monotonic())
        open_run(run, config, data, records)
    note_origin(run, on_side(records, split, TRAIN), more, given.commit)
    say(f"training {len(training)} images: {json.dumps(asdict(config))}")
    train_run(run, config, TrainingData(training, validation), _Printing())
    say("done")


if __name__ == "__main__":
    main()
