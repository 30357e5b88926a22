"""What is recorded of images in a worker: stages, results, calls, findings, retries."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from prometheus_client import Histogram

from services.common.classification import Classification, FindingCode, ModelIdentity
from services.common.errors import Unavailable
from services.common.logging import image_tag
from services.common.messages import ImageRecord, ImageRef, Outcome
from services.common.metrics import REASONS, WorkerMetrics, bounded
from services.common.tracing import Tracing, trace_id
from services.worker.job_ledger import Claim, Verdict

log = structlog.get_logger()

FINDINGS = frozenset(FindingCode)


class Observer:
    """Told by the handler. Safe to call from several threads. Times are of perf_counter."""

    def __init__(
        self, metrics: WorkerMetrics | None = None, tracing: Tracing | None = None
    ) -> None:
        self._metrics = metrics or WorkerMetrics()
        self._tracing = tracing
        stages = self._metrics.stage_seconds
        self._fetch, self._decode = stages.labels("fetch"), stages.labels("decode")
        self._inference, self._write = stages.labels("inference"), stages.labels("write")
        self._queue, self._total = stages.labels("queue"), stages.labels("total")

    def serves(self, model: ModelIdentity, provider: str) -> None:
        """The model that answers from now on."""
        self._metrics.model.clear()
        self._metrics.model.labels(model.name, model.version, model.digest, provider).set(1)

    @contextmanager
    def claimed(self, claim: Claim) -> Iterator[None]:
        """Has a micro-batch in hand for as long as the context lasts."""
        self._metrics.batch.observe(len(claim.images))
        for image in claim.images:
            self._metrics.attempts.observe(image.attempts + 1)
            if image.verdict is Verdict.CRASHED:
                self._metrics.poison.inc()
        try:
            yield
        except Unavailable:
            self._metrics.released.inc(len(claim.images))
            raise

    def fetched(self, image: ImageRef, record: ImageRecord, began: float) -> None:
        """Its pixels came from the image store."""
        self._stage("fetch", self._fetch, time.perf_counter() - began, image, record)

    def decoded(self, image: ImageRef, record: ImageRecord, began: float) -> None:
        """It was read, or refused to be."""
        self._stage("decode", self._decode, time.perf_counter() - began, image, record)

    def ran(self, images: Sequence[tuple[ImageRef, ImageRecord]], began: float) -> None:
        """The model ran on these images together."""
        seconds = time.perf_counter() - began
        for image, record in images:
            self._stage("inference", self._inference, seconds, image, record)

    def written(
        self,
        outcomes: Sequence[tuple[ImageRef, ImageRecord | None, Outcome]],
        claim: Claim,
        claimed: float,
        began: float,
    ) -> None:
        """These outcomes are in their jobs. `claimed`, `began`: when the claim came and when
        writing began.
        """
        now = time.perf_counter()
        for image, record, outcome in outcomes:
            if record is not None:
                waited = max(0.0, claim.claimed_at - record.accepted_at)
                self._stage("queue", self._queue, waited, image, record, ago=now - claimed)
                self._stage("write", self._write, now - began, image, record)
                self._total.observe(waited + now - claimed, _exemplar(record))
                _log(image, record, outcome)
            self._count(outcome)

    def _stage(
        self,
        name: str,
        histogram: Histogram,
        seconds: float,
        image: ImageRef,
        record: ImageRecord,
        *,
        ago: float = 0.0,
    ) -> None:
        """A stage that ended so many seconds `ago`."""
        histogram.observe(seconds, _exemplar(record))
        if self._tracing is not None and record.details.traceparent:
            self._tracing.record(
                name,
                record.details.traceparent,
                seconds,
                ago=ago,
                job=image.job,
                image=image_tag(record.digest),
            )

    def _count(self, outcome: Outcome) -> None:
        metrics = self._metrics
        if outcome.error is not None:
            metrics.results.labels("failed").inc()
            metrics.failures.labels(bounded(outcome.error["reason"], REASONS)).inc()
        if outcome.classification is not None:
            metrics.results.labels("classified").inc()
            self._count_answer(outcome.classification)

    def _count_answer(self, answer: Classification) -> None:
        metrics = self._metrics
        metrics.presence.observe(answer.presence.probability)
        metrics.calls.labels("presence", answer.presence.call).inc()
        for location, assessment in answer.locations.items():
            metrics.calls.labels(location, assessment.call).inc()
        for finding in answer.findings:
            metrics.findings.labels(bounded(finding.code, FINDINGS)).inc()


def _exemplar(record: ImageRecord) -> dict[str, str] | None:
    traceparent = record.details.traceparent
    return {"trace_id": trace_id(traceparent)} if traceparent else None


def _log(image: ImageRef, record: ImageRecord, outcome: Outcome) -> None:
    """One line per image: of a failure at INFO, else at DEBUG."""
    tags = {
        "job": image.job,
        "image": image_tag(record.digest),
        "trace": trace_id(record.details.traceparent) or None,
    }
    if outcome.error is not None:
        log.info("image_failed", reason=outcome.error["reason"], **tags)
    else:
        log.debug("image_classified", **tags)
