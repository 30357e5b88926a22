"""The sweep: what nobody works on is queued again, what expired is forgotten.

Every gateway and every worker asks for it once a second; Redis does it once. It
is the one mechanism behind a killed worker, a lost wake-up and a restarted Redis.
"""

from dataclasses import dataclass
from typing import cast

from services.common.settings import LeaseSettings

SWEEP_SECONDS = 1.0
"""How often anybody asks. Half of it is the least time between two sweeps."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found."""

    wake_ups_lacking: int
    """Wake-ups to publish now."""
    queued_again: int
    """Images whose lease ran out."""
    expired: int
    """Jobs that were forgotten."""


def sweep_arguments(queue_name: str, leases: LeaseSettings) -> list[str | float]:
    """What the script is told."""
    return [queue_name, leases.seconds, SWEEP_SECONDS / 2]


def to_swept(answer: object) -> Swept:
    """What the script said."""
    return Swept(*(int(number) for number in cast("list[int]", answer)))
