"""What a worker says of itself while it consumes, read by gateways for readiness.

The report is written by the loop that consumes from the queue: a worker that is
alive but does not consume falls silent, and readiness sees it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import TypeAdapter

from services.common.errors import DensaError

REPORT_INTERVAL_SECONDS = 1.0
"""How often a consuming worker reports."""

REPORT_LIFETIME_SECONDS = 5.0
"""A report older than this counts as none: a few missed reports, on a busy machine."""


class ModelRole(StrEnum):
    """What a worker was asked to do with a version that does not answer yet, or never will."""

    CANDIDATE = "candidate"
    """To have it ready, so that it can be activated."""
    ACTIVE = "active"
    """To answer with it."""
    SHADOW = "shadow"
    """To run it beside the active one."""


class ModelStatus(StrEnum):
    """How far it is."""

    LOADING = "loading"
    READY = "ready"
    """Loaded, verified, warm and right on its golden images."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ModelState:
    """One version in one worker, besides the one that answers."""

    role: str
    """A ModelRole; a text, as the next version may know more."""
    name: str
    version: str
    status: str
    """A ModelStatus."""
    digest: str = ""
    request: str = ""
    """Which decision asked for it."""
    reason: str = ""
    message: str = ""
    """Why it is refused."""

    def ready(self, digest: str) -> "ModelState":
        """The same, loaded and verified."""
        return replace(self, status=ModelStatus.READY, digest=digest)

    def refused(self, error: DensaError) -> "ModelState":
        """The same, refused."""
        return replace(self, status=ModelStatus.REFUSED, reason=error.reason, message=error.message)


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """One worker, consuming."""

    name: str
    model_name: str
    model_version: str
    model_digest: str
    provider: str
    """As ONNX Runtime reported it after loading."""
    seen_at: float
    """Seconds since the epoch by Redis's clock, so that the hosts' clocks do not matter."""
    threads: int = 1
    """Micro-batches it has in hand at once; lua/sweep.lua reads it."""
    images_per_second: float = 0.0
    """What it finished lately while it had work; 0 where it had none yet."""
    models: tuple[ModelState, ...] = ()
    """Versions that it was asked to have and that do not answer."""
    versions: tuple[str, ...] = ()
    """NAME/VERSION of what its model repository holds."""
    holding: bool = False
    """Whether it lets go of no image, as keys.HOLD asks."""

    @property
    def problem(self) -> str:
        """Why it does not answer with the version that was activated; empty where it does."""
        return next(
            (
                state.message
                for state in self.models
                if state.role == ModelRole.ACTIVE and state.status == ModelStatus.REFUSED
            ),
            "",
        )


_REPORT: TypeAdapter[WorkerReport] = TypeAdapter(WorkerReport)


def encode_report(report: WorkerReport) -> bytes:
    """The report as JSON."""
    return _REPORT.dump_json(report)


def decode_report(text: bytes) -> WorkerReport:
    """The inverse of `encode_report`. Raises pydantic's ValidationError on other text."""
    return _REPORT.validate_json(text)
