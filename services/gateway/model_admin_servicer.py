"""ModelAdminService: check the caller, convert, delegate, convert back."""

from collections.abc import Awaitable
from typing import TypeVar

from densa.v1 import model_admin_service_pb2 as pb
from densa.v1 import model_admin_service_pb2_grpc
from densa.v1.classification_pb2 import ModelIdentity

from services.common.model_choice import ActiveModel
from services.gateway.admins import check_admin
from services.gateway.comparison import Comparisons
from services.gateway.converters import to_identity
from services.gateway.model_admin import ModelAdmin
from services.gateway.model_choices import RedisModelChoices
from services.gateway.model_versions import list_versions
from services.gateway.readiness import Readiness
from services.gateway.servicers import Context, known
from services.gateway.status import abort

T = TypeVar("T")


class ModelAdminServicer(model_admin_service_pb2_grpc.ModelAdminServiceServicer):  # type: ignore[misc]
    """densa.v1.ModelAdminService."""

    def __init__(
        self,
        choices: RedisModelChoices,
        readiness: Readiness,
        comparisons: Comparisons,
        admin_token: str,
    ) -> None:
        self._choices = choices
        self._readiness = readiness
        self._comparisons = comparisons
        self._admin = ModelAdmin(choices, lambda: readiness.workers)
        self._token = admin_token

    async def ListModelVersions(  # noqa: N802
        self, _: pb.ListModelVersionsRequest, context: Context
    ) -> pb.ListModelVersionsResponse:
        """See the contract."""

        async def answer() -> pb.ListModelVersionsResponse:
            choice, previous = await self._choices.read(), await self._choices.previous()
            return list_versions(choice, previous, self._readiness.workers)

        return await self._answered(answer(), context, open_to_all=True)

    async def ActivateModel(  # noqa: N802
        self, request: pb.ActivateModelRequest, context: Context
    ) -> pb.ActivateModelResponse:
        """See the contract."""

        async def answer() -> pb.ActivateModelResponse:
            done = await self._admin.activate(request.name, request.version)
            return pb.ActivateModelResponse(
                active=to_identity(done.active.identity), previous=_identity(done.previous)
            )

        return await self._answered(answer(), context)

    async def RollbackModel(  # noqa: N802
        self, _: pb.RollbackModelRequest, context: Context
    ) -> pb.RollbackModelResponse:
        """See the contract."""

        async def answer() -> pb.RollbackModelResponse:
            done = await self._admin.rollback()
            return pb.RollbackModelResponse(
                active=to_identity(done.active.identity), previous=_identity(done.previous)
            )

        return await self._answered(answer(), context)

    async def ShadowModel(  # noqa: N802
        self, request: pb.ShadowModelRequest, context: Context
    ) -> pb.ShadowModelResponse:
        """See the contract."""

        async def answer() -> pb.ShadowModelResponse:
            shadow = await self._admin.shadow(request.name, request.version, request.share)
            share = 0.0 if shadow is None else request.share
            return pb.ShadowModelResponse(shadow=_identity(shadow), share=share)

        return await self._answered(answer(), context)

    async def CompareModels(  # noqa: N802
        self, _: pb.CompareModelsRequest, context: Context
    ) -> pb.CompareModelsResponse:
        """See the contract."""
        return await self._answered(self._comparisons.latest(), context)

    async def _answered(
        self, answer: Awaitable[T], context: Context, *, open_to_all: bool = False
    ) -> T:
        try:
            if not open_to_all:
                check_admin(context, self._token)
            return await answer
        except Exception as error:
            await abort(context, known(error))
            raise


def _identity(model: ActiveModel | None) -> ModelIdentity | None:
    return None if model is None else to_identity(model.identity)
