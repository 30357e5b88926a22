"""`python -m services.worker`: settings -> classifier -> handler -> Celery worker."""

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import redis
import structlog
from celery.platforms import SecurityWarning

from services.common.celery_app import make_celery
from services.common.errors import DensaError
from services.common.image_store import DirectoryImageStore
from services.common.logging import configure_logging
from services.common.settings import LogSettings, QueueSettings, RedisSettings, StoreSettings
from services.common.worker_report import WorkerReport
from services.inference.bundle import load_classifier
from services.inference.settings import InferenceSettings
from services.worker.handler import Handler
from services.worker.job_ledger import RedisJobLedger
from services.worker.reporting import Reporter, reporting_step
from services.worker.settings import WorkerSettings
from services.worker.tasks import register_tasks

log = structlog.get_logger()


# Celery warns a worker of root of pickled messages; ours accepts JSON alone.
warnings.filterwarnings("ignore", category=SecurityWarning)


def main() -> int:
    """Serves until told to stop. 1 where the model must not serve or a part is missing."""
    configure_logging(LogSettings())
    worker, redis_settings, store = WorkerSettings(), RedisSettings(), StoreSettings()
    try:
        inference = InferenceSettings()
        classifier = load_classifier(inference.bundle, inference)
        images = DirectoryImageStore(store.path, fsync=store.fsync)
    except DensaError as error:
        log.error("worker_cannot_start", reason=error.reason, error=error.message)  # noqa: TRY400  # expected
        return 1
    model = classifier.identity
    log.info("model_loaded", model=model.name, version=model.version, provider=classifier.provider)
    client = redis.Redis.from_url(redis_settings.url)
    decoders = ThreadPoolExecutor(worker.decode_threads, thread_name_prefix="decode")
    ledger = RedisJobLedger(client, job_ttl_seconds=redis_settings.job_ttl_seconds)
    reporter = Reporter(
        client,
        lambda now: WorkerReport(
            worker.name, model.name, model.version, model.digest, classifier.provider, now
        ),
        classifier.manifest.model_dump_json(),
    )
    app = make_celery(redis_settings, QueueSettings())
    handler = Handler(classifier, ledger, images, decoders, group_windows=inference.max_batch)
    register_tasks(app, handler)
    app.steps["consumer"].add(reporting_step(reporter))
    celery_worker = app.Worker(
        hostname=f"{worker.name}@densa",
        quiet=True,
        pool="threads",
        concurrency=worker.concurrency,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel=LogSettings().level,
    )
    celery_worker.start()
    return int(celery_worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
