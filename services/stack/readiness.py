"""Waiting until a part of the stack is ready, and saying which part is not."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from services.client import AsyncDensaClient, ClientOptions
from services.client.errors import DensaError
from services.stack.child import Child
from services.stack.errors import StackError

POLL = 0.1
"""Seconds between two looks."""


async def wait_until(
    ready: Callable[[], Awaitable[bool]], culprit: Child, children: Sequence[Child], end: float
) -> None:
    """Wait until `ready`, while every child that was started lives.

    Args:
        ready: The condition.
        culprit: Whose fault it is when the time is up.
        children: Those whose end is the end of waiting.
        end: When the time is up, on the monotonic clock.

    Raises:
        StackError: With the end of the log of the process to blame.
    """
    while not await ready():
        for child in children:
            if child.process is not None and not child.running:
                status = child.process.returncode
                raise StackError(_with_log(f"The {child.name} ended with status {status}.", child))
        if time.monotonic() > end:
            raise StackError(_with_log(f"The {culprit.name} was not ready in time.", culprit))
        await asyncio.sleep(POLL)


def _with_log(sentence: str, child: Child) -> str:
    lines = child.last_lines()
    return f"{sentence} The end of {child.log}:\n{lines}" if lines else f"{sentence} {child.log}"


async def listens(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


async def serves(densa: AsyncDensaClient) -> bool:
    """Whether the service says that it serves."""
    try:
        return await densa.is_serving()
    except DensaError:
        return False


ONE_ATTEMPT = ClientOptions(attempts=1)
"""For asking again and again: the waiting is ours."""
