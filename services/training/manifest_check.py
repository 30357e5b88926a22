"""Reading a manifest: everything that is wrong with it is found before any work starts."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from services.training.manifest import Record
from services.training.manifest_contents import Listed, Progress, check_contents
from services.training.manifest_rows import check_columns, read_row
from services.training.manifest_splits import check_splits
from services.training.manifest_table import read_table

ROW = re.compile(r"(?:line|row) (\d+):")
"""How a problem of one row begins."""


class ManifestError(Exception):
    """The manifest cannot be used. `problems` has a line for each thing to correct."""

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        shown = [f"  {problem}" for problem in problems]
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        super().__init__("\n".join([f"{path}: {count}; correct them and try again:", *shown]))
        self.problems = tuple(problems)


def read_manifest(
    path: Path, contents: bool = True, progress: Progress = lambda _done, _total: None
) -> list[Record]:
    """All records of a CSV or Parquet file, checked; `contents` also reads the files it lists.

    Raises ManifestError with every problem at once, by row: labels that
    contradict each other, missing and unreadable files, masks that do not
    fit, one image under several patients or splits, a patient in several
    splits, a split that lacks a class. Wrong columns come alone: rows cannot
    be read without knowing what is in them.
    """
    try:
        table = read_table(path)
    except OSError as error:
        raise ManifestError(path, [f"cannot be read: {error.strerror}"]) from error
    except ValueError as error:
        raise ManifestError(path, [f"cannot be read: {error}"]) from error
    if columns := check_columns(table.columns):
        raise ManifestError(path, columns)
    problems = table.problems if table.rows or table.problems else ["lists no micrograph"]
    listed = []
    for row in table.rows:
        found: list[str] = []
        each = Listed(row.where, read_row(path.parent, row.values, found))
        problems += [f"{row.where}: {problem}" for problem in found]
        listed.append(each)
    problems += check_splits(listed)
    digests: dict[Path, str] = {}
    if contents:
        found_in_files, digests = check_contents(listed, progress)
        problems += found_in_files
    if problems:
        raise ManifestError(path, sorted(problems, key=_row))
    return [replace(each.record, digest=digests.get(each.record.path, "")) for each in listed]


def _row(problem: str) -> float:
    """The row of a problem; what is of several rows comes last."""
    found = ROW.match(problem)
    return float(found[1]) if found else float("inf")


def check_apart(path: Path, records: Sequence[Record], use: str, others: Sequence[Record]) -> None:
    """No patient and no image of `records`, which `path` lists, may be among `others`.

    Images are compared where both manifests were read with their files: the same
    person may have another pseudonym in another manifest. Raises ManifestError.
    """
    shared = sorted({each.patient for each in records} & {each.patient for each in others})
    problems = [f"patient {patient} was also used for {use}" for patient in shared]
    known = {each.digest: each for each in others if each.digest}
    problems += [
        f"{each.path} is the same image as {copy.path} of patient {copy.patient}, "
        f"which was also used for {use}"
        for each in records
        if each.patient not in shared and (copy := known.get(each.digest)) is not None
    ]
    if problems:
        raise ManifestError(path, problems)
