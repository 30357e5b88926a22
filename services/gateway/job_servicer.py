"""JobService: convert, delegate, convert back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from densa.v1 import job_service_pb2 as pb
from densa.v1 import job_service_pb2_grpc
from google.protobuf.timestamp_pb2 import Timestamp

from services.gateway.case_converters import to_case_result
from services.gateway.converters import to_result
from services.gateway.events import CaseSoFar, Result
from services.gateway.job_watch import watch_job
from services.gateway.jobs import Job, Jobs
from services.gateway.parts import Parts
from services.gateway.request_converters import LANES as REQUEST_LANES
from services.gateway.request_converters import to_position
from services.gateway.servicers import Context, known
from services.gateway.status import abort

LANES = {lane: number for number, lane in REQUEST_LANES.items()}


class JobServicer(job_service_pb2_grpc.JobServiceServicer):  # type: ignore[misc]
    """densa.v1.JobService."""

    def __init__(self, jobs: Jobs, parts: Parts, draining: asyncio.Event) -> None:
        self._jobs = jobs
        self._parts = parts
        self._draining = draining

    async def GetJob(self, request: pb.GetJobRequest, context: Context) -> pb.GetJobResponse:  # noqa: N802
        """See the contract."""
        try:
            return pb.GetJobResponse(job=to_job(await self._jobs.get(request.job)))
        except Exception as error:
            await abort(context, known(error))
            raise

    async def ListJobs(  # noqa: N802
        self, request: pb.ListJobsRequest, context: Context
    ) -> pb.ListJobsResponse:
        """See the contract."""
        try:
            jobs, token = await self._jobs.page(request.page_size, request.page_token)
            return pb.ListJobsResponse(jobs=map(to_job, jobs), next_page_token=token)
        except Exception as error:
            await abort(context, known(error))
            raise

    async def WatchJob(  # noqa: N802
        self, request: pb.WatchJobRequest, context: Context
    ) -> AsyncIterator[pb.WatchJobResponse]:
        """See the contract."""
        try:
            position = to_position(request.cursor, "cursor")
            watching = watch_job(
                self._parts,
                request.job,
                position,
                self._draining,
                provisional_cases=request.provisional_cases,
            )
            async with contextlib.aclosing(watching) as results:
                async for result in results:
                    yield to_watched(result)
        except Exception as error:  # noqa: BLE001
            await abort(context, known(error))

    async def CloseJob(  # noqa: N802
        self, request: pb.CloseJobRequest, context: Context
    ) -> pb.CloseJobResponse:
        """See the contract."""
        try:
            await self._parts.cases.close(request.job, request.case_id)
            self._parts.finisher.look(request.job, request.case_id)
            return pb.CloseJobResponse(job=to_job(await self._jobs.get(request.job)))
        except Exception as error:
            await abort(context, known(error))
            raise

    async def CancelJob(  # noqa: N802
        self, request: pb.CancelJobRequest, context: Context
    ) -> pb.CancelJobResponse:
        """See the contract."""
        try:
            return pb.CancelJobResponse(job=to_job(await self._jobs.cancel(request.job)))
        except Exception as error:
            await abort(context, known(error))
            raise

    async def DeleteJob(  # noqa: N802
        self, request: pb.DeleteJobRequest, context: Context
    ) -> pb.DeleteJobResponse:
        """See the contract."""
        try:
            await self._jobs.delete(request.job)
            return pb.DeleteJobResponse()
        except Exception as error:
            await abort(context, known(error))
            raise


def to_watched(result: Result | CaseSoFar) -> pb.WatchJobResponse:
    """One response of a watch."""
    if isinstance(result, CaseSoFar):
        return pb.WatchJobResponse(case_result=to_case_result(result.case))
    cursor = str(result.position)
    if result.outcome.case is not None:
        return pb.WatchJobResponse(case_result=to_case_result(result.outcome.case), cursor=cursor)
    return pb.WatchJobResponse(result=to_result(result.outcome), cursor=cursor)


def to_job(job: Job) -> pb.Job:
    """The job in the contract's words."""
    return pb.Job(
        job=job.name,
        state=_state(job),
        lane=LANES[job.lane],
        accepted=job.accepted,
        finished=job.finished,
        cases_closed=job.cases_closed,
        case_results=job.case_results,
        create_time=_timestamp(job.create_time),
        expire_time=_timestamp(job.expire_time),
    )


def _state(job: Job) -> pb.JobState:
    if job.cancelled:
        return pb.JOB_STATE_CANCELLED
    return pb.JOB_STATE_CLOSED if job.closed else pb.JOB_STATE_OPEN


def _timestamp(seconds: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromMicroseconds(round(seconds * 1e6))
    return stamp
