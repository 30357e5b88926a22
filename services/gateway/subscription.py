"""The one connection on which a gateway hears announcements.

One task listens, and makes the connection again when it breaks; others only add
and remove channels. redis-py's PubSub connects again in whatever task finds it
broken, so that two tasks come to read one socket: the error of the second ends
whoever listens.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import redis.asyncio
import redis.exceptions

from services.gateway.redis_answers import ANSWER_SECONDS

POLL_SECONDS = 5.0
"""How long a silent connection is listened to before it is asked whether it lives."""

Message = tuple[str, bytes, bytes]
"""Kind (subscribe, message, unsubscribe), channel, and what was said."""


class Subscription:
    """The channels that are listened to, and the connection while there is one."""

    def __init__(self, client: redis.asyncio.Redis, first: str) -> None:
        self._pool = client.connection_pool
        self._channels = {first.encode()}
        self._connection: redis.asyncio.Connection | None = None

    async def add(self, channel: bytes) -> None:
        """Listens to a channel from the moment on that a `subscribe` message confirms it.

        Does not fail: without a connection, the next one listens to it.
        """
        self._channels.add(channel)
        await self._send("SUBSCRIBE", channel)

    async def remove(self, channel: bytes) -> None:
        """Listens to a channel no longer. Does not fail either."""
        self._channels.discard(channel)
        await self._send("UNSUBSCRIBE", channel)

    async def _send(self, command: str, *arguments: bytes) -> None:
        connection = self._connection
        if connection is None or not connection.is_connected:
            return
        # Whoever listens sees that it is broken, and makes it again.
        with contextlib.suppress(redis.exceptions.RedisError, OSError):
            await connection.send_command(command, *arguments, check_health=False)

    async def listen(self) -> AsyncGenerator[Message, None]:
        """Connects, and yields messages until the connection breaks. For one task at a time.

        Raises RedisError or OSError.
        """
        async with asyncio.timeout(ANSWER_SECONDS):
            connection = await self._pool.get_connection()  # type: ignore[no-untyped-call]
        try:
            self._connection = connection
            await connection.send_command("SUBSCRIBE", *self._channels, check_health=False)
            asked = False
            while True:
                answer = await connection.read_response(
                    timeout=POLL_SECONDS, disconnect_on_error=False, push_request=True
                )
                if answer is None and asked:
                    raise redis.exceptions.ConnectionError("The connection does not answer.")
                asked = answer is None
                if asked:
                    await connection.send_command("PING", check_health=False)
                elif isinstance(answer, list) and len(answer) == 3:
                    kind, channel, said = answer
                    yield kind.decode(), channel, said
        finally:
            self._connection = None
            await connection.disconnect(nowait=True)
            await self._pool.release(connection)
