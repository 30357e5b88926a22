"""The tables and lists of a model card, in Markdown, each from its part of report or provenance."""

from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from services.training.report.readers import COMPARED
from services.training.report.words import number, with_interval

SETTINGS = ("seed", "size", "pixel_size_nm", "epochs", "batch", "learning_rate", "network")
WEAKEST = 5
LEAST_IN_STRATUM = 20
"""Images with and images without the deposit, below which a part says too little to be named."""


def origin_words(origins: Mapping[str, int]) -> str:
    """`4303 drawn`, or several of drawn, real and not stated."""
    return ", ".join(f"{count} {name}" for name, count in origins.items() if count)


def performance_table(report: Mapping[str, Any]) -> str:
    """One row per output."""
    header = (
        *("output", "with / without", "AUC (95 %)", "accuracy", "sensitivity", "specificity"),
        *("kappa", "ECE", "AUC, published"),
    )
    return _table(header, (_row(label, report) for label in report["outputs"]))


def _row(label: str, report: Mapping[str, Any]) -> list[str]:
    values = report["outputs"][label]
    calibration = values.get("calibration")
    return [
        label,
        f"{values['positives']} / {values['negatives']}",
        *(
            _words(values[name])
            for name in ("auc", "accuracy", "sensitivity", "specificity", "kappa")
        ),
        unescape(number(calibration["after"]["ece"] if calibration else None)),
        f"{report['published']['outputs'][label]['auc']:.3f}",
    ]


def heat_map_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Hit rates; nothing where no masks were given."""
    found = report["heat_maps"]
    if found is None:
        return
    yield (
        "Explainability: how often the maximum of the heat map lies on the deposit's mask, or "
        "within half a cell of the map of it, beside how often it would by chance."
    )
    rows = (
        [label, str(each["images"]), _words(each["hit_rate"]), f"{each['chance']:.3f}"]
        for label, each in found["outputs"].items()
    )
    yield _table(("output", "micrographs", "hit rate", "by chance"), rows)


def reader_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Model minus reader; nothing where no reader read."""
    if not report["readers"]:
        return
    yield "Model minus reader, each against the reference, on the images the reader read:"
    rows = (
        [reader, label, *(_words(each["difference"][name], sign=True) for name in COMPARED)]
        for reader, outputs in report["readers"].items()
        for label, each in outputs.items()
    )
    yield _table(("reader", "output", *COMPARED), rows)


def weakest_strata(report: Mapping[str, Any]) -> Iterator[str]:
    """Where it fails most: the parts with the lowest AUC."""
    parts = [
        (values["auc"]["value"], factor, part["level"], label, values)
        for factor, levels in report["strata"].items()
        if len(levels) > 1
        for part in levels
        for label, values in part["outputs"].items()
        if values["auc"] is not None
        and min(values["positives"], values["assessed"] - values["positives"]) >= LEAST_IN_STRATUM
    ]
    if not parts:
        return
    yield (
        f"Where it fails most: the {WEAKEST} lowest AUCs of parts with at least "
        f"{LEAST_IN_STRATUM} images of each class. The lowest of many are low by chance, too."
    )
    rows = (
        [f"{factor}: {level}", label, _words(values["auc"]), str(values["assessed"])]
        for _, factor, level, label, values in sorted(parts, key=lambda part: part[0])[:WEAKEST]
    )
    yield _table(("part", "output", "AUC (95 %)", "micrographs"), rows)


def settings_table(provenance: Mapping[str, Any]) -> str:
    """The main settings of the run."""
    config = provenance.get("config") or {}
    rows = [[name, str(config[name])] for name in SETTINGS if name in config]
    return _table(("setting", "value"), rows) if rows else "The run's settings are not stated."


def _words(found: dict[str, Any] | None, sign: bool = False) -> str:
    return unescape(with_interval(found, sign=sign))


def _table(header: tuple[str, ...], rows: Any) -> str:
    lines = [list(header), ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
