"""Putting a finished bundle into a model repository: verified first, whole or not at all."""

import os
import shutil
from pathlib import Path

from services.inference.bundle import load_bundle, load_classifier
from services.inference.manifest import CARD_FILE, BundleManifest
from services.inference.settings import InferenceSettings
from services.training.whole_folder import sync_folder


class PublishError(Exception):
    """The bundle was not published. Says why and what to do."""


def publish_bundle(bundle: Path, repository: Path) -> Path:
    """Copy `bundle` to `repository`/<name>/<version>; where that is.

    Every digest is verified and every graph run on its golden images, before
    and, by digest, after copying. The copy appears under its name in one step: a
    worker never sees half of it. Raises PublishError for a version that is
    there or a bundle that was not evaluated, BundleError for one that must not
    serve, OSError.
    """
    manifest = load_bundle(bundle).manifest
    _check_evaluated(bundle, manifest)
    target = repository / manifest.name / manifest.version
    if target.exists():
        raise PublishError(
            f"{target} exists: a published version is never changed; export another --version"
        )
    _run_golden_images(bundle, manifest)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{manifest.version}.{os.getpid()}.partial")
    try:
        shutil.copytree(bundle, partial)
        load_bundle(partial)
        sync_folder(partial)
        _rename(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _check_evaluated(bundle: Path, manifest: BundleManifest) -> None:
    """A bundle may verify and yet say nothing of how good it is: one that was never finished."""
    lacking = [] if manifest.metrics else ["metrics"]
    lacking += [] if CARD_FILE in manifest.files else [CARD_FILE]
    if lacking:
        raise PublishError(
            f"{bundle} has no {' and no '.join(lacking)}: nobody could tell how good the model is. "
            "Its export was not finished, or its held-out images lack a class: export it again"
        )


def _run_golden_images(bundle: Path, manifest: BundleManifest) -> None:
    load_classifier(bundle, InferenceSettings(bundle=bundle, provider="cpu", graph="fp32"))
    if manifest.int8 is not None:
        load_classifier(bundle, InferenceSettings(bundle=bundle, provider="cpu", graph="int8"))


def _rename(partial: Path, target: Path) -> None:
    """Renaming onto a directory with files in it fails: of two who publish at once, one wins."""
    try:
        partial.rename(target)
    except OSError as error:
        if target.exists():
            raise PublishError(f"{target} was published by someone else meanwhile") from error
        raise
