"""The model repository: published versions as NAME/VERSION, verified when they are loaded.

A bundle in it is never changed. Which of them answers does not stand here: the repository
may be a shared folder, or a copy on each host.
"""

import json
from pathlib import Path

from services.common.errors import BundleError
from services.common.model_choice import is_model_name, is_model_version
from services.inference.bundle import load_classifier
from services.inference.classifier import Prepare
from services.inference.manifest import MANIFEST_FILE
from services.inference.onnx_classifier import OnnxClassifier
from services.inference.settings import InferenceSettings

LISTED = 64
"""Versions that are listed at most, the last by name."""


class ModelRepository:
    """Finds and loads versions: those of the folder, and the bundle a worker is started with."""

    def __init__(self, settings: InferenceSettings, read: Prepare) -> None:
        self._settings = settings
        self._read = read

    def versions(self) -> tuple[str, ...]:
        """What could be loaded, as NAME/VERSION. Nothing is verified for it."""
        found = {
            f"{path.parent.parent.name}/{path.parent.name}"
            for path in self._settings.repository.glob(f"*/*/{MANIFEST_FILE}")
            if is_model_name(path.parent.parent.name) and is_model_version(path.parent.name)
        }
        own = _named(self._settings.bundle)
        return tuple(sorted(found | ({"/".join(own)} if own else set()))[-LISTED:])

    def load_given(self) -> OnnxClassifier:
        """The classifier of the bundle that the worker is started with. Raises BundleError."""
        return load_classifier(self._settings.bundle, self._settings, self._read)

    def load(self, name: str, version: str, *, threads: int | None = None) -> OnnxClassifier:
        """The classifier of a version: verified, warm, and right on its golden images.

        Raises BundleError: BUNDLE_NOT_FOUND, and those of `load_classifier`.
        """
        if not (is_model_name(name) and is_model_version(version)):
            raise BundleError(f"{name!r} {version!r} names no model version.")
        path = self._settings.repository / name / version
        if not (path / MANIFEST_FILE).is_file() and _named(self._settings.bundle) == (
            name,
            version,
        ):
            path = self._settings.bundle
        if not (path / MANIFEST_FILE).is_file():
            raise BundleError(
                f"{name} {version} is not in the model repository "
                f"{self._settings.repository.absolute()} of this worker. Put it there: "
                "densa models publish, or a copy of a repository that has it.",
                reason="BUNDLE_NOT_FOUND",
            )
        settings = self._settings
        if threads is not None:
            settings = settings.model_copy(update={"threads": threads})
        classifier = load_classifier(path, settings, self._read)
        found = classifier.identity
        if (found.name, found.version) != (name, version):
            raise BundleError(
                f"{path} holds {found.name} {found.version}: a folder of the model repository "
                "must have the name and the version of its bundle.",
            )
        return classifier


def _named(bundle: Path) -> tuple[str, str] | None:
    """Name and version that the manifest of a bundle states; None where there is none."""
    try:
        manifest = json.loads((bundle / MANIFEST_FILE).read_bytes())
        return str(manifest["name"]), str(manifest["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
