"""The asynchronous client's way to jobs that are there already."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, Protocol

import grpc
from densa.v1 import job_service_pb2 as pb
from densa.v1 import job_service_pb2_grpc

from services.client.cases import CaseResult, to_case_result
from services.client.converters import to_result
from services.client.job import Job, to_job
from services.client.options import ClientOptions
from services.client.results import MicrographResult
from services.client.retry import Backoff
from services.client.status import error_from_rpc, is_interruption


class Caller(Protocol):
    """Calls a unary method with retries, all within so many seconds."""

    async def __call__(self, method: Any, request: Any, deadline: float) -> Any:
        """The response."""


class AsyncJobs:
    """Looks at jobs, watches, cancels and deletes them. `AsyncDensaClient.jobs` is one.

    Every method raises DensaError: NotFound for a job that is not there.
    """

    def __init__(
        self, channel: grpc.aio.Channel, call: Caller, options: ClientOptions, address: str
    ) -> None:
        self._stub = job_service_pb2_grpc.JobServiceStub(channel)
        self._call = call
        self._options = options
        self._address = address

    async def get(self, job: str) -> Job:
        """One job."""
        return to_job((await self._ask(self._stub.GetJob, pb.GetJobRequest(job=job))).job)

    async def list(self) -> AsyncGenerator[Job, None]:
        """The jobs that are kept, the newest first; pages are asked for as they are needed."""
        token = ""
        while True:
            page = await self._ask(self._stub.ListJobs, pb.ListJobsRequest(page_token=token))
            for job in page.jobs:
                yield to_job(job)
            token = page.next_page_token
            if not token:
                return

    async def watch(
        self, job: str, cursor: str = "", *, provisional_cases: bool = False
    ) -> AsyncGenerator[tuple[MicrographResult | CaseResult, str], None]:
        """Each result after the cursor once, in order, with the cursor to go on from.

        Ends when every accepted micrograph and every closed case has its result. A broken
        connection is made again. With `provisional_cases` cases are told of before as well.
        """
        backoff = Backoff(self._options.first_backoff, self._options.longest_backoff)
        now = asyncio.get_running_loop().time
        give_up_at = now() + self._options.reconnect_for
        while True:
            try:
                request = pb.WatchJobRequest(
                    job=job, cursor=cursor, provisional_cases=provisional_cases
                )
                async for one in self._stub.WatchJob(request):
                    cursor = one.cursor or cursor
                    give_up_at = now() + self._options.reconnect_for
                    backoff.reset()
                    if one.HasField("case_result"):
                        yield to_case_result(one.case_result), cursor
                    else:
                        yield to_result(one.result), cursor
            except grpc.aio.AioRpcError as failure:
                error = error_from_rpc(failure, self._address)
                if not is_interruption(failure) or now() >= give_up_at:
                    raise error from failure
                await asyncio.sleep(backoff.next_delay(error))
            else:
                return

    async def close(self, job: str, case_id: str = "") -> Job:
        """The job, closed, or with one case of it closed: no more micrographs, and a result for
        each closed case. NotFound, too, where no micrograph of the case was accepted.
        """
        request = pb.CloseJobRequest(job=job, case_id=case_id)
        return to_job((await self._ask(self._stub.CloseJob, request)).job)

    async def cancel(self, job: str) -> Job:
        """The job, cancelled: what no worker has begun gets the error CANCELLED as its result."""
        request = pb.CancelJobRequest(job=job)
        return to_job((await self._ask(self._stub.CancelJob, request)).job)

    async def delete(self, job: str) -> None:
        """Forgets the job with its results and micrographs."""
        await self._ask(self._stub.DeleteJob, pb.DeleteJobRequest(job=job))

    async def _ask(self, method: Any, request: Any) -> Any:
        return await self._call(method, request, self._options.deadline)
