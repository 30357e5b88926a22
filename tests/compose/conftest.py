"""Builds and starts docker-compose.yml once: `make test-compose`. Needs a Docker engine."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bundles import write_tiny_bundle
from tests.compose.project import Project, copy_checkout, free_port

PASSWORD = "p@ss/w:rd%41?#[x]"
"""With everything that means something in a URL."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what stands in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.compose)
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The images, built from a copy of this checkout; nothing runs yet, and nothing stays."""
    root = tmp_path_factory.mktemp("compose")
    copy_checkout(root / "densa")
    write_tiny_bundle(root / "models/tiny/0.0.1")
    _let_everybody_read(root / "models")
    name = f"densa-test-{os.getpid()}"
    project = Project(root / "densa", name, {})
    project.write_settings(
        DENSA_REDIS_PASSWORD=PASSWORD,
        DENSA_VERSION=name,
        DENSA_PUBLISH=f"127.0.0.1:{free_port()}",
        DENSA_PUBLISH_PAGE=f"{free_port()}",
        DENSA_MODELS=f"{root / 'models'}",
        DENSA_INFERENCE_BUNDLE="/var/lib/densa/models/tiny/0.0.1",
        DENSA_INFERENCE_THREADS="1",
    )
    try:
        project.compose("build", "--quiet")
        yield project
    finally:
        project.remove()
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def project(built: Project, request: pytest.FixtureRequest) -> Iterator[Project]:
    """All services, healthy, with a model that tells how bright an image is."""
    failed_before = request.session.testsfailed
    built.up()
    try:
        yield built
    finally:
        if request.session.testsfailed > failed_before:
            print(built.logs()[-20_000:])


def _let_everybody_read(folder: Path) -> None:
    """Pytest's folders are their owner's alone, and containers are somebody else."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
