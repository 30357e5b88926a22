"""The Celery application both ends of the queue are made from. No tasks here."""

import socket
from urllib.parse import quote, urlsplit

from celery import Celery

from services.common.redis_clients import CONNECT_SECONDS, sentinel_address, sentinel_login
from services.common.settings import QueueSettings, RedisSettings

# A host that vanished without a word leaves a worker waiting for its next message on a dead
# connection, by the kernel's own patience for two hours. So: asked after 5 s of silence, and
# given up after three questions 2 s apart.
KEEPALIVE = {
    getattr(socket, name): value
    for name, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3))
    if hasattr(socket, name)
}

SILENCE_SECONDS = 5.0
"""After so much silence a connection is given up on which an answer is due. The longest answer is
that of a BRPOP of one second; should Redis's clock be set back, it comes hours late, and a worker
that is to stop would wait for it."""

SOCKETS = {
    "socket_timeout": SILENCE_SECONDS,
    "socket_keepalive": True,
    "socket_keepalive_options": KEEPALIVE,
}

RESTORE_SECONDS = 5
"""How often a worker looks for wake-ups that were taken and never acknowledged, as happens when a
connection breaks. kombu's own 100 s are long; this is one small read."""


def broker_url(redis_url: str) -> str:
    """The same Redis in Celery's words, which differ for unix sockets and Sentinel."""
    if address := sentinel_address(redis_url):
        login = quote(address.username or "", safe="")
        if address.password:
            login += f":{quote(address.password, safe='')}"
        at = f"{login}@" if login else ""
        return ";".join(f"sentinel://{at}{h}:{p}/{address.db}" for h, p in address.sentinels)
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    login = f"{parts.netloc}" if parts.netloc else ""
    return f"redis+socket://{login}{parts.path}"


def make_celery(redis: RedisSettings, queue: QueueSettings) -> Celery:
    """A Celery application on Redis with the settings that keep work safe.

    - ignore_result: results go to the job's stream, Celery's result backend leaks
      pub/sub channels (celery#6963, #10477).
    - acks_late and reject_on_worker_lost: a task leaves the queue when it is done.
    - prefetch of one task per thread: others of the queue stay there for other workers.
    - a broker that is away is tried for ever, and all threads consume when it is back.
    - no events, gossip or heartbeats over the broker: readiness looks at consumption.
    """
    app = Celery("densa", broker=broker_url(redis.full_url), set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_serializer="json",
        accept_content=["json"],
        task_default_queue=queue.name,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure_or_timeout=True,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_soft_shutdown_timeout=10.0,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # After a reconnect it would count tasks of the connection before as prefetched.
        worker_enable_prefetch_count_reduction=False,
        broker_transport_options={
            "visibility_timeout": queue.visibility_timeout_seconds,
            "unacked_restore_interval": RESTORE_SECONDS,
            "unacked_restore_throttle": 1,
            **SOCKETS,
            **_of_sentinel(redis),
        },
    )
    return app


def _of_sentinel(redis: RedisSettings) -> dict[str, object]:
    address = sentinel_address(redis.full_url)
    if address is None:
        return {}
    return {
        "master_name": address.primary,
        "sentinel_kwargs": sentinel_login(redis),
        "socket_connect_timeout": CONNECT_SECONDS,
    }
