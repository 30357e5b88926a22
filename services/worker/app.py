"""The composition root: the adapters behind the ports, and the Celery worker around them."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import redis
from celery.platforms import SecurityWarning
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry

from services.common.celery_app import make_celery
from services.common.image_store import ImageStore
from services.common.settings import QueueSettings, RedisSettings
from services.common.worker_report import WorkerReport
from services.inference.classifier import Classifier
from services.worker.handler import Handler
from services.worker.job_ledger import RedisJobLedger
from services.worker.reporting import Reporter, reporting_step
from services.worker.settings import WorkerSettings
from services.worker.tasks import register_tasks

LEDGER_RETRIES = 600
"""How often, about a second apart, a finished micro-batch tries to write its outcomes."""

REPORT_TIMEOUT_SECONDS = 1.0
"""How long the consuming loop waits for Redis to take its report."""

# Celery warns a worker of root of pickled messages; ours accepts JSON alone.
warnings.filterwarnings("ignore", category=SecurityWarning)


def make_worker(
    classifier: Classifier,
    store: ImageStore,
    settings: WorkerSettings,
    redis_settings: RedisSettings,
    queue: QueueSettings,
    *,
    group_windows: int,
    log_level: str,
) -> Any:
    """A Celery worker that is ready to `start()`."""
    # A micro-batch in hand waits for a Redis that restarts; a report does not, for the
    # loop that consumes makes it.
    patient = Retry(ExponentialBackoff(cap=1.0, base=0.05), LEDGER_RETRIES)
    ledger = RedisJobLedger(
        redis.Redis.from_url(redis_settings.url, retry=patient),
        job_ttl_seconds=redis_settings.job_ttl_seconds,
    )
    decoders = ThreadPoolExecutor(settings.decode_threads, thread_name_prefix="decode")
    app = make_celery(redis_settings, queue)
    register_tasks(app, Handler(classifier, ledger, store, decoders, group_windows=group_windows))
    app.steps["consumer"].add(
        reporting_step(_make_reporter(classifier, settings.name, redis_settings.url))
    )
    return app.Worker(
        hostname=f"{settings.name}@densa",
        quiet=True,
        pool="threads",
        concurrency=settings.concurrency,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel=log_level,
    )


def _make_reporter(classifier: Classifier, name: str, redis_url: str) -> Reporter:
    model = classifier.identity

    def report(now: float) -> WorkerReport:
        return WorkerReport(name, model.name, model.version, model.digest, classifier.provider, now)

    client = redis.Redis.from_url(
        redis_url, retry=Retry(NoBackoff(), 0), socket_timeout=REPORT_TIMEOUT_SECONDS
    )
    return Reporter(client, report, classifier.manifest.model_dump_json())
