"""When to try again: exponential backoff with jitter, or when the service says."""

import random
from dataclasses import dataclass, field

from services.client.errors import DensaError, Overloaded, Unavailable


@dataclass(slots=True)
class Backoff:
    """Waiting times of one series of attempts, in seconds.

    Jitter: a uniform draw from half the doubled bound to the bound, so that the
    clients of a gateway that restarts do not all come back in the same instant.
    """

    first: float
    longest: float
    draw: random.Random = field(default_factory=random.Random)
    failures: int = 0

    def next_delay(self, error: DensaError) -> float:
        """Seconds to wait after one more failure. What the service asks for is the least."""
        bound = min(self.longest, self.first * 2**self.failures)
        self.failures += 1
        return (error.retry_after or 0.0) + self.draw.uniform(bound / 2, bound)

    def reset(self) -> None:
        """Begin a new series: the last attempt succeeded."""
        self.failures = 0


def may_help_later(error: DensaError) -> bool:
    """Whether the same call may succeed when it is made again unchanged."""
    # Full without saying until when is gRPC's own limit on a message's size,
    # and no waiting makes a message smaller.
    return isinstance(error, Unavailable) or (
        isinstance(error, Overloaded) and error.retry_after is not None
    )
