"""Activating a version, and going back: decided here, verified by every worker first."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from services.common.errors import InvalidRequest, NotFound, Unavailable
from services.common.model_choice import (
    ActiveModel,
    Candidate,
    ShadowModel,
    is_model_name,
    is_model_version,
)
from services.common.worker_report import ModelRole, WorkerReport
from services.gateway.model_choices import RedisModelChoices
from services.gateway.model_verification import POLL_SECONDS, all_ready

log = structlog.get_logger()

FOLLOW_SECONDS = 10.0
"""How long workers may take to answer with what is decided; later they still do."""


@dataclass(frozen=True, slots=True)
class Switched:
    """What an activation did."""

    active: ActiveModel
    previous: ActiveModel | None


class ModelAdmin:
    """Makes decisions.

    Args:
        choices: Where they stand.
        workers: What the workers last reported, the silent left out.
    """

    def __init__(
        self, choices: RedisModelChoices, workers: Callable[[], Sequence[WorkerReport]]
    ) -> None:
        self._choices = choices
        self._workers = workers

    async def activate(self, name: str, version: str) -> Switched:
        """Makes a version the active one once every worker has it ready.

        Raises:
            InvalidRequest: no version has such a name.
            BundleError: a worker refuses it; nothing has changed.
            Unavailable: no worker is there to verify it, or one does not answer.
        """
        name = self._checked(name, version)
        candidate = Candidate(uuid.uuid4().hex, name, version)
        digest = await self._verified(candidate)
        before = (await self._choices.read()).active or self._serving()
        active = ActiveModel(name, version, digest)
        if before is not None and before.identity == active.identity:
            before = None  # once more: there is nothing else to go back to
        return await self._commit(candidate, active, before, back=False)

    async def rollback(self) -> Switched:
        """Makes the version before the active one. See `activate`.

        Without any worker, too: that version was verified when it was activated, and workers
        that cannot start with the active one could not verify anything.
        """
        target = await self._choices.previous()
        if target is None:
            raise NotFound(
                "No version was active before: there is nothing to go back to.",
                reason="MODEL_NOT_FOUND",
            )
        candidate = Candidate(uuid.uuid4().hex, target.name, target.version)
        if self._workers():
            digest = await self._verified(candidate)
        else:
            digest = target.digest
            await self._choices.propose(candidate)
        now = (await self._choices.read()).active
        active = ActiveModel(target.name, target.version, digest)
        return await self._commit(candidate, active, now, back=True)

    async def shadow(self, name: str, version: str, share: float) -> ActiveModel | None:
        """Runs a version beside the active one, or, with a share of 0, none.

        Raises: as `activate`; what was in the shadow before is gone then.
        """
        if not 0 <= share <= 1:
            raise InvalidRequest(
                f"share is {share:g}; it must be from 0 to 1.",
                reason="INVALID_SHARE",
                field="share",
            )
        if share == 0:
            await self._choices.shadow(None)
            await self._followed(lambda report: not _in_shadow(report))
            return None
        shadow = ShadowModel(uuid.uuid4().hex, self._checked(name, version), version, share)
        self._need_workers()
        await self._choices.shadow(shadow)
        try:
            digest = await all_ready(
                self._workers, ModelRole.SHADOW, shadow.request, f"{shadow.name} {version}"
            )
        except BaseException:
            await self._choices.shadow(None)
            raise
        return ActiveModel(shadow.name, version, digest)

    def _checked(self, name: str, version: str) -> str:
        """The model's name, of what answers now where none is given."""
        serving = self._serving()
        name = name or (serving.name if serving else "")
        for field, fits in (("name", is_model_name(name)), ("version", is_model_version(version))):
            if not fits:
                raise InvalidRequest(
                    f"{field} must be that of a published model, for example densa-resnet18 and "
                    "1.2.0; ListModelVersions tells which there are.",
                    reason=f"INVALID_{field.upper()}",
                    field=field,
                )
        return name

    def _serving(self) -> ActiveModel | None:
        """What most workers answer with."""
        found = [(r.model_name, r.model_version, r.model_digest) for r in self._workers()]
        return ActiveModel(*max(found, key=found.count)) if found else None

    def _need_workers(self) -> None:
        if not self._workers():
            raise Unavailable(
                "No worker consumes from the queue: nobody can verify the version.",
                reason="NO_READY_WORKER",
            )

    async def _verified(self, candidate: Candidate) -> str:
        """The digest that every worker found; the candidate stays proposed."""
        self._need_workers()
        await self._choices.propose(candidate)
        try:
            return await all_ready(
                self._workers,
                ModelRole.CANDIDATE,
                candidate.request,
                f"{candidate.name} {candidate.version}",
            )
        except BaseException:
            await self._choices.withdraw(candidate)
            raise

    async def _commit(
        self, candidate: Candidate, active: ActiveModel, before: ActiveModel | None, *, back: bool
    ) -> Switched:
        if not await self._choices.activate(candidate, active, before, back=back):
            raise Unavailable(
                "Somebody else activates a version at the same time. Look, and ask again.",
                reason="ACTIVATION_INTERRUPTED",
            )
        log.info("model_activated", model=active.name, version=active.version, back=back)
        await self._followed(lambda report: report.model_digest == active.digest)
        return Switched(active, before)

    async def _followed(self, follows: Callable[[WorkerReport], bool]) -> None:
        """Waits until every worker does as was decided, and not for ever: the decision stands."""
        end = asyncio.get_running_loop().time() + FOLLOW_SECONDS
        while not all(map(follows, self._workers())):
            if asyncio.get_running_loop().time() > end:
                return
            await asyncio.sleep(POLL_SECONDS)


def _in_shadow(report: WorkerReport) -> bool:
    return any(state.role == ModelRole.SHADOW for state in report.models)
