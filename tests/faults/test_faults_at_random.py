"""Whatever is broken, in whatever order, every image has one result and nothing is left over."""

import os
import random
import signal
import time
from collections.abc import Callable
from functools import partial

import psutil
import pytest
import redis

from tests.faults.conftest import LEASE_SECONDS, StackOf
from tests.faults.driving import (
    BROKEN_AFTER,
    IMAGES,
    Drive,
    check_all_ended,
    check_nothing_is_left,
    decoders_of,
    drive,
)
from tests.stack_fixture import RealStack

WORKERS = ("worker-1", "worker-2")
KILLED = (*WORKERS, "gateway", "redis")
ROUNDS = int(os.environ.get("FAULTS_ROUNDS", "7"))
"""Faults one after the other: `make test-faults` takes 20."""

SEED = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(10**6))
"""The same again: FAULTS_SEED=... make test-faults."""


class Faults:
    """What may happen to a stack, and what must end with it."""

    def __init__(self, stack: RealStack, chance: random.Random) -> None:
        self._stack = stack
        self._chance = chance
        self.orphans: list[psutil.Process] = []

    def kill(self, name: str) -> None:
        """`kill -9`."""
        while name not in self._stack.pids:
            time.sleep(0.05)
        if name in WORKERS:
            self.orphans.extend(decoders_of(self._stack.pids[name]))
        self._stack.kill(name)

    def kill_decoders(self) -> None:
        """`kill -9` of all that reads images for a worker, or of what starts them."""
        name = self._chance.choice(WORKERS)
        if name in self._stack.pids:
            family = decoders_of(self._stack.pids[name])
            for process in family[: self._chance.choice([1, len(family)])]:
                process.kill()

    def stand_still(self) -> None:
        """A worker that is as good as dead, for longer than its lease."""
        name = self._chance.choice(WORKERS)
        if name in self._stack.pids:
            pid = self._stack.pids[name]
            self._stack.signal(name, signal.SIGSTOP)
            time.sleep(LEASE_SECONDS + 1)
            os.kill(pid, signal.SIGCONT)

    def lose_wake_ups(self) -> None:
        """Each of them, for two seconds."""
        with redis.Redis.from_url(self._stack.redis_url) as client:
            end = time.monotonic() + 2
            while time.monotonic() < end:
                try:
                    client.delete("densa.classify")
                except redis.RedisError:  # it starts just now
                    time.sleep(0.1)

    def take_the_store_away(self) -> None:
        """For two seconds."""
        aside = self._stack.store.with_name("aside")
        self._stack.store.rename(aside)
        self._stack.store.write_text("in the way")
        time.sleep(2)
        self._stack.store.unlink()
        aside.rename(self._stack.store)

    @property
    def all(self) -> dict[str, Callable[[], None]]:
        """By name."""
        kills: dict[str, Callable[[], None]] = {
            f"kill {name}": partial(self.kill, name) for name in KILLED
        }
        return kills | {
            "kill decoders": self.kill_decoders,
            "stand still": self.stand_still,
            "lose wake-ups": self.lose_wake_ups,
            "take the store away": self.take_the_store_away,
        }


@pytest.mark.timeout(600)
async def test_whatever_is_broken_at_random_every_image_has_one_result(stack_of: StackOf) -> None:
    # Given
    print(f"FAULTS_SEED={SEED}")
    chance = random.Random(SEED)
    happened: list[str] = []

    def break_things(driven: Drive) -> None:
        for turn in range(ROUNDS):
            name, act = chance.choice(list(faults.all.items()))
            happened.append(name)
            act()
            seen = len(driven.results)
            end = time.monotonic() + chance.uniform(0.2, 2)
            goal = min(IMAGES, BROKEN_AFTER + IMAGES // ROUNDS * turn)
            while time.monotonic() < end or len(driven.results) < min(goal, seen + 1):
                time.sleep(0.05)

    with stack_of(workers=2) as stack:
        faults = Faults(stack, chance)

        # When
        driven = await drive(stack.address, break_things)

        # Then
        print(f"happened: {happened}")
        driven.check(IMAGES)
        await check_all_ended(faults.orphans)
        with redis.Redis.from_url(stack.redis_url) as client:
            await check_nothing_is_left(client, stack.store)
