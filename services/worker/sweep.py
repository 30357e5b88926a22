"""The worker's way to ask for a sweep."""

import redis
import redis.exceptions

from services.common.errors import Unavailable
from services.common.scripts import script
from services.common.settings import LeaseSettings
from services.common.sweeping import Swept, sweep_arguments, to_swept


class RedisSweep:
    """Asks Redis for a sweep when called."""

    def __init__(self, client: redis.Redis, queue_name: str, leases: LeaseSettings) -> None:
        self._script = client.register_script(script("sweep"))
        self._arguments = sweep_arguments(queue_name, leases)

    def __call__(self) -> Swept:
        """What the sweep found. Raises Unavailable."""
        try:
            return to_swept(self._script(args=self._arguments))
        except (redis.exceptions.RedisError, OSError) as error:
            raise Unavailable(f"Redis does not sweep: {error}") from error
