"""`python -m services.gateway`: settings -> adapters -> server -> run until a signal."""

import asyncio
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import redis.asyncio
import structlog

from services.common.celery_app import make_celery
from services.common.errors import DensaError
from services.common.image_store import DirectoryImageStore
from services.common.logging import configure_logging
from services.common.settings import LogSettings, QueueSettings, RedisSettings, StoreSettings
from services.gateway.celery_task_queue import CeleryTaskQueue
from services.gateway.dispatcher import Dispatcher
from services.gateway.intake import Intake
from services.gateway.job_registry import RedisJobRegistry
from services.gateway.model_catalog import ModelCatalog
from services.gateway.readiness import Readiness
from services.gateway.result_reader import ResultReader
from services.gateway.server import GatewayServer
from services.gateway.servicers import ClassificationServicer, ModelServicer
from services.gateway.settings import GatewaySettings
from services.gateway.stream_session import StreamSession
from services.gateway.unary_call import UnaryCalls

log = structlog.get_logger()

HEALTH_CHECK_SECONDS = 10
"""A Redis connection silent for longer is asked whether it lives before it is used."""

STORE_THREADS = 4
"""Threads that hash and store images: the disk wants a few at a time."""


async def serve() -> None:
    """Serves until SIGTERM or SIGINT; a second signal ends at once."""
    settings, redis_settings, queue = GatewaySettings(), RedisSettings(), QueueSettings()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop_or_leave, stopping)

    client = redis.asyncio.Redis.from_url(
        redis_settings.url, health_check_interval=HEALTH_CHECK_SECONDS
    )
    registry = RedisJobRegistry(
        client, queue_name=queue.name, job_ttl_seconds=redis_settings.job_ttl_seconds
    )
    reader = ResultReader(client)
    task_queue = CeleryTaskQueue(make_celery(redis_settings, queue), queue.name)
    dispatcher = Dispatcher(task_queue, settings)
    store = DirectoryImageStore(StoreSettings().path, fsync=StoreSettings().fsync)
    executor = ThreadPoolExecutor(STORE_THREADS, thread_name_prefix="store")
    intake = Intake(registry, store, dispatcher, executor, max_image_bytes=settings.max_image_bytes)
    server = GatewayServer(settings)
    readiness = Readiness(client, server.set_serving)
    unary = UnaryCalls(registry, reader, intake, readiness, settings)
    server.add(
        ClassificationServicer(
            unary, lambda: StreamSession(registry, reader, intake, settings, stopping)
        ),
        ModelServicer(ModelCatalog(readiness, max_image_bytes=settings.max_image_bytes)),
    )
    port = await server.start()
    log.info("gateway_listening", host=settings.host, port=port)
    background = [
        asyncio.create_task(work) for work in (reader.run(), dispatcher.run(), readiness.run())
    ]
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait({stopped, *background}, return_when=asyncio.FIRST_COMPLETED)
    log.info("gateway_stopping")
    await server.stop()
    for task in (stopped, *background):
        task.cancel()
    await dispatcher.drain()
    await reader.close()
    await client.aclose()
    for task in background:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error


def _stop_or_leave(stopping: asyncio.Event) -> None:
    if stopping.is_set():
        sys.exit(130)
    stopping.set()


def main() -> int:
    """Serves; 1 where a part is missing, with one line that says which."""
    configure_logging(LogSettings())
    try:
        asyncio.run(serve())
    except DensaError as error:
        log.error("gateway_cannot_start", reason=error.reason, error=error.message)  # noqa: TRY400  # expected
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
