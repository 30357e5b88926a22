"""`python -m tests.faults.dying_gateway`: a gateway that is killed when it has just registered an
image, before it has told anybody, its client and the queue included.
"""

import os
import signal
import sys
from typing import Any

from services.gateway.__main__ import main
from services.gateway.job_registry import RedisJobRegistry, Registration

LAST = 150
"""The image that it does not survive."""

_register = RedisJobRegistry.register
_registered = 0


async def _deadly(self: RedisJobRegistry, *args: Any, **kwargs: Any) -> Registration:
    global _registered  # noqa: PLW0603  # one gateway is one process
    registration = await _register(self, *args, **kwargs)
    _registered += 1
    if _registered == LAST:
        os.kill(os.getpid(), signal.SIGKILL)
    return registration


if __name__ == "__main__":
    RedisJobRegistry.register = _deadly  # type: ignore[method-assign]
    sys.exit(main())
