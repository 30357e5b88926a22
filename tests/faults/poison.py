"""An image that kills the worker that reads it, and workers that are started again."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.conftest import SETTINGS
from tests.integration.processes import Process, Service

POISON = b"poison"
"""What a deadly image ends with."""


class KeptWorkers:
    """Workers that a deadly image kills, and that are started again."""

    def __init__(self, service: Service, count: int) -> None:
        self._service = service
        self._stopping = threading.Event()
        self.deaths = 0
        self.running = [self._start(number) for number in range(count)]
        self._keeper = threading.Thread(target=self._keep)
        self._keeper.start()

    def _start(self, number: int) -> Process:
        return self._service.start_process(
            "worker",
            module="tests.faults.poisonable_worker",
            **SETTINGS,
            DENSA_WORKER_NAME=f"kept {number}",
        )

    def _keep(self) -> None:
        while not self._stopping.wait(0.05):
            for number, process in enumerate(self.running):
                if process.popen.poll() is not None:
                    process.expected_to_run = False
                    self.deaths += 1
                    time.sleep(0.3)
                    self.running[number] = self._start(number)

    def stop(self) -> None:
        """Starts none again, and kills those that run: one may have begun just now, and would
        not know yet how to end well.
        """
        self._stopping.set()
        self._keeper.join()
        for process in self.running:
            process.kill()


@contextmanager
def kept_workers(service: Service, count: int) -> Iterator[KeptWorkers]:
    """Workers that are started again for as long as the context lasts."""
    workers = KeptWorkers(service, count)
    try:
        yield workers
    finally:
        workers.stop()
