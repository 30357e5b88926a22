"""Whether every worker has a version ready: loaded, verified and the same everywhere."""

import asyncio
from collections.abc import Callable, Sequence

from services.common.errors import BundleError, Unavailable
from services.common.worker_report import ModelRole, ModelState, ModelStatus, WorkerReport

VERIFY_SECONDS = 110.0
"""How long workers may take to load and verify a version. The contract advises two minutes."""

POLL_SECONDS = 0.1


async def all_ready(
    workers: Callable[[], Sequence[WorkerReport]], role: ModelRole, request: str, what: str
) -> str:
    """Waits until every worker has a version ready; its digest.

    Raises:
        BundleError: a worker refuses it, or they have different bytes.
        Unavailable: one does not answer in time.
    """
    end = asyncio.get_running_loop().time() + VERIFY_SECONDS
    while True:
        reports = workers()
        states = {report.name: _state(report, role, request) for report in reports}
        _raise_refusals(states, what)
        if states and all(s and s.status == ModelStatus.READY for s in states.values()):
            digests = {state.digest for state in states.values() if state}
            if len(digests) > 1:
                raise BundleError(
                    f"Workers have different bytes under {what}: {_digests(states)}. A "
                    "published version is never changed: copy one of them everywhere.",
                    reason="DIGEST_MISMATCH",
                )
            return digests.pop()
        if asyncio.get_running_loop().time() > end:
            late = [name for name, s in states.items() if not s or s.status == "loading"]
            raise Unavailable(
                f"{', '.join(late) or 'No worker'} did not say in {VERIFY_SECONDS:.0f} s "
                f"whether {what} verifies. Is it of an older version, or very busy?",
                reason="WORKER_SILENT",
            )
        await asyncio.sleep(POLL_SECONDS)


def _state(report: WorkerReport, role: ModelRole, request: str) -> ModelState | None:
    return next((s for s in report.models if s.role == role and s.request == request), None)


def _raise_refusals(states: dict[str, ModelState | None], what: str) -> None:
    refused = {n: s for n, s in states.items() if s and s.status == ModelStatus.REFUSED}
    if refused:
        worker, state = next(iter(refused.items()))
        others = f" ({len(refused)} of {len(states)} workers refuse it)" if len(states) > 1 else ""
        raise BundleError(
            f"Nothing has changed: {worker} refuses {what}{others}: {state.message}",
            reason=state.reason,
        )


def _digests(states: dict[str, ModelState | None]) -> str:
    return ", ".join(f"{name} has {state.digest}" for name, state in states.items() if state)
