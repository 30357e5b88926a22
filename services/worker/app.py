"""The composition root: the adapters behind the ports, and the Celery worker around them."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import redis
from celery.platforms import SecurityWarning
from celery.signals import worker_shutting_down
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.common.celery_app import make_celery
from services.common.image_store import ImageStore
from services.common.metrics import WorkerMetrics
from services.common.redis_clients import connect, waited_for
from services.common.settings import LeaseSettings, QueueSettings, RedisSettings
from services.common.sign_of_life import SignOfLife
from services.common.tracing import Tracing
from services.common.wake_ups import CeleryWakeUpQueue
from services.common.worker_report import WorkerReport
from services.inference.classifier import Classifier
from services.inference.repository import ModelRepository
from services.worker.aftercare import Aftercare
from services.worker.consumer import PromptConsumer
from services.worker.handler import Handler
from services.worker.heartbeat import Heartbeat
from services.worker.job_ledger import RedisJobLedger
from services.worker.leases import LeasesInHand
from services.worker.models import Models
from services.worker.observer import Observer
from services.worker.rate import Rate
from services.worker.reporting import Reporter, reporting_step
from services.worker.settings import WorkerSettings
from services.worker.sweep import RedisSweep
from services.worker.tasks import register_tasks
from services.worker.work_loop import WorkLoop

ANSWER_SECONDS = 2.0
"""How long Redis may take to answer a claim or a heartbeat before it counts as away."""

WRITE_SECONDS = 10.0
"""How long Redis may take to answer a write before it is sent again; the first one wins."""

REPORT_TIMEOUT_SECONDS = 1.0
"""How long the consuming loop waits for Redis to take its report."""

# Celery warns a worker of root of pickled messages; ours accepts JSON alone.
warnings.filterwarnings("ignore", category=SecurityWarning)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a worker shares with the other processes."""

    redis: RedisSettings
    queue: QueueSettings
    leases: LeaseSettings
    store: ImageStore
    repository: ModelRepository
    retains: bool = False
    """Whether images are kept that were answered."""
    tracing: Tracing | None = None
    sign: SignOfLife | None = None


class Worker:
    """A Celery worker around one model. `run` it in the main thread."""

    def __init__(
        self,
        classifier: Classifier,
        settings: WorkerSettings,
        around: Surroundings,
        *,
        group_windows: int,
        log_level: str,
    ) -> None:
        prompt = connect(around.redis, retry=Retry(NoBackoff(), 0), socket_timeout=ANSWER_SECONDS)
        self.metrics = WorkerMetrics()
        observer = Observer(self.metrics, around.tracing)
        ledger = _make_ledger(prompt, settings, around)
        decoders = ThreadPoolExecutor(settings.decode_threads, thread_name_prefix="decode")
        leases, rate = LeasesInHand(), Rate()

        def make_handler(model: Classifier, aftercare: Aftercare) -> Handler:
            observer.serves(model.identity, model.provider)
            return Handler(
                *(model, ledger, around.store, decoders),
                group_windows=group_windows,
                aftercare=aftercare,
                observer=observer,
            )

        self._models = Models(
            *(classifier, around.repository, prompt, around.store, make_handler),
            retains=around.retains,
        )
        self._work = WorkLoop(ledger, self._models.switch, leases, rate)
        self._heartbeat = Heartbeat(
            ledger,
            leases,
            around.leases.renew_seconds,
            RedisSweep(prompt, around.queue.name, around.leases),
            CeleryWakeUpQueue(around.redis, around.queue),
            queued_again=self.metrics.queued_again.inc,
        )
        app = make_celery(around.redis, around.queue)
        register_tasks(app, self._work)
        app.steps["consumer"].add(
            reporting_step(_make_reporter(self._models, settings, rate, around))
        )
        self._celery = _celery_worker(app, settings, log_level)

    def run(self) -> int:
        """Serves until told to stop; the exit status."""

        # Celery's pool waits for its threads: they must not claim any more by then.
        def stop(**_: Any) -> None:
            self._work.stop()

        worker_shutting_down.connect(stop)
        self._heartbeat.start()
        self._models.start()
        try:
            self._celery.start()
        finally:
            worker_shutting_down.disconnect(stop)
            self._work.stop()
            self._heartbeat.stop()
            self._models.stop()
        return int(self._celery.exitcode or 0)


def _make_ledger(
    prompt: redis.Redis, settings: WorkerSettings, around: Surroundings
) -> RedisJobLedger:
    patient = connect(
        around.redis,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=WRITE_SECONDS,
    )
    return RedisJobLedger(
        *(prompt, patient),
        batch_size=settings.batch_size,
        threads=settings.concurrency,
        leases=around.leases,
        replicas=waited_for(around.redis),
    )


def _celery_worker(app: Any, settings: WorkerSettings, log_level: str) -> Any:
    return app.Worker(
        hostname=f"{settings.name}@densa",
        quiet=True,
        pool="threads",
        consumer_cls=PromptConsumer,
        concurrency=settings.concurrency,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        loglevel=log_level,
    )


def _make_reporter(
    models: Models, settings: WorkerSettings, rate: Rate, around: Surroundings
) -> Reporter:
    def report(now: float) -> tuple[WorkerReport, str]:
        classifier = models.switch.classifier
        model = classifier.identity
        said = WorkerReport(
            settings.name,
            model.name,
            model.version,
            model.digest,
            classifier.provider,
            now,
            settings.concurrency,
            rate.per_second,
            models.states,
            models.versions,
            models.holding,
        )
        return said, classifier.manifest.model_dump_json()

    client = connect(
        around.redis, retry=Retry(NoBackoff(), 0), socket_timeout=REPORT_TIMEOUT_SECONDS
    )
    return Reporter(client, settings.name, report, around.sign)
