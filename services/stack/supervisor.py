"""Starts Redis, workers and gateway in order, keeps them running, stops them in order."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from services.client import AsyncDensaClient
from services.client.results import Model
from services.stack import readiness, redis_server
from services.stack.child import Child
from services.stack.plan import HOST, StackPlan, claim_page_port, claim_port
from services.stack.processes import make_processes, redis_url

START_LIMIT = 60.0
"""Seconds until everything must serve. A start takes under ten on two cores."""

STOP_GRACE = 10.0
"""Seconds that a process may take to end by itself."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a process that died is started again: the first time, and at most."""

STEADY = 60.0
"""A process that ran for so many seconds was healthy: its next pause is a first one."""


class Voice(Protocol):
    """Tells the person in front of the stack what happens."""

    def waiting(self, what: str) -> None:
        """What is waited for from now on."""

    def say(self, sentence: str) -> None:
        """Something that happened."""


class Stack:
    """The processes of one machine. Made and ended by `running_stack`.

    Args:
        plan: What to run.
        sockets: Private directory for Redis's socket.
        voice: Told what is waited for and what went wrong.
        hurry: Set: end the processes at once instead of waiting for them.
    """

    def __init__(self, plan: StackPlan, sockets: Path, voice: Voice, hurry: asyncio.Event) -> None:
        self.port = claim_port(plan.port)
        self.redis_url = redis_url(sockets / "redis.sock")
        self.data = plan.data.path
        self.store = plan.data.images
        self.page_port = None if plan.page_port is None else claim_page_port(plan.page_port)
        self.processes = make_processes(plan, self.port, sockets / "redis.sock", self.page_port)
        self.models: tuple[Model, ...] = ()
        self._socket = sockets / "redis.sock"
        self._voice = voice
        self._hurry = hurry
        self._keepers: list[asyncio.Task[None]] = []

    @property
    def address(self) -> str:
        """HOST:PORT of the gateway."""
        return f"{HOST}:{self.port}"

    @property
    def page(self) -> str:
        """Address of the page; empty where there is none."""
        return f"http://{HOST}:{self.page_port}" if self.page_port is not None else ""

    async def start(self) -> None:
        """Start everything; return when the service says that it serves.

        Raises:
            StackError: A process ended, or it takes too long.
        """
        children, end = self.processes.in_order, time.monotonic() + START_LIMIT
        redis, gateway = self.processes.redis, self.processes.gateway
        await redis.start()
        self._voice.waiting("Redis to load its data")
        await readiness.wait_until(self._redis_answers, redis, children, end)
        for child in (*self.processes.workers, gateway):
            await child.start()
        self._voice.waiting("the gateway to listen")
        await readiness.wait_until(self._gateway_listens, gateway, children, end)
        self._voice.waiting("a worker to check its model")
        async with AsyncDensaClient(self.address, readiness.ONE_ATTEMPT) as densa:
            await readiness.wait_until(
                lambda: readiness.serves(densa), self.processes.workers[0], children, end
            )
            self.models = await densa.models()
        if (page := self.processes.page) is not None:
            await page.start()
            self._voice.waiting("the page to listen")
            await readiness.wait_until(self._page_listens, page, children, end)
        self._keepers = [asyncio.create_task(self._keep_running(child)) for child in children]

    async def _redis_answers(self) -> bool:
        return await redis_server.answers(self._socket)

    async def _gateway_listens(self) -> bool:
        return await readiness.listens(HOST, self.port)

    async def _page_listens(self) -> bool:
        return await readiness.listens(HOST, self.page_port or 0)

    async def _keep_running(self, child: Child) -> None:
        pause = FIRST_PAUSE
        while True:
            started = time.monotonic()
            status = await child.wait()
            if time.monotonic() - started >= STEADY:
                pause = FIRST_PAUSE
            self._voice.say(
                f"The {child.name} ended with status {status}; starting it again in "
                f"{pause:g} s. Its log: {child.log}"
            )
            await asyncio.sleep(pause)
            await child.start()
            pause = min(pause * 2, LONGEST_PAUSE)

    async def stop(self) -> None:
        """Stop everything: who asks first, what keeps last. Returns when nothing runs."""
        self._voice.waiting("the processes to end (Ctrl-C again: at once)")
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        if self.processes.page is not None:
            await self.processes.page.stop(STOP_GRACE, self._hurry)
        await self.processes.gateway.stop(STOP_GRACE, self._hurry)
        await asyncio.gather(
            *(worker.stop(STOP_GRACE, self._hurry) for worker in self.processes.workers)
        )
        await self.processes.redis.stop(STOP_GRACE, self._hurry)


@asynccontextmanager
async def running_stack(
    plan: StackPlan, voice: Voice, hurry: asyncio.Event | None = None
) -> AsyncIterator[Stack]:
    """A stack that serves, for as long as the block runs; nothing of it runs afterwards.

    Raises:
        StackError: It cannot run here, and why.
    """
    plan.check()
    with plan.data.locked(), plan.data.socket_directory() as sockets:
        stack = Stack(plan, sockets, voice, hurry or asyncio.Event())
        try:
            await stack.start()
            yield stack
        finally:
            await stack.stop()
