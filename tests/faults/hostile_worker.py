"""`python -m tests.faults.hostile_worker`: a worker whose decoders certain images take over."""

import functools
import sys

from services.worker import __main__ as worker

if __name__ == "__main__":
    worker.reading = functools.partial(worker.reading, fork_server="tests.hostile_decoder")
    sys.exit(worker.main())
