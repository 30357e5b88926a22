"""`python -m benchmarks.alternatives MANIFEST FOLDER`: networks and inputs at equal cost.

Each alternative is trained from random weights by `densa train`, on one core, for so many epochs
that all cost about the same processor time. Its last weights then answer the images of the
validation and the calibration side, which no alternative was trained on, and a table compares them
with the first alternative on the same images. Such a budget is a small part of what a model worth
serving takes: it says which begins better, not which ends better.

Started again, it goes on where it was; the processor time shown is then that since the last start.
FOLDER keeps a run and the answers of each.
"""

import argparse
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from services.training.answering import answer
from services.training.atomic import replace_file
from services.training.bootstrap import PatientBootstrap, interval
from services.training.checkpoint import LAST, load_state
from services.training.config import TrainConfig
from services.training.dataset import load_examples
from services.training.manifest import LABELS, Record, Truth, truth_of
from services.training.manifest_check import read_manifest
from services.training.metrics import auc
from services.training.network import marginal
from services.training.prepare_run import CONFIG
from services.training.run import new_state
from services.training.splits import CALIBRATION, VALIDATION

Floats = NDArray[np.float64]


class Alternative(NamedTuple):
    """What is trained, and for how long."""

    epochs: int
    """On crops, chosen by what a crop costs, so that all cost about the same."""
    options: tuple[str, ...]


ALTERNATIVES = {
    "shared-46nm-224px": Alternative(7, ()),
    "shared-36nm-288px": Alternative(
        4, ("--pixel-size-nm", "36", "--size", "288", "--crop", "160")
    ),
    "cascade-46nm-224px": Alternative(4, ("--network", "cascade")),
    "shared-46nm-224px-seed-2": Alternative(7, ("--seed", "2")),
}
ANSWERS = "answers.npz"


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path, help="with a split of its own, and masks")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="one core each")
    parser.add_argument("--only", choices=tuple(ALTERNATIVES), action="append", default=[])
    parser.add_argument("--child", choices=tuple(ALTERNATIVES), help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.child is not None:
        learn(given.manifest, given.folder / given.child, ALTERNATIVES[given.child])
        return
    held = held_out(given.manifest)
    if not held:
        parser.error(f"{given.manifest} has no patients of validation or calibration in `split`")
    names = given.only or list(ALTERNATIVES)
    with ThreadPoolExecutor(given.at_once) as pool:
        list(pool.map(lambda name: _in_process(given.manifest, given.folder, name), names))
    print(table(held, {name: dict(np.load(given.folder / name / ANSWERS)) for name in names}))


def _in_process(manifest: Path, folder: Path, name: str) -> None:
    """A process each: its processor time is its own, and so is the number of its threads."""
    if not (folder / name / ANSWERS).exists():
        command = [sys.executable, "-m", "benchmarks.alternatives", str(manifest), str(folder)]
        subprocess.run([*command, "--child", name], check=True)


def held_out(manifest: Path) -> list[Record]:
    """The records that no alternative is trained on, except those kept for the last test."""
    records = read_manifest(manifest, contents=False)
    return [record for record in records if record.split in (VALIDATION, CALIBRATION)]


def learn(manifest: Path, run: Path, chosen: Alternative) -> None:
    """Train an alternative, and keep what its last weights say and what they cost."""
    epochs, densa = str(chosen.epochs), str(Path(sys.executable).with_name("densa"))
    fixed = ["--data", str(manifest), "--run", str(run), "--epochs", epochs]
    options = ["--crop-epochs", epochs, "--threads", "1", "--device", "cpu", *chosen.options]
    subprocess.run([densa, "train", *fixed, *options], check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    config = TrainConfig.load(run / CONFIG)
    state = new_state(config, 1)
    load_state(run / LAST, state)
    examples = load_examples(held_out(manifest), config.model_input, threads=1)
    torch.set_num_threads(1)
    said = answer(state.network, examples, config)
    found = {
        "scores": marginal(torch.from_numpy(said.logits)).numpy(),
        "minutes": np.array((used.ru_utime + used.ru_stime) / 60),
        "millions": np.array(sum(each.numel() for each in state.network.parameters()) / 1e6),
        "epochs": np.array(chosen.epochs),
    }
    content = BytesIO()
    np.savez(content, **found)  # type: ignore[arg-type]  # its stub takes them for allow_pickle
    replace_file(run / ANSWERS, content.getvalue())


def table(held: Sequence[Record], answers: Mapping[str, dict[str, Any]]) -> str:
    """Markdown: AUCs, and the mean's difference from the first's, paired, drawn by patient."""
    truth = truth_of([record.labels for record in held])
    bootstrap = PatientBootstrap([record.patient for record in held])
    titles = ("network, input", "epochs", "CPU", "weights", *LABELS, "mean", "less the first's")
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    first: tuple[Floats, Floats] | None = None
    for name, each in answers.items():
        aucs, drawn = _aucs(truth, each["scores"], bootstrap)
        mean, means = aucs.mean(), drawn.mean(axis=0)
        first = first or (mean, means)
        low, high = interval(means - first[1]) or (np.nan, np.nan)
        cells = [
            name,
            f"{each['epochs']}",
            f"{each['minutes']:.0f} min",
            f"{each['millions']:.1f} M",
            *(f"{value:.3f}" for value in (*aucs, mean)),
            f"{mean - first[0]:+.3f} ({low:+.3f} to {high:+.3f})",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _aucs(truth: Truth, scores: Floats, bootstrap: PatientBootstrap) -> tuple[Floats, Floats]:
    """AUCs [5], and [5, draws] of the bootstrap's draws."""
    found, drawn = [], []
    for column in range(len(LABELS)):
        positive, known = truth.positive[:, column], truth.assessed[:, column]
        found.append(auc(positive[known], scores[known, column]))
        drawn.append(bootstrap.aucs(positive, scores[:, column], known))
    return np.array(found), np.stack(drawn)


if __name__ == "__main__":
    main()
