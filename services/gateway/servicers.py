"""The RPCs: convert, delegate, convert back."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable

import grpc
import structlog
from densa.v1 import classification_service_pb2 as pb
from densa.v1 import classification_service_pb2_grpc, model_service_pb2_grpc
from densa.v1 import model_service_pb2 as model_pb

from services.common.errors import DensaError, InternalError
from services.common.lanes import Lane
from services.gateway.callers import submitter_of
from services.gateway.converters import to_classification
from services.gateway.events import Request, Result
from services.gateway.job_registry import Opening
from services.gateway.model_catalog import ModelCatalog
from services.gateway.observer import GatewayObserver
from services.gateway.request_converters import to_lane, to_request, to_submission
from services.gateway.responses import to_response
from services.gateway.status import abort
from services.gateway.stream_session import StreamSession
from services.gateway.unary_call import UnaryCalls, any_image_id

log = structlog.get_logger()

Context = grpc.aio.ServicerContext[object, object]


class ClassificationServicer(classification_service_pb2_grpc.ClassificationServiceServicer):  # type: ignore[misc]
    """densa.v1.ClassificationService."""

    def __init__(
        self,
        unary: UnaryCalls,
        new_session: Callable[[str], StreamSession],
        observer: GatewayObserver | None = None,
    ) -> None:
        self._unary = unary
        self._observer = observer or GatewayObserver()
        self._new_session = new_session

    async def ClassifyMicrograph(  # noqa: N802  # the contract's name
        self, request: pb.ClassifyMicrographRequest, context: Context
    ) -> pb.ClassifyMicrographResponse:
        """See the contract."""
        try:
            submission = to_submission(request.micrograph)
            if not submission.image_id:
                submission = dataclasses.replace(submission, image_id=any_image_id())
            lane = to_lane(request.lane, "lane") or Lane.ROUTINE
            opening = Opening(lane, submitter_of(context))
            outcome = await self._unary.classify(submission, context.time_remaining(), opening)
            self._observer.delivering(outcome)
            return pb.ClassifyMicrographResponse(classification=to_classification(outcome))
        except Exception as error:  # the boundary: every error gets its status
            await abort(context, known(error))
            raise

    async def ClassifyMicrographs(  # noqa: N802
        self, requests: AsyncIterator[pb.ClassifyMicrographsRequest], context: Context
    ) -> AsyncIterator[pb.ClassifyMicrographsResponse]:
        """See the contract."""

        async def converted() -> AsyncIterator[Request]:
            async for message in requests:
                yield to_request(message)

        try:
            # A client that is gone while a response waits for it must end the session now,
            # not when the collector finds it.
            session = self._new_session(submitter_of(context))
            async with contextlib.aclosing(session.run(converted())) as events:
                async for event in events:
                    if isinstance(event, Result):
                        self._observer.delivering(event.outcome)
                    yield to_response(event)
        except Exception as error:  # noqa: BLE001
            await abort(context, known(error))


class ModelServicer(model_service_pb2_grpc.ModelServiceServicer):  # type: ignore[misc]
    """densa.v1.ModelService."""

    def __init__(self, catalog: ModelCatalog) -> None:
        self._catalog = catalog

    async def ListModels(  # noqa: N802
        self, _: model_pb.ListModelsRequest, context: Context
    ) -> model_pb.ListModelsResponse:
        """See the contract."""
        try:
            return model_pb.ListModelsResponse(models=await self._catalog.models())
        except Exception as error:
            await abort(context, known(error))
            raise

    async def GetModel(  # noqa: N802
        self, request: model_pb.GetModelRequest, context: Context
    ) -> model_pb.GetModelResponse:
        """See the contract."""
        try:
            model = await self._catalog.model(request.name, request.version)
            return model_pb.GetModelResponse(model=model)
        except Exception as error:
            await abort(context, known(error))
            raise


def known(error: Exception) -> DensaError:
    """The error as one a caller may be told about. One that is not is a bug, and is logged."""
    if isinstance(error, DensaError):
        return error
    if isinstance(error, asyncio.CancelledError | grpc.aio.AbortError):
        raise error
    log.error("call_failed", exc_info=error)
    return InternalError("The call failed inside the service.")
