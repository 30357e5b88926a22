"""The asynchronous client's way to model versions: listed, activated, compared. For operators."""

import dataclasses
from datetime import UTC
from typing import Any

import grpc
from densa.v1 import classification_pb2, model_admin_service_pb2_grpc
from densa.v1 import model_admin_service_pb2 as pb

from services.client.async_jobs import Caller
from services.client.model_versions import (
    Agreement,
    Comparison,
    Difference,
    ModelProblem,
    ModelVersion,
    ModelVersions,
    Switched,
)
from services.client.options import ClientOptions
from services.client.results import ModelIdentity

TOKEN_KEY = "densa-admin-token"  # noqa: S105  # the key, not the token

VERIFY_SECONDS = 130.0
"""How long the workers may take to verify a version: a little longer than the service waits."""


class AsyncModels:
    """Decides which version answers. `AsyncDensaClient.model_versions` makes one.

    Every method raises DensaError: Forbidden without the gateway's admin token.
    """

    def __init__(
        self, channel: grpc.aio.Channel, call: Caller, options: ClientOptions, token: str
    ) -> None:
        self._stub = model_admin_service_pb2_grpc.ModelAdminServiceStub(channel)
        self._call = call
        self._options = options
        self._token = token

    async def list(self) -> ModelVersions:
        """The versions that workers have, and what keeps workers from what was decided."""
        answer = await self._ask(self._stub.ListModelVersions, pb.ListModelVersionsRequest())
        return ModelVersions(
            [_read(ModelVersion, version) for version in answer.versions],
            [_read(ModelProblem, problem) for problem in answer.problems],
        )

    async def activate(self, version: str, name: str = "") -> Switched:
        """Makes a version the active one, once every worker has verified it."""
        request = pb.ActivateModelRequest(name=name, version=version)
        return _switched(await self._ask(self._stub.ActivateModel, request, VERIFY_SECONDS))

    async def rollback(self) -> Switched:
        """Makes the version before the active one."""
        request = pb.RollbackModelRequest()
        return _switched(await self._ask(self._stub.RollbackModel, request, VERIFY_SECONDS))

    async def shadow(self, version: str, share: float, name: str = "") -> ModelIdentity | None:
        """Runs a version beside the active one on a share of the micrographs; 0 ends it."""
        request = pb.ShadowModelRequest(name=name, version=version, share=share)
        answer = await self._ask(self._stub.ShadowModel, request, VERIFY_SECONDS)
        return _identity(answer.shadow) if answer.HasField("shadow") else None

    async def compare(self) -> Comparison:
        """How the version in the shadow agrees with the active one."""
        answer = await self._ask(self._stub.CompareModels, pb.CompareModelsRequest())
        return Comparison(
            _identity(answer.active),
            _identity(answer.shadow),
            answer.start_time.ToDatetime(UTC),
            answer.compared,
            answer.failed,
            answer.skipped,
            [
                dataclasses.replace(
                    _read(Agreement, one), kappa=one.kappa if one.HasField("kappa") else None
                )
                for one in answer.outputs
            ],
            [_read(Difference, one) for one in answer.differences],
        )

    async def _ask(self, method: Any, request: Any, deadline: float | None = None) -> Any:
        async def with_token(request: Any, *, metadata: Any = None, **options: Any) -> Any:
            whole = (*(metadata or ()), (TOKEN_KEY, self._token))
            return await method(request, metadata=whole, **options)

        return await self._call(with_token, request, deadline or self._options.query_deadline)


def _read(kind: Any, message: Any) -> Any:
    """A message as the dataclass whose fields have the same names."""
    values = {field.name: getattr(message, field.name) for field in dataclasses.fields(kind)}
    plain = (str, bool, int, float)
    return kind(**{n: v if isinstance(v, plain) else list(v) for n, v in values.items()})


def _identity(message: classification_pb2.ModelIdentity) -> ModelIdentity:
    return ModelIdentity(message.name, message.version, message.digest)


def _switched(answer: Any) -> Switched:
    previous = _identity(answer.previous) if answer.HasField("previous") else None
    return Switched(_identity(answer.active), previous)
