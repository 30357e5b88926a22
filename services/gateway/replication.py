"""What is promised only when replicas have it too, for a primary that may be lost with its disk.

WAIT counts the replicas that have all that the primary had written when the same connection
asked last, by whomever: so it also vouches for what an earlier call wrote.
"""

from collections.abc import Sequence
from typing import Any

import redis.asyncio
import redis.exceptions
from redis.commands.core import AsyncScript

from services.gateway.redis_answers import unavailable

WAIT_MILLISECONDS = 2000
"""How long replicas may take. They answer in the time of a round trip unless they are away."""


async def run_replicated(
    client: redis.asyncio.Redis, script: AsyncScript, arguments: Sequence[str | float], count: int
) -> Any:
    """A script's answer, when `count` replicas have what it wrote.

    Raises Unavailable where they have not; it was written all the same, and may be run again.
    """
    if not count:
        return await script(args=arguments)
    for attempt in range(2):
        async with client.pipeline(transaction=False) as pipe:
            pipe.evalsha(script.sha, 0, *arguments)
            pipe.wait(count, WAIT_MILLISECONDS)
            try:
                answer, have = await pipe.execute()
                break
            except redis.exceptions.NoScriptError:  # a primary that is new
                if attempt:
                    raise
        await client.script_load(script.script)
    if have < count:
        raise unavailable()
    return answer


async def read_replicated(
    client: redis.asyncio.Redis, stream: str, after: str, most: int, count: int
) -> Any:
    """Entries of a stream that `count` replicas have. Raises Unavailable where they have not."""
    async with client.pipeline(transaction=False) as pipe:
        pipe.xrange(stream, min=after, count=most)
        pipe.wait(count, WAIT_MILLISECONDS)
        entries, have = await pipe.execute()
    if have < count:
        raise unavailable()
    return entries
