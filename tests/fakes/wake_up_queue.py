"""WakeUpQueue in memory."""


class FakeWakeUpQueue:
    """See services.common.wake_ups.WakeUpQueue."""

    def __init__(self) -> None:
        self.published = 0
        self.failures = 0
        """How many of the next calls fail."""

    def publish(self) -> None:
        """See WakeUpQueue."""
        if self.failures:
            self.failures -= 1
            raise ConnectionError("The broker is away.")
        self.published += 1
