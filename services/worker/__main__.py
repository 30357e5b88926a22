"""`python -m services.worker`: settings -> classifier -> Celery worker -> run until a signal."""

import sys

import structlog

from services.common.errors import DensaError
from services.common.image_store import DirectoryImageStore
from services.common.logging import configure_logging
from services.common.settings import (
    LeaseSettings,
    LogSettings,
    QueueSettings,
    RedisSettings,
    StoreSettings,
)
from services.inference.bundle import load_classifier
from services.inference.settings import InferenceSettings
from services.worker.app import Surroundings, Worker
from services.worker.settings import WorkerSettings

log = structlog.get_logger()


def main() -> int:
    """Serves until told to stop. 1 where the model must not serve or a part is missing."""
    configure_logging(LogSettings())
    inference, store = InferenceSettings(), StoreSettings()
    try:
        classifier = load_classifier(inference.bundle, inference)
        images = DirectoryImageStore(store.path, fsync=store.fsync)
    except DensaError as error:
        log.error("worker_cannot_start", reason=error.reason, error=error.message)  # noqa: TRY400  # expected
        return 1
    model = classifier.identity
    log.info("model_loaded", model=model.name, version=model.version, provider=classifier.provider)
    worker = Worker(
        classifier,
        WorkerSettings(),
        Surroundings(RedisSettings(), QueueSettings(), LeaseSettings(), images),
        group_windows=inference.max_batch,
        log_level=LogSettings().level,
    )
    return worker.run()


if __name__ == "__main__":
    sys.exit(main())
