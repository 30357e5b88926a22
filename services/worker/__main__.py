"""`python -m services.worker`: settings -> classifier -> Celery worker -> run until a signal."""

import signal
import sys

import structlog

from services.common.errors import DensaError
from services.common.metrics_server import serve_metrics
from services.common.settings import (
    HealthSettings,
    LeaseSettings,
    LogSettings,
    MetricsSettings,
    QueueSettings,
    RedisSettings,
    S3Settings,
    StoreSettings,
    TracesSettings,
)
from services.common.sign_of_life import SignOfLife
from services.common.stores import open_store
from services.common.tracing import start_tracing
from services.common.wrong_settings import settings_are_right
from services.inference.classifier import Prepare
from services.inference.repository import ModelRepository
from services.inference.sandbox.reading import reading
from services.inference.settings import InferenceSettings
from services.worker.app import Surroundings, Worker
from services.worker.first_model import load_first
from services.worker.settings import WorkerSettings

log = structlog.get_logger()

SETTINGS = (
    *(InferenceSettings, WorkerSettings, RedisSettings, QueueSettings, StoreSettings, S3Settings),
    *(LeaseSettings, MetricsSettings, TracesSettings, HealthSettings),
)


def main() -> int:
    """Serves until told to stop. 1 where the model must not serve or a part is missing."""
    # Until Celery has handlers of its own: the first process of a container gets no signal that it
    # does not handle, and it may wait for Redis for long.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not settings_are_right(*SETTINGS):
        return 1
    inference, settings = InferenceSettings(), WorkerSettings()
    # One more than answers need: the model in the shadow reads images too.
    with reading(inference, settings.decode_threads + 1) as read:
        return serve(inference, settings, read)


def serve(inference: InferenceSettings, settings: WorkerSettings, read: Prepare) -> int:
    """Loads the model and serves."""
    store, redis_settings = StoreSettings(), RedisSettings()
    repository = ModelRepository(inference, read)
    try:
        classifier = load_first(repository, redis_settings)
        images = open_store(store)
    except DensaError as error:
        log.error("worker_cannot_start", reason=error.reason, error=error.message)  # noqa: TRY400  # expected
        return 1
    model = classifier.identity
    log.info("model_loaded", model=model.name, version=model.version, provider=classifier.provider)
    tracing = start_tracing(TracesSettings(), "worker")
    worker = Worker(
        classifier,
        settings,
        Surroundings(
            *(redis_settings, QueueSettings(), LeaseSettings(), images, repository),
            retains=store.retain_days > 0,
            tracing=tracing,
            sign=SignOfLife(HealthSettings().file),
        ),
        group_windows=inference.max_batch,
        log_level=LogSettings().level,
    )
    try:
        serve_metrics(MetricsSettings(), worker.metrics.registry)
    except DensaError as error:
        log.error("worker_cannot_start", reason=error.reason, error=error.message)  # noqa: TRY400  # expected
        return 1
    try:
        return worker.run()
    finally:
        if tracing:
            tracing.close()


if __name__ == "__main__":
    sys.exit(main())
