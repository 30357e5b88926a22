"""The state of a run on disk: a killed run that goes on ends as if it had not been killed."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from services.training.atomic import replace_file
from services.training.network import Network, new_network

START = "start.pt"
LAST = "last.pt"
BEST = "best.pt"


@dataclass
class TrainingState:
    """All that an epoch changes. Random numbers are not kept: they follow from seed and epoch."""

    network: Network
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    epoch: int = 0
    """Epochs done."""
    best: float = float("-inf")
    """Best validation score so far."""
    best_epoch: int = 0
    """The epoch that had it."""


def save_state(path: Path, state: TrainingState) -> None:
    """Write all of it, atomically. Raises StorageError, with the file before still there."""
    _save(
        path,
        {
            "kind": state.network.kind,
            "network": state.network.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "schedule": state.schedule.state_dict(),
            "epoch": state.epoch,
            "best": state.best,
            "best_epoch": state.best_epoch,
        },
    )


def save_network(path: Path, network: Network) -> None:
    """Write only the weights, a third of a state; atomically. Raises StorageError."""
    _save(path, {"kind": network.kind, "network": network.state_dict()})


def _save(path: Path, record: dict[str, Any]) -> None:
    # Through memory: errors while writing are then the system's own, with their reason.
    buffer = io.BytesIO()
    torch.save(record, buffer)
    replace_file(path, buffer.getvalue())


def load_state(path: Path, state: TrainingState) -> None:
    """Read into `state`, in place. Raises OSError, ValueError; RuntimeError for another kind."""
    record = _load(path)
    state.network.load_state_dict(record["network"])
    state.optimizer.load_state_dict(record["optimizer"])
    state.schedule.load_state_dict(record["schedule"])
    state.epoch = int(record["epoch"])
    state.best = float(record["best"])
    state.best_epoch = int(record.get("best_epoch", state.epoch))


def load_weights(path: Path, network: Network) -> None:
    """Only the network, in place. Raises OSError, or ValueError for another kind of network."""
    _fill(path, network, _load(path), "begin with one of the same --network, or without")


def load_network(path: Path) -> Network:
    """The network of a checkpoint, ready to evaluate. Raises OSError, or ValueError for no such."""
    record = _load(path)
    network = new_network(record.get("kind", "shared"))
    _fill(path, network, record, "give one that this version of densa wrote")
    return network.eval()


def _fill(path: Path, network: Network, record: dict[str, Any], advice: str) -> None:
    try:
        network.load_state_dict(record["network"])
    except RuntimeError as error:
        raise ValueError(
            f"{path} is no checkpoint of a {network.kind} network: {advice}"
        ) from error


def read_saved(path: Path) -> Any:
    """What torch wrote into a file. Raises OSError, or ValueError for what torch did not write."""
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except OSError:
        raise
    except Exception as error:  # a damaged file or a page saved for it raises nearly anything
        raise ValueError(
            f"{path} is empty, damaged, or no file of torch's ({type(error).__name__})"
        ) from error


def _load(path: Path) -> dict[str, Any]:
    advice = "give best.pt, or another checkpoint, of a folder that `densa train` wrote"
    try:
        record = read_saved(path)
    except ValueError as error:
        raise ValueError(f"{error}: {advice}") from error
    if not (isinstance(record, dict) and isinstance(record.get("network"), dict)):
        raise ValueError(f"{path} holds no network of densa's: {advice}")  # noqa: TRY004  # a file
    return record
