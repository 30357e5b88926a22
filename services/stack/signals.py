"""From a signal to an orderly end, also when it comes early or twice."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a stop by an operator or a service manager, a terminal that was closed."""


def run_until_signal(work: Coroutine[Any, Any, int], hurry: Callable[[], None]) -> int | None:
    """Run the work to its end; its exit status, or None where a signal ended it.

    The first signal cancels the work, which then cleans up as after any other
    cancellation. Every further one calls `hurry`: the cleaning up must still be
    done, only faster.
    """

    async def supervised() -> int | None:
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
        interrupted = False

        def interrupt() -> None:
            nonlocal interrupted
            if interrupted:
                hurry()
            else:
                interrupted = True
                task.cancel()

        for number in ENDING:
            loop.add_signal_handler(number, interrupt)
        try:
            return await task
        except asyncio.CancelledError:
            if not interrupted:
                raise
            return None

    return asyncio.run(supervised())
