"""What tests of the worker share."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.worker.worker_world import WorkerWorld


@pytest.fixture
def world() -> Iterator[WorkerWorld]:
    with ThreadPoolExecutor(4) as decoders:
        yield WorkerWorld(decoders)
