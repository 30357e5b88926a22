"""What `densa export` does once its options are read: who is used for what, build, evaluate."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.common.errors import DensaError
from services.training.atomic import StorageError
from services.training.bundle import Origin, add_evaluation, count_origins, write_bundle
from services.training.commands.tables import print_int8, print_metrics, print_zones
from services.training.commands.terminal import console, plain_errors, progress_bar
from services.training.export import ParityError, Sources, export_model
from services.training.golden import draw_golden
from services.training.manifest import Record
from services.training.manifest_check import ManifestError, check_patients, read_manifest
from services.training.prepare_run import NOTES, RunError, read_run
from services.training.splits import (
    CALIBRATION,
    TEST,
    TRAIN,
    VALIDATION,
    Split,
    missing_classes,
    on_side,
)


@dataclass(frozen=True, slots=True)
class Given:
    """Where run and labelled images are."""

    run: Path
    data: Path
    calibration: Path | None
    test: Path | None


def export_as_asked(given: Given, folder: Path, description: str) -> None:
    """Check, build, evaluate. Expected errors end with one message, status 1 and no bundle."""
    with plain_errors(ManifestError, RunError, ValueError, OSError):
        records = read_manifest(given.data)
        config, provenance, split = read_run(given.run, given.data)
        sources = Sources(
            on_side(records, split, TRAIN),
            _held_out(given.calibration, CALIBRATION, records, split),
            _held_out(given.test, TEST, records, split),
        )
        lacking = missing_classes(CALIBRATION, sources.calibration)
        if lacking:
            raise RunError(
                f"calibration needs images with and without each finding: {'; '.join(lacking)}"
            )
        notes = given.run / NOTES
        text = notes.read_text(encoding="utf-8").strip() if notes.exists() else ""
    name, version = folder.parent.name, folder.name
    counts = count_origins(sources.training)
    origin = Origin(name, version, config, provenance, counts, description, text)
    _build(given.run, folder, origin, sources)


def _held_out(
    manifest: Path | None, side: str, records: Sequence[Record], split: Split
) -> list[Record]:
    """Records of `manifest`, else of the run's own `side`; of patients it did not learn from."""
    if manifest is not None:
        other = read_manifest(manifest)
        used = [r for r in records if split[r.patient] in (TRAIN, VALIDATION)]
        check_patients(manifest, used, {record.patient for record in other})
        return other
    own = on_side(records, split, side)
    if not own:
        option = "--calibration" if side == CALIBRATION else "--held-out"
        raise RunError(
            f"this run has no {side} patients of its own: give a manifest of other patients "
            f"with {option}"
        )
    return own


def _build(run: Path, folder: Path, origin: Origin, sources: Sources) -> None:
    """A bundle that could not be finished is removed: half of one must not be taken for one."""
    expected = (ParityError, DensaError, StorageError, OSError, ValueError)
    total = len(sources.familiar) + len(sources.calibration) + len(sources.test)
    with plain_errors(*expected), progress_bar() as progress:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            reading = progress.add_task("exporting", total=total)
            exported = export_model(run, folder, sources, lambda: progress.advance(reading))
            draft = write_bundle(folder, origin, exported, draw_golden(folder))
            testing = progress.add_task("evaluating", total=len(sources.test))
            metrics = add_evaluation(
                folder, draft, sources.test, lambda count: progress.advance(testing, count)
            )
        except BaseException:
            shutil.rmtree(folder)
            raise
    print_metrics(metrics)
    print_zones(exported.fitted.zones)
    print_int8(exported.int8)
    console.print(f"bundle: {folder}")
