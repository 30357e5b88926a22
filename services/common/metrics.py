"""Every metric, what it counts, its unit and its labels: the one list, for gateway and worker.

Names begin with `densa_` and end with their unit. Labels take few, known values: never an id, a
name or a text that a client chose; what is not on a list counts as OTHER. Dashboards, alert rules
and docs/operations/monitoring.md use these names; a test holds them against what is exposed.
"""

from collections.abc import Collection
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

OTHER = "OTHER"

REASONS = frozenset(
    """
    INVALID_REQUEST INVALID_IMAGE_ID INVALID_CASE_ID INVALID_PIXEL_SIZE INVALID_MAX_WAIT
    INVALID_MAGNIFICATION INVALID_LABELS INVALID_CURSOR EMPTY_IMAGE IMAGE_TOO_LARGE
    UNSUPPORTED_FORMAT TRUNCATED_IMAGE CORRUPT_IMAGE IMAGE_DIMENSIONS_TOO_LARGE
    IMAGE_DIMENSIONS_TOO_SMALL UNSUPPORTED_ENCODING FIELD_TOO_LARGE DECODE_CRASHED
    DECODE_TIMEOUT DECODE_MEMORY IMAGE_ID_CONFLICT OVERLOADED QUEUE_FULL SUBMITTER_FULL
    QUEUE_MEMORY_FULL STORE_FULL QUEUE_UNAVAILABLE STORE_UNAVAILABLE DECODER_UNAVAILABLE
    NO_READY_WORKER SHUTTING_DOWN DEADLINE_EXCEEDED STREAM_IDLE CANCELLED JOB_CANCELLED JOB_CLOSED
    CASE_CLOSED
    EMPTY_REQUEST INVALID_LANE JOB_NOT_OPENED
    JOB_ALREADY_OPENED INVALID_PAGE_SIZE INVALID_PAGE_TOKEN JOB_NOT_FOUND INTERNAL WORKER_CRASHED
    """.split()  # noqa: SIM905  # a list of one a line says no more
)
"""Reasons that are counted by name."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256)
TENTHS = tuple(tenth / 10 for tenth in range(1, 11))

STAGE_TEXT = "Wall time of one stage of an image's way: store, queue, fetch, decode, inference, "
STAGE_TEXT += "write, total. Inference: of the run that held it, batch-mates included."


def bounded(value: str, known: Collection[str]) -> str:
    """The value, if it is one of the known ones."""
    return value if value in known else OTHER


class _Process:
    """A registry of its own, with the CPU, memory and open files of the process in it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(namespace="densa", registry=self.registry)
        self.stage_seconds = self._histogram(
            "densa_stage_duration_seconds", STAGE_TEXT, SECONDS, "stage"
        )
        self.queued_again = self._counter(
            "densa_images_queued_again_total", "Images queued again: their worker fell silent."
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Any, *labels: str) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)


class GatewayMetrics(_Process):
    """What a gateway counts. What it says of the queue is the same in every gateway."""

    def __init__(self) -> None:
        super().__init__()
        counter, gauge = self._counter, self._gauge
        self.requests = counter(
            "densa_requests_total", "Calls that ended, by method and gRPC code.", "method", "code"
        )
        self.request_seconds = self._histogram(
            "densa_request_duration_seconds",
            "From a call's beginning to its end; a stream's lasts as long as its client likes.",
            SECONDS,
            "method",
        )
        self.accepted = counter("densa_images_accepted_total", "Images accepted: kept, in a lane.")
        self.accepted_bytes = counter("densa_accepted_bytes_total", "Bytes of accepted images.")
        self.refused = counter(
            "densa_images_refused_total", "Images that were not accepted, by reason.", "reason"
        )
        self.ready = gauge("densa_ready", "1 where this gateway has a worker to answer it, else 0.")
        self.workers = gauge("densa_workers", "Workers that consume from the queue.")
        self.throughput = gauge(
            "densa_throughput_images_per_second", "What all workers together finish, lately."
        )
        self.queue_images = gauge(
            "densa_queue_images", "Accepted images without outcome, by lane.", "lane"
        )
        self.queue_bytes = gauge("densa_queue_bytes", "Bytes of their files, by lane.", "lane")
        self.queue_age = gauge(
            "densa_queue_oldest_age_seconds",
            "How long the image that waits longest for a worker has waited, by lane; 0: none.",
            "lane",
        )
        self.in_hand = gauge("densa_images_in_hand", "Images that workers have a lease on.")
        self.limit_images = gauge("densa_queue_limit_images", "Cap of the queue in images.")
        self.limit_bytes = gauge("densa_queue_limit_bytes", "Cap of the queue in bytes.")
        self._room()

    def _room(self) -> None:
        gauge = self._gauge
        self.redis_memory = gauge("densa_redis_memory_bytes", "Memory that Redis uses.")
        self.redis_memory_limit = gauge(
            "densa_redis_memory_limit_bytes", "Redis's maxmemory; 0: none."
        )
        self.store_images = gauge("densa_store_images", "Files in the image store.")
        self.store_bytes = gauge("densa_store_bytes", "Bytes of these files.")
        self.store_free = gauge("densa_store_free_bytes", "Free bytes of the store's disk.")
        self.store_size = gauge("densa_store_size_bytes", "Size of the store's disk.")


class WorkerMetrics(_Process):
    """What a worker counts."""

    def __init__(self) -> None:
        super().__init__()
        counter = self._counter
        self.batch = self._histogram(
            "densa_batch_images", "Images of a micro-batch, as claimed.", BATCH
        )
        self.results = counter(
            "densa_results_total", "Outcomes written: classified or failed.", "outcome"
        )
        self.failures = counter(
            "densa_image_failures_total", "Outcomes that are errors, by reason.", "reason"
        )
        self.poison = counter(
            "densa_images_poison_total", "Images given up: worker after worker died with them."
        )
        self.attempts = self._histogram(
            "densa_image_attempts", "Attempts an image needed, the last one included.", (1, 2, 3)
        )
        self.released = counter(
            "densa_images_released_total", "Images given back: a part they need was away."
        )
        self.calls = counter(
            "densa_model_calls_total",
            "The model's calls, by output (presence and locations) and call.",
            "output",
            "call",
        )
        self.presence = self._histogram(
            "densa_presence_probability_ratio", "Probability that there is a deposit.", TENTHS
        )
        self.findings = counter(
            "densa_findings_total", "Remarks on inputs (quality, scale, unfamiliarity).", "code"
        )
        self.model = self._gauge(
            "densa_model_info",
            "1 for the model this worker serves.",
            "name",
            "version",
            "digest",
            "provider",
        )
