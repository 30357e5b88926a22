"""The asynchronous client's questions how the service is and what serves."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from densa.v1 import (
    model_service_pb2,
    model_service_pb2_grpc,
    operations_service_pb2,
    operations_service_pb2_grpc,
)
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.client.converters import to_model
from services.client.errors import NotFound, ServiceFailure
from services.client.operations import Operations, to_operations
from services.client.options import ClientOptions
from services.client.results import Model


async def ask_operations(
    channel: grpc.aio.Channel, call: Callable[..., Awaitable[Any]], options: ClientOptions
) -> Operations | None:
    """The state of the service; None where it is older than the question. Raises DensaError."""
    stub = operations_service_pb2_grpc.OperationsServiceStub(channel)
    request = operations_service_pb2.GetStatusRequest()
    try:
        return to_operations(await call(stub.GetStatus, request, options.query_deadline))
    except ServiceFailure as error:
        cause = error.__cause__
        if not isinstance(cause, grpc.aio.AioRpcError):
            raise
        if cause.code() is not grpc.StatusCode.UNIMPLEMENTED:
            raise
        return None


async def ask_serving(
    channel: grpc.aio.Channel, call: Callable[..., Awaitable[Any]], options: ClientOptions
) -> bool:
    """Whether the service says that it classifies. Raises DensaError."""
    stub = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service="densa.v1.ClassificationService")
    try:
        answer = await call(stub.Check, request, options.query_deadline)
    except NotFound:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def ask_models(
    channel: grpc.aio.Channel, call: Callable[..., Awaitable[Any]], options: ClientOptions
) -> tuple[Model, ...]:
    """The models that serve now. Raises DensaError."""
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    request = model_service_pb2.ListModelsRequest()
    response = await call(stub.ListModels, request, options.query_deadline)
    return tuple(to_model(model) for model in response.models)
