"""The worker's side of the jobs in Redis: what to do next, and the outcomes."""

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, cast

import redis
import redis.exceptions

from services.common import keys
from services.common.errors import Unavailable
from services.common.messages import ImageRef, Outcome, encode_outcome
from services.common.scripts import script
from services.common.settings import LeaseSettings
from services.worker.patience import patiently

REPLICA_MILLISECONDS = 500
"""How long replicas may take to have an outcome. Where none has it, its pixels stay."""


class Verdict(StrEnum):
    """What is to be done with a claimed image."""

    RUN = "RUN"
    CANCELLED = "CANCELLED"
    """Its job was cancelled."""
    EXPIRED = "EXPIRED"
    """Its deadline is over."""
    CRASHED = "CRASHED"
    """Too many workers died with it in hand."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An image that this worker has a lease on."""

    image: ImageRef
    record: bytes
    """As services.common.messages.decode_record reads it, if it does."""
    verdict: Verdict = Verdict.RUN
    attempts: int = 0
    """Workers that died with it in hand."""


class ClaimState(StrEnum):
    """What a claim found."""

    TAKEN = "TAKEN"
    EMPTY = "EMPTY"
    """Nothing waits."""
    AGAIN = "AGAIN"
    """Only images of forgotten jobs were looked at so far."""
    SUSPECT = "SUSPECT"
    """The next image was in hand when a worker died: claim it with nothing else in hand."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The answer to a claim."""

    state: ClaimState
    claimed_at: float
    """Seconds since the epoch, by Redis's clock."""
    images: tuple[Claimed, ...] = ()


class JobLedger(Protocol):
    """What the worker needs to know of jobs. Every method may raise Unavailable."""

    def claim(self, *, exclusive: bool) -> Claim:
        """The next micro-batch, with a lease on each image; `exclusive`: nothing else is in
        hand in this worker.
        """

    def linger(self, seconds: float) -> bool:
        """Waits until something may wait again; False where nothing came in that time."""

    def renew(self, images: Sequence[ImageRef]) -> None:
        """Prolongs leases."""

    def release(self, images: Sequence[ImageRef]) -> None:
        """Gives images back that this worker still has a lease on; no harm is noted."""

    def write(self, outcomes: Sequence[tuple[ImageRef, Outcome]]) -> bool:
        """Writes outcomes; those there already stay. False: they may be lost with the primary."""


class RedisJobLedger:
    """JobLedger on Redis; every method is one round trip, but for `linger`.

    Args:
        client: Gives up soon.
        patient: Gives Redis more time to answer; writes are tried again while it is away.
        batch_size: Images in a micro-batch at most.
        threads: Micro-batches that this worker has in hand at once.
        leases: How long a lease lasts, and how many may run out.
        replicas: How many must have an outcome before it counts as lasting.
    """

    def __init__(
        self,
        client: redis.Redis,
        patient: redis.Redis,
        *,
        batch_size: int,
        threads: int,
        leases: LeaseSettings,
        replicas: int = 0,
    ) -> None:
        self._client = client
        self._replicas = replicas
        self._patient = patient
        self._name = uuid.uuid4().hex
        self._lease_seconds = leases.seconds
        self._claim_arguments = [batch_size, threads, leases.seconds, leases.max_attempts]
        self._claim = client.register_script(script("claim"))
        self._linger = client.register_script(script("linger"))
        self._renew = client.register_script(script("renew"))
        self._release = client.register_script(script("release"))
        self._outcome = patient.register_script(script("outcome"))

    def claim(self, *, exclusive: bool) -> Claim:
        """See JobLedger."""
        answer = self._run(self._claim, [*self._claim_arguments, int(exclusive)])
        state, at, images = cast("tuple[bytes, bytes, list[list[bytes]]]", answer)
        return Claim(ClaimState(state.decode()), float(at), tuple(map(_claimed, images)))

    def linger(self, seconds: float) -> bool:
        """See JobLedger."""
        thread = f"{self._name}.{threading.get_ident()}"
        if not self._run(self._linger, [thread, seconds]):
            return True
        try:
            if self._client.blpop([keys.nudges(thread)], seconds) is not None:
                return True
            # Not there any more: it was nudged in this very moment.
            return not self._client.zrem(keys.LINGERING, thread)
        except (redis.exceptions.RedisError, OSError) as error:
            raise _unavailable(error) from error

    def renew(self, images: Sequence[ImageRef]) -> None:
        """See JobLedger."""
        self._run(self._renew, [self._lease_seconds, *(image.member for image in images)])

    def release(self, images: Sequence[ImageRef]) -> None:
        """See JobLedger."""
        self._run(self._release, [image.member for image in images])

    def write(self, outcomes: Sequence[tuple[ImageRef, Outcome]]) -> bool:
        """See JobLedger."""
        try:
            return patiently(lambda: self._write_once(outcomes))
        except (redis.exceptions.RedisError, OSError) as error:
            raise _unavailable(error) from error

    def _write_once(self, outcomes: Sequence[tuple[ImageRef, Outcome]]) -> bool:
        try:
            return self._write(outcomes)
        except redis.exceptions.NoScriptError:  # a Redis that was restarted knows none
            self._patient.script_load(self._outcome.script)
            return self._write(outcomes)

    def _write(self, outcomes: Sequence[tuple[ImageRef, Outcome]]) -> bool:
        # Not by calling the script on the pipeline: redis-py would ask each time whether it
        # is known, one round trip more.
        with self._patient.pipeline(transaction=False) as pipe:
            for image, outcome in outcomes:
                pipe.evalsha(
                    self._outcome.sha,
                    0,
                    *(image.job, image.image_id, encode_outcome(outcome), outcome.case_id),
                )
            if self._replicas:
                pipe.wait(self._replicas, REPLICA_MILLISECONDS)
            answers = pipe.execute()
        return not self._replicas or answers[-1] >= self._replicas

    def _run(self, run: redis.commands.core.Script, arguments: Sequence[str | float]) -> object:
        try:
            return run(args=arguments)
        except (redis.exceptions.RedisError, OSError) as error:
            raise _unavailable(error) from error


def _claimed(fields: list[bytes]) -> Claimed:
    job, image_id, record, verdict, attempts = fields
    return Claimed(
        ImageRef(job.decode(), image_id.decode()),
        record,
        Verdict(verdict.decode()),
        int(attempts),
    )


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"Redis does not do its part: {error}", reason="QUEUE_UNAVAILABLE")
