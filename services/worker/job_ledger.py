"""The worker's side of the jobs in Redis: what is still to do, and the outcomes."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import redis

from services.common import keys
from services.common.messages import (
    ImageRecord,
    ImageRef,
    Outcome,
    decode_record,
    encode_outcome,
)

_OUTCOME_SCRIPT = Path(__file__).with_name("outcome.lua").read_text()


class JobLedger(Protocol):
    """What the handler needs to know of jobs."""

    def pending(self, images: Sequence[ImageRef]) -> dict[ImageRef, ImageRecord]:
        """The records of those images that still need an outcome, in the order given.

        Left out are images of deleted jobs and images that have their outcome.
        """

    def write(self, outcomes: Sequence[tuple[ImageRef, Outcome]]) -> None:
        """Writes the outcomes; where one is there already it stays as it is."""


class RedisJobLedger:
    """JobLedger on Redis: one round trip to read a micro-batch, one to write it."""

    def __init__(self, client: redis.Redis, *, job_ttl_seconds: int) -> None:
        self._client = client
        self._ttl = job_ttl_seconds
        self._script = client.register_script(_OUTCOME_SCRIPT)

    def pending(self, images: Sequence[ImageRef]) -> dict[ImageRef, ImageRecord]:
        """See JobLedger."""
        by_job: dict[str, list[str]] = defaultdict(list)
        for image in images:
            by_job[image.job].append(image.image_id)
        with self._client.pipeline(transaction=False) as pipe:
            for job, ids in by_job.items():
                pipe.hmget(keys.images(job), ids)
                pipe.hmget(keys.outcomes(job), ids)
            answers = pipe.execute()
        found: dict[ImageRef, ImageRecord] = {}
        for index, (job, ids) in enumerate(by_job.items()):
            records, outcomes = answers[2 * index], answers[2 * index + 1]
            for image_id, record, outcome in zip(ids, records, outcomes, strict=True):
                if record is not None and outcome is None:
                    found[ImageRef(job, image_id)] = decode_record(record)
        return {image: found[image] for image in images if image in found}

    def write(self, outcomes: Sequence[tuple[ImageRef, Outcome]]) -> None:
        """See JobLedger."""
        with self._client.pipeline(transaction=False) as pipe:
            for image, outcome in outcomes:
                names = [
                    keys.job(image.job),
                    keys.outcomes(image.job),
                    keys.results(image.job),
                    keys.images(image.job),
                ]
                arguments: list[bytes | str | int] = [
                    image.image_id,
                    encode_outcome(outcome),
                    keys.channel(image.job),
                    self._ttl,
                ]
                self._script(names, arguments, client=pipe)
            pipe.execute()
