"""Which processes a stack consists of, with what commands and settings."""

import sys
from dataclasses import dataclass
from pathlib import Path

from services.stack.child import Child
from services.stack.plan import HOST, StackPlan
from services.stack.redis_server import find_redis_server
from services.stack.settings import stack_settings


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes of a stack, by what they are."""

    redis: Child
    workers: tuple[Child, ...]
    gateway: Child
    page: Child | None = None

    @property
    def in_order(self) -> tuple[Child, ...]:
        """All of them, in the order in which they start. They stop in the opposite one."""
        page = (self.page,) if self.page else ()
        return (self.redis, *self.workers, self.gateway, *page)


def make_processes(
    plan: StackPlan, port: int, socket: Path, page_port: int | None = None
) -> Processes:
    """The processes for a plan, none of them started. Logs of the last run are moved aside.

    Raises:
        StackError: There is no Redis that can be used.
    """
    data = plan.data
    settings = {
        # What is accepted is kept: a client whose stream is cut comes back for it.
        "DENSA_GATEWAY_STOP_GRACE_SECONDS": "3",
        **plan.settings,
        "DENSA_REDIS_URL": redis_url(socket),
        "DENSA_STORE_PATH": str(data.images),
        "DENSA_GATEWAY_HOST": HOST,
        "DENSA_GATEWAY_PORT": str(port),
        "DENSA_INFERENCE_BUNDLE": str(plan.bundle.absolute()),
        "DENSA_INFERENCE_REPOSITORY": str(plan.repository.absolute()),
        "DENSA_GATEWAY_ADMIN_TOKEN": data.admin_token(),
        "DENSA_WEB_HOST": HOST,
        "DENSA_WEB_PORT": str(page_port),
        "DENSA_WEB_GATEWAY": f"{HOST}:{port}",
        "DENSA_WEB_DATA": str(data.page),
    }

    metrics = stack_settings().metrics_port

    def room(name: str, module: str, number: int) -> Child:
        # By name, not by import: a room is reached as operators reach it. With
        # -P: a file in the current directory must not stand in for a library.
        command = (sys.executable, "-P", "-m", module)
        own = {"DENSA_METRICS_HOST": HOST, "DENSA_METRICS_PORT": str(metrics and metrics + number)}
        return Child(name, command, data.rotate_log(name), {**settings, **own})

    redis = find_redis_server().command(data.redis, socket)
    return Processes(
        Child("redis", redis, data.rotate_log("redis")),
        tuple(room(f"worker-{n}", "services.worker", n) for n in range(1, plan.workers + 1)),
        room("gateway", "services.gateway", 0),
        # It serves no metrics.
        room("page", "services.web", 0) if page_port is not None else None,
    )


def redis_url(socket: Path) -> str:
    """A Redis behind a unix socket, as the rooms' settings want it."""
    return f"unix://{socket}"
