"""OperationsService: convert, delegate, convert back."""

from densa.v1 import classification_pb2, operations_service_pb2_grpc
from densa.v1 import operations_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.worker_report import WorkerReport
from services.gateway.job_servicer import LANES
from services.gateway.operations import Operations, Problem, Room, Status, problems
from services.gateway.queue_look import LaneLoad
from services.gateway.servicers import Context, known
from services.gateway.status import abort


class OperationsServicer(operations_service_pb2_grpc.OperationsServiceServicer):  # type: ignore[misc]
    """densa.v1.OperationsService."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def GetStatus(self, _: pb.GetStatusRequest, context: Context) -> pb.GetStatusResponse:  # noqa: N802
        """See the contract."""
        try:
            return to_response(await self._operations.status())
        except Exception as error:
            await abort(context, known(error))
            raise


def to_response(status: Status) -> pb.GetStatusResponse:
    """The state in the contract's words."""
    now = Timestamp()
    now.GetCurrentTime()
    return pb.GetStatusResponse(
        time=now,
        ready=status.ready,
        problems=map(_problem, problems(status)),
        lanes=map(_lane, status.queue.lanes if status.queue else ()),
        images_in_hand=status.queue.in_hand if status.queue else 0,
        limits=pb.QueueLimits(images=status.limits.images, bytes=status.limits.bytes),
        images_per_second=status.images_per_second,
        workers=map(_worker, status.workers),
        redis_memory=_room(status.redis),
        store_disk=_room(status.store),
    )


def _problem(problem: Problem) -> pb.Problem:
    return pb.Problem(
        code=problem.code,
        critical=problem.critical,
        message=problem.message,
        advice=problem.advice,
    )


def _lane(load: LaneLoad) -> pb.LaneStatus:
    lane = pb.LaneStatus(lane=LANES[load.lane], images=load.images, bytes=load.bytes)
    if load.oldest_seconds:
        lane.oldest_age.FromMilliseconds(round(1000 * load.oldest_seconds))
    return lane


def _worker(report: WorkerReport) -> pb.WorkerStatus:
    seen = Timestamp()
    seen.FromMicroseconds(round(report.seen_at * 1e6))
    return pb.WorkerStatus(
        name=report.name,
        model=classification_pb2.ModelIdentity(
            name=report.model_name, version=report.model_version, digest=report.model_digest
        ),
        provider=report.provider,
        threads=report.threads,
        images_per_second=report.images_per_second,
        last_seen_time=seen,
    )


def _room(room: Room | None) -> pb.RoomStatus | None:
    return None if room is None else pb.RoomStatus(used_bytes=room.used, limit_bytes=room.limit)
