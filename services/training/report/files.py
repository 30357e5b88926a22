"""The files an evaluation leaves: whole, or not at all."""

import os
from pathlib import Path
from typing import Any

from services.inference.manifest import digest_of
from services.training.evaluated import Evaluation
from services.training.evaluation import write_answers
from services.training.report.estimates import to_json


def prepare_folders(*paths: Path | None) -> None:
    """Make the folders that files are to go into. Raises OSError where one cannot be made."""
    for path in paths:
        if path is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise OSError(f"{path} is a folder: give the name of a file")
        if not os.access(path.parent, os.W_OK):
            raise OSError(f"{path.parent} cannot be written: give another folder")


def describe_data(manifest: Path, used: str) -> dict[str, str]:
    """What was evaluated on: the manifest's name and digest, and which of its rows."""
    return {
        "manifest": manifest.name,
        "digest": digest_of(manifest.read_bytes()),
        "split": used,
    }


def write_results(
    evaluation: Evaluation,
    report: dict[str, Any],
    *,
    page: Path | None,
    numbers: Path | None,
    answers: Path | None,
) -> None:
    """Write what was asked for. Raises OSError, and then leaves what was there before."""
    if page is not None:
        from services.training.report.page import render

        _replace_text(page, render(report))
    if numbers is not None:
        _replace_text(numbers, to_json(report))
    if answers is not None:
        draft = answers.with_name(answers.name + ".part")
        try:
            write_answers(draft, evaluation)
            draft.replace(answers)
        finally:
            draft.unlink(missing_ok=True)


def _replace_text(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
