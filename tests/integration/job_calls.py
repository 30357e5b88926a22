"""Calls of JobService, and what came back."""

from typing import Any

import grpc
from densa.v1 import job_service_pb2 as pb
from densa.v1 import job_service_pb2_grpc

from tests.integration.calls import reason_of, status_of


def job_stub_of(channel: grpc.aio.Channel) -> Any:
    """The job service behind a channel."""
    return job_service_pb2_grpc.JobServiceStub(channel)


async def get(stub: Any, job: str) -> pb.Job:
    """The job."""
    response: pb.GetJobResponse = await stub.GetJob(pb.GetJobRequest(job=job))
    return response.job


async def cancel(stub: Any, job: str) -> pb.Job:
    """The job, cancelled."""
    response: pb.CancelJobResponse = await stub.CancelJob(pb.CancelJobRequest(job=job))
    return response.job


async def watched(stub: Any, job: str, cursor: str = "") -> list[pb.WatchJobResponse]:
    """Everything that a watch tells."""
    return [one async for one in stub.WatchJob(pb.WatchJobRequest(job=job, cursor=cursor))]


async def reason(call: Any) -> str:
    """Why a call was refused."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return reason_of(status_of(error))
    raise AssertionError(f"not refused: {answer}")
