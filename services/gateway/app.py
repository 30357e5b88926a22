"""The composition root: which adapters stand behind the ports, and how they run together."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import redis.asyncio
import structlog

from services.common.metrics import GatewayMetrics
from services.common.redis_clients import connect_async, waited_for
from services.common.settings import LeaseSettings, QueueSettings, RedisSettings, StoreSettings
from services.common.sign_of_life import SignOfLife
from services.common.stores import open_store, store_threads
from services.common.tracing import Tracing
from services.common.wake_ups import CeleryWakeUpQueue
from services.gateway.backlog import Backlog, Limits
from services.gateway.case_finisher import CaseFinisher
from services.gateway.cases import RedisCases
from services.gateway.comparison import Comparisons
from services.gateway.gauges import Gauges
from services.gateway.intake import Intake
from services.gateway.job_registry import RedisJobRegistry
from services.gateway.job_servicer import JobServicer
from services.gateway.jobs import RedisJobs
from services.gateway.metering import CallObserver, counting, traced
from services.gateway.model_admin_servicer import ModelAdminServicer
from services.gateway.model_catalog import ModelCatalog
from services.gateway.model_choices import RedisModelChoices
from services.gateway.observer import GatewayObserver
from services.gateway.operations import Operations
from services.gateway.operations_servicer import OperationsServicer
from services.gateway.parts import Parts
from services.gateway.queue_look import QueueLook
from services.gateway.readiness import Readiness
from services.gateway.result_reader import ResultReader
from services.gateway.server import METHODS, GatewayServer
from services.gateway.servicers import ClassificationServicer, ModelServicer
from services.gateway.settings import GatewaySettings
from services.gateway.store_sweeper import StoreSweeper
from services.gateway.stream_session import StreamSession
from services.gateway.sweeper import Sweeper
from services.gateway.unary_call import UnaryCalls
from services.gateway.waker import Waker

log = structlog.get_logger()

HEALTH_CHECK_SECONDS = 10
"""A Redis connection silent for longer is asked whether it lives before it is used."""


class Gateway:
    """One gateway process: a server and the tasks beside it."""

    def __init__(
        self,
        settings: GatewaySettings,
        redis_settings: RedisSettings,
        queue: QueueSettings,
        store: StoreSettings,
        leases: LeaseSettings,
        *,
        tracing: Tracing | None = None,
        sign: SignOfLife | None = None,
    ) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        self._redis = _connect(redis_settings)
        self.metrics = GatewayMetrics()
        self._observer = GatewayObserver(self.metrics, tracing)
        backlog = Backlog(Limits(settings.max_queued_images, settings.max_queued_bytes))
        replicas = waited_for(redis_settings)
        registry = RedisJobRegistry(
            self._redis,
            backlog,
            queue_name=queue.name,
            job_ttl_seconds=redis_settings.job_ttl_seconds,
            wait_replicas=replicas,
        )
        cases = RedisCases(self._redis)
        finisher = CaseFinisher(cases)
        self._reader = ResultReader(self._redis, finisher.look, replicas)
        self._waker = Waker(CeleryWakeUpQueue(redis_settings, queue))
        self._sweeper = Sweeper(self._redis, self._waker, queue.name, leases, self.metrics)
        images = open_store(store)
        self._store_sweeper = StoreSweeper(
            self._redis, images, store.sweep_seconds, store.retain_days * 86400
        )
        intake = Intake(
            registry,
            images,
            self._waker,
            ThreadPoolExecutor(store_threads(store), thread_name_prefix="store"),
            max_image_bytes=settings.max_image_bytes,
            observer=self._observer,
            keeps=lambda: store.retain_days > 0 or self._readiness.holding,
        )
        arounds = [counting(self.metrics), *([traced(tracing)] if tracing else [])]
        self._server = GatewayServer(settings, [CallObserver(METHODS, *arounds)])
        self._readiness = Readiness(self._redis, self._server.set_serving, backlog, sign)
        self._queue_look = QueueLook(self._redis, self.metrics)
        self._gauges = Gauges(self.metrics, self._readiness, backlog, images)
        parts = Parts(registry, self._reader, intake, backlog, cases, finisher)
        self._unary = UnaryCalls(parts, self._readiness, settings)
        self._add_services(parts)

    def _add_services(self, parts: Parts) -> None:
        settings = self._settings
        catalog = ModelCatalog(self._readiness, max_image_bytes=settings.max_image_bytes)

        def new_session(submitter: str) -> StreamSession:
            return StreamSession(parts, settings, self._stopping, submitter)

        self._server.add(
            ClassificationServicer(self._unary, new_session, self._observer),
            JobServicer(RedisJobs(self._redis), parts, self._stopping),
            ModelServicer(catalog),
            self._model_admin(),
            OperationsServicer(
                Operations(self._readiness, parts.backlog, self._queue_look, self._gauges)
            ),
        )

    def _model_admin(self) -> ModelAdminServicer:
        return ModelAdminServicer(
            RedisModelChoices(self._redis),
            self._readiness,
            Comparisons(self._redis),
            self._settings.admin_token,
        )

    def stop(self) -> None:
        """Asks `run` to end gracefully."""
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping.is_set()

    async def run(self) -> None:
        """Serves until `stop`. Raises Unavailable where it cannot listen."""
        port = await self._server.start()
        log.info("gateway_listening", host=self._settings.host, port=port)
        try:
            async with asyncio.TaskGroup() as tasks:
                background = [
                    tasks.create_task(work)
                    for work in (
                        self._reader.run(),
                        self._waker.run(),
                        self._sweeper.run(),
                        self._store_sweeper.run(),
                        self._readiness.run(),
                        self._queue_look.run(),
                        self._gauges.run(),
                    )
                ]
                await self._stopping.wait()
                log.info("gateway_stopping")
                await self._server.stop()
                await self._unary.settle()
                for task in background:
                    task.cancel()
        finally:
            await self._close()

    async def _close(self) -> None:
        self._waker.close()
        await self._redis.aclose()


def _connect(settings: RedisSettings) -> redis.asyncio.Redis:
    return connect_async(
        settings,
        health_check_interval=HEALTH_CHECK_SECONDS,
        # With one, redis-py sends through wait_for, which on Python 3.11 swallows a
        # cancellation now and then. redis_answers keeps the time instead.
        socket_timeout=None,
    )
