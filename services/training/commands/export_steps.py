"""What `densa export` does once its options are read: who is used for what, build, evaluate."""

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
from services.training.manifest_check import ManifestError, check_apart, read_manifest
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
from services.training.whole_folder import whole_folder


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
        sources = _sources(given, records, split)
        lacking = missing_classes(CALIBRATION, sources.calibration)
        if lacking:
            raise RunError(
                f"calibration needs images with and without each finding: {'; '.join(lacking)}"
            )
        notes = given.run / NOTES
        text = notes.read_text(encoding="utf-8").strip() if notes.exists() else ""
    name, version = folder.parent.name, folder.name
    # A run that learnt from more than its manifest lists says so itself.
    counts = provenance.get("origins") or count_origins(sources.training)
    origin = Origin(name, version, config, provenance, counts, description, text)
    _build(given.run, folder, origin, sources)


def _sources(given: Given, records: Sequence[Record], split: Split) -> Sources:
    """Who is used for what: nobody, under whatever name, for two of training, fitting, testing."""
    used = [record for record in records if split[record.patient] in (TRAIN, VALIDATION)]
    calibration, fitted_on = _held_out(given, CALIBRATION, given.calibration, records, split)
    check_apart(fitted_on, calibration, "training", used)
    test, tested_on = _held_out(given, TEST, given.test, records, split)
    check_apart(tested_on, test, "training", used)
    check_apart(tested_on, test, "calibration", calibration)
    return Sources(on_side(records, split, TRAIN), calibration, test)


def _held_out(
    given: Given, side: str, manifest: Path | None, records: Sequence[Record], split: Split
) -> tuple[list[Record], Path]:
    """Records of `manifest`, else of the run's own `side`; with the manifest that lists them."""
    if manifest is not None:
        return read_manifest(manifest), manifest
    own = on_side(records, split, side)
    if not own:
        option = "--calibration" if side == CALIBRATION else "--held-out"
        raise RunError(
            f"this run has no {side} patients of its own: give a manifest of other patients "
            f"with {option}"
        )
    return own, given.data


def _build(run: Path, folder: Path, origin: Origin, sources: Sources) -> None:
    """Only a finished and evaluated bundle gets its name: half of one must not be taken for one."""
    expected = (ParityError, DensaError, StorageError, OSError, ValueError)
    total = len(sources.familiar) + len(sources.calibration) + len(sources.test)
    with plain_errors(*expected), progress_bar() as progress, whole_folder(folder) as partial:
        reading = progress.add_task("exporting", total=total)
        exported = export_model(run, partial, sources, lambda: progress.advance(reading))
        draft = write_bundle(partial, origin, exported, draw_golden(partial))
        testing = progress.add_task("evaluating", total=len(sources.test))
        metrics = add_evaluation(
            partial, draft, sources.test, lambda count: progress.advance(testing, count)
        )
    print_metrics(metrics)
    print_zones(exported.fitted.zones)
    print_int8(exported.int8)
    console.print(f"bundle: {folder}")
