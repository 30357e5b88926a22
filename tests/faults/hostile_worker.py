"""`python -m tests.faults.hostile_worker`: a worker whose decoders certain images take over."""

import functools
import sys

from services.inference.sandbox.reading import reading
from services.worker import __main__ as worker

if __name__ == "__main__":
    hostile = functools.partial(reading, fork_server="tests.hostile_decoder")
    worker.reading = hostile  # type: ignore[attr-defined]  # in place of the one it imported
    sys.exit(worker.main())
