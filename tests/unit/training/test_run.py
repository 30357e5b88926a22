"""A run goes on where it was killed, and ends as if it had not been."""

import csv
from dataclasses import replace
from pathlib import Path

import torch

from services.training.checkpoint import LAST, START, load_network, save_state
from services.training.run import (
    METRICS,
    EpochReport,
    Reporter,
    TrainingData,
    mean_auc,
    new_state,
    train_run,
)
from tests.training_data import TINY, make_examples


class Recorder(Reporter):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.images = 0
        self.reports: list[EpochReport] = []

    def images_seen(self, count: int) -> None:
        """Sums up."""
        self.images += count

    def epoch_done(self, report: EpochReport) -> None:
        """Appends."""
        self.reports.append(report)


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    # Given data and two folders
    data = TrainingData(make_examples(8), make_examples(8, seed=1))
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()

    # When one run goes through and one stops after the first epoch and is started again
    train_run(whole, TINY, data)
    train_run(parts, TINY, data, until=1)
    train_run(parts, TINY, data)

    # Then every weight and every logged number is the same
    one, other = load_network(whole / LAST).state_dict(), load_network(parts / LAST).state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (whole / METRICS).read_text() == (parts / METRICS).read_text()


def test_a_run_leaves_its_evidence_and_reports_it(tmp_path: Path) -> None:
    # Given data
    data = TrainingData(make_examples(8), make_examples(8, seed=1))
    recorder = Recorder()

    # When a run goes through
    train_run(tmp_path, TINY, data, recorder)

    # Then log, curves and checkpoints are there, and every image was counted in every epoch
    with (tmp_path / METRICS).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert {"curves.png", "best.pt", "last.pt"} <= {path.name for path in tmp_path.iterdir()}
    assert recorder.images == 16
    assert [report.epoch for report in recorder.reports] == [1, 2]
    assert recorder.reports[0].best


def test_a_run_begins_with_the_weights_it_was_given(tmp_path: Path) -> None:
    # Given a folder with the weights of another network
    data = TrainingData(make_examples(8), make_examples(8, seed=1))
    other = new_state(replace(TINY, seed=99), examples=8)
    save_state(tmp_path / START, other)

    # When a run of no epochs yet is opened
    state = train_run(tmp_path, TINY, data, until=0)

    # Then its network has those weights
    found, given = state.network.state_dict(), other.network.state_dict()
    assert all(torch.equal(found[name], given[name]) for name in given)


def test_outputs_without_both_classes_do_not_spoil_the_score() -> None:
    # Given areas of which some are unknown
    # When they are averaged
    # Then only the known ones count
    assert mean_auc((0.5, float("nan"), 0.7)) == 0.6
    assert mean_auc((float("nan"),)) == float("-inf")
