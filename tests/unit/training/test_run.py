"""A run goes on where it was killed, and ends as if it had not been."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from services.training.checkpoint import BEST, LAST, START, load_network, save_network
from services.training.curves import EpochReport
from services.training.network import CascadeNet
from services.training.run import (
    METRICS,
    Reporter,
    TrainingData,
    gave_up,
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


class StopsInTheMiddle(Reporter):
    """Ctrl-C at the first step of an epoch that is not the first."""

    def __init__(self) -> None:
        self.done = 0

    def images_seen(self, count: int) -> None:
        """Interrupts."""
        if count and self.done:
            raise KeyboardInterrupt

    def epoch_done(self, report: EpochReport) -> None:
        """Counts."""
        self.done = report.epoch


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


def test_a_run_stopped_in_the_middle_of_an_epoch_ends_as_if_it_had_not_been(
    tmp_path: Path,
) -> None:
    # Given data, two folders, and settings for three epochs
    config = replace(TINY, epochs=3)
    data = TrainingData(make_examples(8), make_examples(8, seed=1))
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()

    # When one run goes through and one is stopped amid the second epoch and started again
    train_run(whole, config, data)
    with pytest.raises(KeyboardInterrupt):
        train_run(parts, config, data, StopsInTheMiddle())
    train_run(parts, config, data)

    # Then the last and the best weights are the same, bit for bit, and so is the log
    for file in (LAST, BEST):
        one, other = (load_network(folder / file).state_dict() for folder in (whole, parts))
        assert all(torch.equal(one[name], other[name]) for name in one)
    assert (whole / METRICS).read_text() == (parts / METRICS).read_text()


def test_a_run_of_two_networks_trains_both(tmp_path: Path) -> None:
    # Given data and settings for a cascade
    config = replace(TINY, network="cascade", epochs=1)
    data = TrainingData(make_examples(8), make_examples(8, seed=1))
    before = new_state(config, examples=8).network.state_dict()

    # When it is trained
    train_run(tmp_path, config, data)

    # Then both networks have learned, and the checkpoint is read as what it is
    network = load_network(tmp_path / BEST)
    assert isinstance(network, CascadeNet)
    after = network.state_dict()
    for part in ("first", "second"):
        name = f"{part}.early.0.weight"
        assert not torch.equal(before[name], after[name])


def test_a_run_ends_early_where_nothing_gets_better(tmp_path: Path) -> None:
    # Given validation images that all show the same, so that no epoch has a score
    config = replace(TINY, epochs=6, patience=2, crop_epochs=6)
    same = [make_examples(1)[0]] * 8
    recorder = Recorder()

    # When a run is started, and started again
    state = train_run(tmp_path, config, TrainingData(make_examples(8), same), recorder)
    again = train_run(tmp_path, config, TrainingData(make_examples(8), same), recorder)

    # Then it ended after two epochs, and does not go on
    assert [report.epoch for report in recorder.reports] == [1, 2]
    assert gave_up(state, config)
    assert again.epoch == 2


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
    save_network(tmp_path / START, other.network)

    # When a run of no epochs yet is opened
    state = train_run(tmp_path, TINY, data, until=0)

    # Then its network has those weights
    found, given = state.network.state_dict(), other.network.state_dict()
    assert all(torch.equal(found[name], given[name]) for name in given)


def test_weights_of_another_kind_of_network_are_refused(tmp_path: Path) -> None:
    # Given a folder with the weights of a cascade
    data = TrainingData(make_examples(8), make_examples(8, seed=1))
    other = new_state(replace(TINY, network="cascade"), examples=8)
    save_network(tmp_path / START, other.network)

    # When a run of a shared trunk begins with them
    # Then the error says what to do
    with pytest.raises(ValueError, match="same --network"):
        train_run(tmp_path, TINY, data, until=0)


def test_outputs_without_both_classes_do_not_spoil_the_score() -> None:
    # Given areas of which some are unknown
    # When they are averaged
    # Then only the known ones count
    assert mean_auc((0.5, float("nan"), 0.7)) == 0.6
    assert mean_auc((float("nan"),)) == float("-inf")
