"""A training run from a checked manifest to the best checkpoint, with its folder of evidence.

config.json      what was asked           split.csv     which patient was held out for what
provenance.json  versions, commit, data   metrics.csv   one row per epoch
last.pt          to go on from            best.pt       weights that were best on validation
curves.png       metrics by epoch         start.pt      weights it began with, if given
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from services.training.answering import answer_windows, cut_windows
from services.training.checkpoint import (
    BEST,
    LAST,
    START,
    TrainingState,
    load_state,
    load_weights,
    save_network,
    save_state,
)
from services.training.config import TrainConfig
from services.training.curves import EpochReport, append_row, draw_curves
from services.training.dataset import Example
from services.training.loop import steps_per_epoch, train_epoch
from services.training.losses import image_loss
from services.training.manifest import LABELS
from services.training.metrics import auc
from services.training.network import marginal, new_network
from services.training.views import drawing_views

METRICS = "metrics.csv"
CURVES = "curves.png"


class Reporter:
    """Is told how a run goes; this one keeps silent."""

    def epochs_found(self, done: int) -> None:
        """So many epochs were done before; the run goes on from there."""

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
    network = new_network(config.network)
    network.to(device=config.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    steps = steps_per_epoch(examples, config.batch) * config.epochs
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

    Raises StorageError where the folder cannot be written; what the last whole
    epoch left stays, and the next call goes on from it.
    """
    torch.set_num_threads(config.threads)
    state = new_state(config, len(data.training))
    if (folder / LAST).exists():
        load_state(folder / LAST, state)
    elif (folder / START).exists():
        load_weights(folder / START, state.network)
    reporter.epochs_found(state.epoch)
    last = config.epochs if until is None else until
    cut, owner = cut_windows(data.validation, config)
    truth = np.stack([example.truth for example in data.validation])
    with drawing_views(data.training, config) as views:
        while state.epoch < last and not gave_up(state, config):
            loss = train_epoch(state, data.training, config, views, reporter.images_seen)
            answers = answer_windows(state.network, cut, owner, config)
            report = _validate(state, loss, answers.logits, truth)
            append_row(folder / METRICS, report)
            if report.best:
                state.best, state.best_epoch = mean_auc(report.aucs), state.epoch
                save_network(folder / BEST, state.network)
            draw_curves(folder / METRICS, folder / CURVES)
            save_state(folder / LAST, state)
            reporter.epoch_done(report)
    return state


def gave_up(state: TrainingState, config: TrainConfig) -> bool:
    """Whether the last `patience` epochs brought nothing better."""
    return 0 < config.patience <= state.epoch - state.best_epoch


def _validate(
    state: TrainingState, loss: float, said: NDArray[np.float64], truth: NDArray[np.float64]
) -> EpochReport:
    logits = torch.from_numpy(said)
    scores = marginal(logits).numpy()
    aucs = []
    for column in range(len(LABELS)):
        known = np.isfinite(truth[:, column])
        aucs.append(auc(truth[known, column] == 1, scores[known, column]))
    return EpochReport(
        epoch=state.epoch,
        learning_rate=float(state.schedule.get_last_lr()[0]),
        loss=loss,
        validation_loss=float(image_loss(logits, torch.from_numpy(truth))),
        aucs=tuple(aucs),
        best=mean_auc(aucs) > state.best,
    )
