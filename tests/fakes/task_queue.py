"""TaskQueue in memory."""

from services.common.messages import ImageRef


class FakeTaskQueue:
    """See services.gateway.dispatcher.TaskQueue."""

    def __init__(self) -> None:
        self.published: list[list[ImageRef]] = []
        self.failures = 0
        """How many of the next calls fail."""

    def publish(self, images: list[ImageRef]) -> None:
        """See TaskQueue."""
        if self.failures:
            self.failures -= 1
            raise ConnectionError("The broker is away.")
        self.published.append(list(images))

    @property
    def images(self) -> list[ImageRef]:
        """Everything published, in order."""
        return [image for task in self.published for image in task]
