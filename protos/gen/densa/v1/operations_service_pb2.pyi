import datetime

from densa.v1 import classification_pb2 as _classification_pb2
from densa.v1 import lane_pb2 as _lane_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("time", "ready", "problems", "lanes", "images_in_hand", "limits", "images_per_second", "workers", "redis_memory", "store_disk")
    TIME_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    LANES_FIELD_NUMBER: _ClassVar[int]
    IMAGES_IN_HAND_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    IMAGES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    REDIS_MEMORY_FIELD_NUMBER: _ClassVar[int]
    STORE_DISK_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    ready: bool
    problems: _containers.RepeatedCompositeFieldContainer[Problem]
    lanes: _containers.RepeatedCompositeFieldContainer[LaneStatus]
    images_in_hand: int
    limits: QueueLimits
    images_per_second: float
    workers: _containers.RepeatedCompositeFieldContainer[WorkerStatus]
    redis_memory: RoomStatus
    store_disk: RoomStatus
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ready: _Optional[bool] = ..., problems: _Optional[_Iterable[_Union[Problem, _Mapping]]] = ..., lanes: _Optional[_Iterable[_Union[LaneStatus, _Mapping]]] = ..., images_in_hand: _Optional[int] = ..., limits: _Optional[_Union[QueueLimits, _Mapping]] = ..., images_per_second: _Optional[float] = ..., workers: _Optional[_Iterable[_Union[WorkerStatus, _Mapping]]] = ..., redis_memory: _Optional[_Union[RoomStatus, _Mapping]] = ..., store_disk: _Optional[_Union[RoomStatus, _Mapping]] = ...) -> None: ...

class Problem(_message.Message):
    __slots__ = ("code", "critical", "message", "advice")
    CODE_FIELD_NUMBER: _ClassVar[int]
    CRITICAL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ADVICE_FIELD_NUMBER: _ClassVar[int]
    code: str
    critical: bool
    message: str
    advice: str
    def __init__(self, code: _Optional[str] = ..., critical: _Optional[bool] = ..., message: _Optional[str] = ..., advice: _Optional[str] = ...) -> None: ...

class LaneStatus(_message.Message):
    __slots__ = ("lane", "images", "bytes", "oldest_age")
    LANE_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    OLDEST_AGE_FIELD_NUMBER: _ClassVar[int]
    lane: _lane_pb2.Lane
    images: int
    bytes: int
    oldest_age: _duration_pb2.Duration
    def __init__(self, lane: _Optional[_Union[_lane_pb2.Lane, str]] = ..., images: _Optional[int] = ..., bytes: _Optional[int] = ..., oldest_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class QueueLimits(_message.Message):
    __slots__ = ("images", "bytes")
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    images: int
    bytes: int
    def __init__(self, images: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...

class WorkerStatus(_message.Message):
    __slots__ = ("name", "model", "provider", "threads", "images_per_second", "last_seen_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    IMAGES_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    model: _classification_pb2.ModelIdentity
    provider: str
    threads: int
    images_per_second: float
    last_seen_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., model: _Optional[_Union[_classification_pb2.ModelIdentity, _Mapping]] = ..., provider: _Optional[str] = ..., threads: _Optional[int] = ..., images_per_second: _Optional[float] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RoomStatus(_message.Message):
    __slots__ = ("used_bytes", "limit_bytes")
    USED_BYTES_FIELD_NUMBER: _ClassVar[int]
    LIMIT_BYTES_FIELD_NUMBER: _ClassVar[int]
    used_bytes: int
    limit_bytes: int
    def __init__(self, used_bytes: _Optional[int] = ..., limit_bytes: _Optional[int] = ...) -> None: ...
