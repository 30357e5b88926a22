"""What `densa train` does once its options are read: check, split, load, train, report."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.progress import Progress

from services.common.errors import InvalidImage
from services.inference.manifest import digest_of
from services.training.atomic import StorageError
from services.training.checkpoint import BEST, LAST, START, load_weights, save_network
from services.training.commands.terminal import console, fail, plain_errors, progress_bar
from services.training.config import TrainConfig
from services.training.curves import EpochReport
from services.training.dataset import load_examples
from services.training.device import DeviceError, Wanted, choose_device, choose_precision
from services.training.imagenet import put_imagenet_weights
from services.training.manifest import LABELS, Record
from services.training.manifest_check import ManifestError, read_manifest
from services.training.network import Network
from services.training.prepare_run import RunError, open_run
from services.training.run import Reporter, TrainingData, new_state, train_run
from services.training.splits import SIDES, TRAIN, VALIDATION, Split, on_side

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Options that become settings only beside data and machine."""

    crop_epochs: int | None
    device: Wanted
    start: Path | None
    imagenet: Path | None


def train_as_asked(data: Path, run: Path, config: TrainConfig, begin: Begin) -> None:
    """Check everything, then train. Expected errors end with one message and status 1."""
    if begin.start is not None and begin.imagenet is not None:
        fail("--start and --imagenet are both weights to begin with: give one of them")
    with plain_errors(ManifestError, RunError, DeviceError, StorageError, ValueError, OSError):
        config = _settle(config, begin)
        records = read_manifest(data)
        if begin.crop_epochs is None:
            whole = any(record.mask is None for record in records)
            config = replace(config, crop_epochs=0 if whole else config.epochs * 3 // 4)
        # Before the folder is written: it names these weights, and would refuse the right ones.
        network = None if (run / LAST).exists() else _first_weights(config, len(records), begin)
        split = open_run(run, config, data, records, begin.start)
        if network is not None and begin.imagenet is not None:
            save_network(run / START, network)
    _say_split(records, split)
    with _goes_on(run):
        _load_and_train(run, config, records, split)


def _settle(config: TrainConfig, begin: Begin) -> TrainConfig:
    """`config` with device, precision and the digest of the weights to begin with."""
    device = choose_device(begin.device)
    given = begin.start or begin.imagenet
    return replace(
        config,
        device=device,
        precision=choose_precision(device),
        start="" if given is None else digest_of(given.read_bytes()),
        crop_epochs=config.crop_epochs if begin.crop_epochs is None else begin.crop_epochs,
    )


def _first_weights(config: TrainConfig, images: int, begin: Begin) -> Network | None:
    """A network with the weights that were given to begin with, if any. Raises ValueError."""
    if begin.imagenet is None and begin.start is None:
        return None
    network = new_state(config, images).network
    if begin.imagenet is not None:
        put_imagenet_weights(begin.imagenet, network)
    elif begin.start is not None:
        load_weights(begin.start, network)
    return network


def _say_split(records: list[Record], split: Split) -> None:
    parts = []
    for side in SIDES:
        patients = sum(chosen == side for chosen in split.values())
        parts.append(f"{side} {len(on_side(records, split, side))} of {patients} patients")
    console.print(f"micrographs: {', '.join(parts)}", soft_wrap=True)


@contextmanager
def _goes_on(run: Path) -> Iterator[None]:
    """Ctrl-C in the middle of an epoch loses that epoch, and nothing else."""
    try:
        yield
    except KeyboardInterrupt:
        kept = "its last whole epoch is kept" if (run / LAST).exists() else "no epoch was done yet"
        console.print(
            f"stopped; {kept} in {run}. Give the same command again to go on.", soft_wrap=True
        )
        raise typer.Exit(INTERRUPTED) from None


class _OnTerminal(Reporter):
    """Moves the bar, and prints a line per epoch."""

    def __init__(self, progress: Progress, images: int, config: TrainConfig) -> None:
        self._progress, self._images, self._config = progress, images, config
        self._task = progress.add_task("training", total=images * config.epochs)
        self.last = 0
        """Epochs done."""

    def epochs_found(self, done: int) -> None:
        """Start where the run before ended."""
        self.last = done
        self._progress.advance(self._task, done * self._images)
        if done:
            console.print(f"going on after epoch {done}")

    def images_seen(self, count: int) -> None:
        """Move."""
        self._progress.advance(self._task, count)

    def epoch_done(self, report: EpochReport) -> None:
        """One line."""
        self.last = report.epoch
        aucs = "  ".join(
            f"{label} {value:.3f}" for label, value in zip(LABELS, report.aucs, strict=True)
        )
        console.print(
            f"epoch {report.epoch}: loss {report.loss:.3f}  validation {report.validation_loss:.3f}"
            f"  AUC {aucs}{'  best so far' if report.best else ''}",
            soft_wrap=True,
        )


def _load_and_train(run: Path, config: TrainConfig, records: list[Record], split: Split) -> None:
    """Load and train, with two bars."""
    training, validation = (on_side(records, split, side) for side in (TRAIN, VALIDATION))
    with plain_errors(InvalidImage, StorageError, ValueError, OSError), progress_bar() as progress:
        reading = progress.add_task("reading", total=len(training) + len(validation))
        examples = TrainingData(
            *(
                load_examples(
                    part, config.model_input, lambda: progress.advance(reading), config.threads
                )
                for part in (training, validation)
            )
        )
        reporter = _OnTerminal(progress, len(training), config)
        train_run(run, config, examples, reporter)
    if reporter.last < config.epochs:
        console.print(f"ended early: {config.patience} epochs brought nothing better")
    console.print(f"best checkpoint: {run / BEST}")
