"""The log of a run, one row per epoch, and its picture."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.training.atomic import replace_file
from services.training.manifest import LABELS

HEADER = (
    "epoch",
    "learning_rate",
    "loss",
    "validation_loss",
    *(f"auc_{label}" for label in LABELS),
)


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What one epoch brought."""

    epoch: int
    learning_rate: float
    """Of its last step."""
    loss: float
    """Of images and maps, on training crops."""
    validation_loss: float
    """Of images alone, on whole validation images."""
    aucs: tuple[float, ...]
    """Validation AUC of each of LABELS; NaN where a class is absent."""
    best: bool

    @property
    def row(self) -> dict[str, str]:
        """As a row of the log."""
        numbers = (self.learning_rate, self.loss, self.validation_loss, *self.aucs)
        values = [str(self.epoch), *(f"{number:.6g}" for number in numbers)]
        return dict(zip(HEADER, values, strict=True))


def append_row(path: Path, report: EpochReport) -> None:
    """Add an epoch; rows from it on are replaced, as a resumed run may have written them before.

    Raises StorageError.
    """
    rows = [row for row in read_rows(path) if int(row["epoch"]) < report.epoch]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows([*rows, report.row])
    replace_file(path, text.getvalue().encode())


def read_rows(path: Path) -> list[dict[str, str]]:
    """All rows of a log; none where there is no log yet."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def draw_curves(log: Path, picture: Path) -> None:
    """Losses, validation AUC and learning rate by epoch, as PNG. Raises StorageError."""
    from matplotlib.figure import Figure

    rows = read_rows(log)
    epochs = [int(row["epoch"]) for row in rows]

    def column(name: str) -> list[float]:
        return [float(row[name]) for row in rows]

    figure = Figure(figsize=(13, 4), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    for name, label in (("loss", "training"), ("validation_loss", "validation, images only")):
        left.plot(epochs, column(name), marker=".", label=label)
    left.set(title="Loss", xlabel="epoch")
    left.legend()
    for label in LABELS:
        middle.plot(epochs, column(f"auc_{label}"), marker=".", label=label)
    middle.axhline(0.9, color="grey", linewidth=0.8, linestyle="--")
    lowest: Sequence[float] = [value for label in LABELS for value in column(f"auc_{label}")]
    middle.set(title="Validation AUC", xlabel="epoch", ylim=(min([0.45, *lowest]), 1.0))
    middle.legend()
    right.plot(epochs, column("learning_rate"), marker=".")
    right.set(title="Learning rate", xlabel="epoch")
    image = io.BytesIO()
    figure.savefig(image, dpi=110, format="png")
    replace_file(picture, image.getvalue())
