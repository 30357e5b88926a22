"""How urgent a job is."""

from enum import StrEnum


class Lane(StrEnum):
    """Lanes, the most urgent first. Of four micro-batches each lane that has work gets one
    or more, the most urgent the rest.
    """

    STAT = "STAT"
    """Somebody waits for the answer: overtakes what stands in the others."""
    ROUTINE = "ROUTINE"
    BULK = "BULK"
    """A back-fill: what the others leave, and never less than a fifth."""
