"""The model that answers now, and its exchange between micro-batches."""

from collections.abc import Callable

import structlog

from services.inference.classifier import Classifier
from services.worker.handler import Handler
from services.worker.job_ledger import Claim

log = structlog.get_logger()


class ModelSwitch:
    """Hands each micro-batch to the handler of the model that answers now.

    A micro-batch that is in hand finishes with the model it began with, so that no answer
    is of two models and none is late for a switch. Safe to use from several threads.
    """

    def __init__(
        self, classifier: Classifier, make_handler: Callable[[Classifier], Handler]
    ) -> None:
        self._make_handler = make_handler
        self._now = (classifier, make_handler(classifier))

    @property
    def classifier(self) -> Classifier:
        """What answers now."""
        return self._now[0]

    def handle(self, claim: Claim) -> None:
        """See Handler."""
        self._now[1].handle(claim)

    def switch(self, classifier: Classifier) -> None:
        """From the next micro-batch on, this one answers."""
        before, after = self.classifier.identity, classifier.identity
        self._now = (classifier, self._make_handler(classifier))
        log.info(
            "model_switched",
            model=after.name,
            version=after.version,
            digest=after.digest,
            before=f"{before.name} {before.version}",
        )
