"""A training run from a checked manifest to the best checkpoint, with its folder of evidence.

config.json      what was asked           split.csv     which patient was held out
provenance.json  versions, commit, data   metrics.csv   one row per epoch
last.pt          to go on from            best.pt       best on validation
curves.png       loss and AUC by epoch    start.pt      weights it began with, if given
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from services.training.checkpoint import (
    BEST,
    LAST,
    START,
    TrainingState,
    load_state,
    load_weights,
    save_state,
)
from services.training.config import TrainConfig
from services.training.curves import append_row, draw_curves
from services.training.dataset import Example
from services.training.loop import answer, batches, train_epoch
from services.training.manifest import LABELS
from services.training.metrics import auc
from services.training.network import DensaNet, marginal

METRICS = "metrics.csv"
CURVES = "curves.png"


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What one epoch brought."""

    epoch: int
    loss: float
    aucs: tuple[float, ...]
    """Validation AUC of each of LABELS; NaN where a class is absent."""
    best: bool

    @property
    def score(self) -> float:
        """What `best.pt` is chosen by: the mean AUC of the outputs that have one."""
        return mean_auc(self.aucs)


class Reporter:
    """Is told how a run goes; this one keeps silent."""

    def images_seen(self, count: int) -> None:
        """So many more images were trained on."""

    def epoch_done(self, report: EpochReport) -> None:
        """An epoch was trained, validated and saved."""


SILENT = Reporter()


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a run learns from and what its best checkpoint is chosen by."""

    training: Sequence[Example]
    validation: Sequence[Example]


def mean_auc(aucs: Sequence[float]) -> float:
    """Mean over the outputs with both classes; -inf where there is none."""
    known = [value for value in aucs if not np.isnan(value)]
    return float(np.mean(known)) if known else float("-inf")


def new_state(config: TrainConfig, examples: int) -> TrainingState:
    """A network with weights drawn from the seed, its optimizer and one-cycle schedule."""
    torch.manual_seed(config.seed)
    network = DensaNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    steps = len(batches(np.arange(examples), config.batch)) * config.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=config.learning_rate, total_steps=max(steps, 2), pct_start=0.1
    )
    return TrainingState(network, optimizer, schedule)


def train_run(
    folder: Path,
    config: TrainConfig,
    data: TrainingData,
    reporter: Reporter = SILENT,
    until: int | None = None,
) -> TrainingState:
    """Train, or go on from `last.pt`, up to `until` (or all) epochs.

    Raises OSError where the folder cannot be written.
    """
    torch.set_num_threads(config.threads)
    state = new_state(config, len(data.training))
    if (folder / LAST).exists():
        load_state(folder / LAST, state)
    elif (folder / START).exists():
        load_weights(folder / START, state.network)
    for _ in range(state.epoch, config.epochs if until is None else until):
        loss = train_epoch(state, data.training, config, reporter.images_seen)
        report = _validate(state, loss, data.validation, config)
        append_row(folder / METRICS, report.epoch, loss, report.aucs)
        if report.best:
            state.best = report.score
            save_state(folder / BEST, state)
        save_state(folder / LAST, state)
        draw_curves(folder / METRICS, folder / CURVES)
        reporter.epoch_done(report)
    return state


def _validate(
    state: TrainingState, loss: float, validation: Sequence[Example], config: TrainConfig
) -> EpochReport:
    logits, _ = answer(state.network, validation, config)
    scores = marginal(torch.from_numpy(logits)).numpy()
    truth = np.array([example.labels for example in validation], dtype=bool)
    aucs = tuple(auc(truth[:, column], scores[:, column]) for column in range(len(LABELS)))
    return EpochReport(state.epoch, loss, aucs, mean_auc(aucs) > state.best)
