"""The log of a run, one row per epoch, and its picture."""

import csv
from collections.abc import Sequence
from pathlib import Path

from services.training.manifest import LABELS

HEADER = ("epoch", "loss", *(f"auc_{label}" for label in LABELS))


def append_row(path: Path, epoch: int, loss: float, aucs: Sequence[float]) -> None:
    """Add an epoch; rows from it on are replaced, as a resumed run may have written them before."""
    rows = [row for row in read_rows(path) if int(row["epoch"]) < epoch]
    values = [str(epoch), f"{loss:.5f}", *(f"{value:.5f}" for value in aucs)]
    rows.append(dict(zip(HEADER, values, strict=True)))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: Path) -> list[dict[str, str]]:
    """All rows of a log; none where there is no log yet."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def draw_curves(log: Path, picture: Path) -> None:
    """Loss and validation AUC by epoch, as PNG."""
    from matplotlib.figure import Figure

    rows = read_rows(log)
    epochs = [int(row["epoch"]) for row in rows]
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(epochs, [float(row["loss"]) for row in rows], marker=".")
    left.set(title="Training loss", xlabel="epoch")
    for label in LABELS:
        right.plot(epochs, [float(row[f"auc_{label}"]) for row in rows], marker=".", label=label)
    right.axhline(0.9, color="grey", linewidth=0.8, linestyle="--")
    right.set(title="Validation AUC", xlabel="epoch", ylim=(0.45, 1.0))
    right.legend()
    figure.savefig(picture, dpi=110)
