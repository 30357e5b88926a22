"""Every test here breaks something; `make test-faults` runs them, and CI a part of them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest

from tests.bundles import write_tiny_bundle
from tests.stack_fixture import RealStack, real_stack

LEASE_SECONDS = 3.0

SETTINGS = {
    "DENSA_INFERENCE_THREADS": "1",
    "DENSA_STORE_SWEEP_SECONDS": "10",
    # Half of the usual: what is waited for takes half as long.
    "DENSA_LEASE_SECONDS": f"{LEASE_SECONDS}",
    "DENSA_LEASE_RENEW_SECONDS": "0.75",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what stands in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that tells how bright an image is."""
    path = tmp_path_factory.mktemp("bundle") / "tiny"
    write_tiny_bundle(path)
    return path


class StackOf(Protocol):
    """Starts a stack."""

    def __call__(self, *, workers: int = 1) -> AbstractContextManager[RealStack]:
        """With so many workers."""
        ...


@pytest.fixture
def stack_of(tmp_path: Path, tiny_bundle: Path) -> StackOf:
    """Starts a stack of real processes that are started again when they die."""

    def start(*, workers: int = 1) -> AbstractContextManager[RealStack]:
        return real_stack(tiny_bundle, tmp_path / "stack", workers=workers, settings=SETTINGS)

    return start


@pytest.fixture
def stack(stack_of: StackOf) -> Iterator[RealStack]:
    """A stack of one worker."""
    with stack_of() as stack:
        yield stack
