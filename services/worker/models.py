"""The models of a worker: the one that answers, the one that comes next, the one in the shadow."""

from collections.abc import Callable
from functools import partial

import redis

from services.common.image_store import ImageStore
from services.common.model_choice import ModelChoice
from services.common.worker_report import ModelState
from services.inference.classifier import Classifier
from services.inference.repository import ModelRepository
from services.worker.aftercare import Aftercare
from services.worker.comparisons import RedisComparisons
from services.worker.handler import Handler
from services.worker.model_choices import RedisModelChoices
from services.worker.model_keeper import ModelKeeper
from services.worker.model_switch import ModelSwitch
from services.worker.shadow import Shadow

MakeHandler = Callable[[Classifier, Aftercare], Handler]


class Models:
    """Kept as operators decide, from `start` to `stop`.

    Args:
        classifier: What answers at first.
        repository: Where other versions come from.
        client: Where decisions stand and agreement is counted.
        store: Where pixels are.
        retains: Whether images are kept that were answered.
        make_handler: Makes the handler of a model.
    """

    def __init__(
        self,
        classifier: Classifier,
        repository: ModelRepository,
        client: redis.Redis,
        store: ImageStore,
        make_handler: MakeHandler,
        *,
        retains: bool,
    ) -> None:
        load_narrow = partial(repository.load, threads=1)
        self._shadow = Shadow(load_narrow, store, RedisComparisons(client))
        self._aftercare = Aftercare(store, retains=retains, onlooker=self._shadow)
        self.switch = ModelSwitch(classifier, lambda one: make_handler(one, self._aftercare))
        choices = RedisModelChoices(client)

        def read() -> ModelChoice:
            choice, self._aftercare.holding = choices.read()
            self._shadow.want(choice.shadow)
            return choice

        self._keeper = ModelKeeper(read, repository.load, self.switch, repository.versions)

    def start(self) -> None:
        """Begins to follow what is decided."""
        self._shadow.start(self._aftercare.let_go)
        self._keeper.start()

    def stop(self) -> None:
        """Follows no more."""
        self._keeper.stop()
        self._shadow.stop()

    @property
    def states(self) -> tuple[ModelState, ...]:
        """What is to be reported of versions that do not answer."""
        shadow = self._shadow.state
        return (*self._keeper.states, *([shadow] if shadow else []))

    @property
    def holding(self) -> bool:
        """Whether no image is let go."""
        return self._aftercare.holding

    @property
    def versions(self) -> tuple[str, ...]:
        """NAME/VERSION of what is in the repository."""
        return self._keeper.versions
