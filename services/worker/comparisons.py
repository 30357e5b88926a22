"""How two versions agreed on an image, counted in Redis."""

from collections.abc import Iterator

import redis
import redis.exceptions

from services.common import keys
from services.common.classification import Assessment, Classification, ModelIdentity
from services.common.errors import Unavailable
from services.common.scripts import script

KEPT_SECONDS = 90 * 24 * 3600
"""How long counters stay after the last image."""

KEPT_PAIRS, KEPT_DIFFERENCES = 10, 20
"""Pairs of versions that are remembered, and images of each."""


class RedisComparisons:
    """Counts comparisons; each is one round trip. Every method may raise Unavailable."""

    def __init__(self, client: redis.Redis) -> None:
        self._script = client.register_script(script("compare"))

    def compared(self, image: str, active: Classification, shadow: Classification) -> None:
        """Both versions classified an image."""
        pairs = list(_outputs(active, shadow))
        counts = [
            argument for label, one, other in pairs for argument in _counted(label, one, other)
        ]
        label, one, other = max(pairs, key=lambda pair: difference(*pair[1:]))
        largest: list[str | float] = [
            label,
            one.probability,
            other.probability,
            difference(one, other),
        ]
        self._count(active.model, shadow.model, ["compared", 1, image, *counts, *largest])

    def missed(
        self, active: ModelIdentity, shadow: ModelIdentity, how: str, images: int = 1
    ) -> None:
        """The version in the shadow `failed` on images, or they were `skipped`."""
        self._count(active, shadow, [how, images, ""])

    def _count(self, active: ModelIdentity, shadow: ModelIdentity, what: list[str | float]) -> None:
        arguments: list[str | float] = [
            keys.pair_of(active.digest, shadow.digest),
            *(f"{one.name} {one.version} {one.digest}" for one in (active, shadow)),
            *(KEPT_SECONDS, KEPT_PAIRS, KEPT_DIFFERENCES),
            *what,
        ]
        try:
            self._script(args=arguments)
        except (redis.exceptions.RedisError, OSError) as error:
            raise Unavailable(f"Redis does not count: {error}") from error


def difference(one: Assessment, other: Assessment) -> float:
    """How far two probabilities are apart."""
    return abs(one.probability - other.probability)


def _counted(label: str, one: Assessment, other: Assessment) -> tuple[str, str, float]:
    """What is counted of one output: both calls by their first letters, and the difference."""
    return label, one.call[0] + other.call[0], difference(one, other)


def _outputs(
    active: Classification, shadow: Classification
) -> Iterator[tuple[str, Assessment, Assessment]]:
    yield "presence", active.presence, shadow.presence
    for location, assessment in active.locations.items():
        yield location.value, assessment, shadow.locations[location]
