"""The versions that workers have, and what keeps them from what was decided."""

from collections.abc import Sequence

from densa.v1 import model_admin_service_pb2 as pb

from services.common.model_choice import ActiveModel, ModelChoice
from services.common.worker_report import ModelStatus, WorkerReport
from services.gateway.model_catalog import version_key


def list_versions(
    choice: ModelChoice, previous: ActiveModel | None, workers: Sequence[WorkerReport]
) -> pb.ListModelVersionsResponse:
    """In the contract's words. What was decided is listed also where no worker has it."""
    named = {tuple(text.split("/", 1)) for report in workers for text in report.versions}
    named |= {(report.model_name, report.model_version) for report in workers}
    for part in (choice.active, previous, choice.shadow):
        if part is not None:
            named.add((part.name, part.version))
    return pb.ListModelVersionsResponse(
        versions=[
            _version(name, version, choice, previous, workers)
            for name, version in sorted(named, key=lambda each: (each[0], version_key(each[1])))
        ],
        problems=[
            pb.ModelProblem(
                worker=report.name,
                name=state.name,
                version=state.version,
                reason=state.reason,
                message=state.message,
            )
            for report in workers
            for state in report.models
            if state.status == ModelStatus.REFUSED
        ],
    )


def _version(
    name: str,
    version: str,
    choice: ModelChoice,
    previous: ActiveModel | None,
    workers: Sequence[WorkerReport],
) -> pb.ModelVersion:
    def is_this(part: object) -> bool:
        return (getattr(part, "name", None), getattr(part, "version", None)) == (name, version)

    return pb.ModelVersion(
        name=name,
        version=version,
        active=is_this(choice.active),
        previous=is_this(previous),
        shadow_share=choice.shadow.share if choice.shadow and is_this(choice.shadow) else 0.0,
        repository_workers=[r.name for r in workers if f"{name}/{version}" in r.versions],
        serving_workers=[
            r.name for r in workers if (r.model_name, r.model_version) == (name, version)
        ],
    )
