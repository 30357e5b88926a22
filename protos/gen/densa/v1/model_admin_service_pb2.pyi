import datetime

from densa.v1 import classification_pb2 as _classification_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListModelVersionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModelVersionsResponse(_message.Message):
    __slots__ = ("versions", "problems")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[ModelVersion]
    problems: _containers.RepeatedCompositeFieldContainer[ModelProblem]
    def __init__(self, versions: _Optional[_Iterable[_Union[ModelVersion, _Mapping]]] = ..., problems: _Optional[_Iterable[_Union[ModelProblem, _Mapping]]] = ...) -> None: ...

class ModelVersion(_message.Message):
    __slots__ = ("name", "version", "active", "previous", "shadow_share", "repository_workers", "serving_workers")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    SHADOW_SHARE_FIELD_NUMBER: _ClassVar[int]
    REPOSITORY_WORKERS_FIELD_NUMBER: _ClassVar[int]
    SERVING_WORKERS_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    active: bool
    previous: bool
    shadow_share: float
    repository_workers: _containers.RepeatedScalarFieldContainer[str]
    serving_workers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., active: _Optional[bool] = ..., previous: _Optional[bool] = ..., shadow_share: _Optional[float] = ..., repository_workers: _Optional[_Iterable[str]] = ..., serving_workers: _Optional[_Iterable[str]] = ...) -> None: ...

class ModelProblem(_message.Message):
    __slots__ = ("worker", "name", "version", "reason", "message")
    WORKER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    worker: str
    name: str
    version: str
    reason: str
    message: str
    def __init__(self, worker: _Optional[str] = ..., name: _Optional[str] = ..., version: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class ActivateModelRequest(_message.Message):
    __slots__ = ("name", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class ActivateModelResponse(_message.Message):
    __slots__ = ("active", "previous")
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    active: _classification_pb2.ModelIdentity
    previous: _classification_pb2.ModelIdentity
    def __init__(self, active: _Optional[_Union[_classification_pb2.ModelIdentity, _Mapping]] = ..., previous: _Optional[_Union[_classification_pb2.ModelIdentity, _Mapping]] = ...) -> None: ...

class RollbackModelRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RollbackModelResponse(_message.Message):
    __slots__ = ("active", "previous")
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    active: _classification_pb2.ModelIdentity
    previous: _classification_pb2.ModelIdentity
    def __init__(self, active: _Optional[_Union[_classification_pb2.ModelIdentity, _Mapping]] = ..., previous: _Optional[_Union[_classification_pb2.ModelIdentity, _Mapping]] = ...) -> None: ...

class ShadowModelRequest(_message.Message):
    __slots__ = ("name", "version", "share")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    share: float
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., share: _Optional[float] = ...) -> None: ...

class ShadowModelResponse(_message.Message):
    __slots__ = ("shadow", "share")
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    shadow: _classification_pb2.ModelIdentity
    share: float
    def __init__(self, shadow: _Optional[_Union[_classification_pb2.ModelIdentity, _Mapping]] = ..., share: _Optional[float] = ...) -> None: ...

class CompareModelsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CompareModelsResponse(_message.Message):
    __slots__ = ("active", "shadow", "start_time", "compared", "failed", "skipped", "outputs", "differences")
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    SHADOW_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPARED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    active: _classification_pb2.ModelIdentity
    shadow: _classification_pb2.ModelIdentity
    start_time: _timestamp_pb2.Timestamp
    compared: int
    failed: int
    skipped: int
    outputs: _containers.RepeatedCompositeFieldContainer[OutputAgreement]
    differences: _containers.RepeatedCompositeFieldContainer[ModelDifference]
    def __init__(self, active: _Optional[_Union[_classification_pb2.ModelIdentity, _Mapping]] = ..., shadow: _Optional[_Union[_classification_pb2.ModelIdentity, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., compared: _Optional[int] = ..., failed: _Optional[int] = ..., skipped: _Optional[int] = ..., outputs: _Optional[_Iterable[_Union[OutputAgreement, _Mapping]]] = ..., differences: _Optional[_Iterable[_Union[ModelDifference, _Mapping]]] = ...) -> None: ...

class OutputAgreement(_message.Message):
    __slots__ = ("label", "kappa", "same_calls", "active_positive", "shadow_positive", "mean_difference")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    KAPPA_FIELD_NUMBER: _ClassVar[int]
    SAME_CALLS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_POSITIVE_FIELD_NUMBER: _ClassVar[int]
    SHADOW_POSITIVE_FIELD_NUMBER: _ClassVar[int]
    MEAN_DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    label: str
    kappa: float
    same_calls: int
    active_positive: int
    shadow_positive: int
    mean_difference: float
    def __init__(self, label: _Optional[str] = ..., kappa: _Optional[float] = ..., same_calls: _Optional[int] = ..., active_positive: _Optional[int] = ..., shadow_positive: _Optional[int] = ..., mean_difference: _Optional[float] = ...) -> None: ...

class ModelDifference(_message.Message):
    __slots__ = ("image", "label", "active_probability", "shadow_probability")
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    SHADOW_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    image: str
    label: str
    active_probability: float
    shadow_probability: float
    def __init__(self, image: _Optional[str] = ..., label: _Optional[str] = ..., active_probability: _Optional[float] = ..., shadow_probability: _Optional[float] = ...) -> None: ...
