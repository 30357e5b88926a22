"""The model a worker starts with: the active version, else the bundle of its settings."""

from redis.backoff import NoBackoff
from redis.retry import Retry

from services.common.redis_clients import connect
from services.common.settings import RedisSettings
from services.inference.onnx_classifier import OnnxClassifier
from services.inference.repository import ModelRepository
from services.worker.model_choices import RedisModelChoices, wait_for
from services.worker.model_keeper import check_digest

ANSWER_SECONDS = 2.0


def load_first(repository: ModelRepository, settings: RedisSettings) -> OnnxClassifier:
    """Waits for Redis to tell which version answers. Raises BundleError: it must not serve.

    Another version than the active one is no substitute: the answers would be of two models.
    """
    with connect(settings, retry=Retry(NoBackoff(), 0), socket_timeout=ANSWER_SECONDS) as client:
        active = wait_for(RedisModelChoices(client)).active
    if active is None:
        return repository.load_given()
    classifier = repository.load(active.name, active.version)
    check_digest(classifier, active.digest)
    return classifier
