"""The asynchronous client's question how the service is."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from densa.v1 import operations_service_pb2, operations_service_pb2_grpc

from services.client.errors import ServiceFailure
from services.client.operations import Operations, to_operations
from services.client.options import ClientOptions


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
