"""The state of a run on disk: a killed run that goes on ends as if it had not been killed."""

from dataclasses import dataclass
from pathlib import Path

import torch

from services.training.network import DensaNet

START = "start.pt"
LAST = "last.pt"
BEST = "best.pt"


@dataclass
class TrainingState:
    """All that an epoch changes. Random numbers are not kept: they follow from seed and epoch."""

    network: DensaNet
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    epoch: int = 0
    """Epochs done."""
    best: float = float("-inf")
    """Best validation score so far."""


def save_state(path: Path, state: TrainingState) -> None:
    """Write atomically: a kill while writing leaves the file before."""
    record = {
        "network": state.network.state_dict(),
        "optimizer": state.optimizer.state_dict(),
        "schedule": state.schedule.state_dict(),
        "epoch": state.epoch,
        "best": state.best,
    }
    partial = path.with_suffix(".partial")
    torch.save(record, partial)
    partial.replace(path)


def load_state(path: Path, state: TrainingState) -> None:
    """Read into `state`, in place. Raises OSError or RuntimeError for another kind of network."""
    record = torch.load(path, weights_only=True)
    state.network.load_state_dict(record["network"])
    state.optimizer.load_state_dict(record["optimizer"])
    state.schedule.load_state_dict(record["schedule"])
    state.epoch = int(record["epoch"])
    state.best = float(record["best"])


def load_weights(path: Path, network: DensaNet) -> None:
    """Only the network of a checkpoint, in place. Raises OSError or RuntimeError."""
    network.load_state_dict(torch.load(path, weights_only=True)["network"])


def load_network(path: Path) -> DensaNet:
    """The network of a checkpoint, ready to evaluate. Raises OSError or RuntimeError."""
    network = DensaNet()
    load_weights(path, network)
    return network.eval()
