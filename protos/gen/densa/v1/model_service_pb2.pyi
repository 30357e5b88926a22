import datetime

from densa.v1 import classification_pb2 as _classification_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListModelsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("models",)
    MODELS_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[Model]
    def __init__(self, models: _Optional[_Iterable[_Union[Model, _Mapping]]] = ...) -> None: ...

class GetModelRequest(_message.Message):
    __slots__ = ("name", "version")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...

class GetModelResponse(_message.Message):
    __slots__ = ("model",)
    MODEL_FIELD_NUMBER: _ClassVar[int]
    model: Model
    def __init__(self, model: _Optional[_Union[Model, _Mapping]] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("identity", "description", "create_time", "input", "outputs", "calibration_method", "workers", "notice")
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_METHOD_FIELD_NUMBER: _ClassVar[int]
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    identity: _classification_pb2.ModelIdentity
    description: str
    create_time: _timestamp_pb2.Timestamp
    input: InputContract
    outputs: _containers.RepeatedCompositeFieldContainer[ModelOutput]
    calibration_method: str
    workers: _containers.RepeatedCompositeFieldContainer[ModelWorker]
    notice: str
    def __init__(self, identity: _Optional[_Union[_classification_pb2.ModelIdentity, _Mapping]] = ..., description: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., input: _Optional[_Union[InputContract, _Mapping]] = ..., outputs: _Optional[_Iterable[_Union[ModelOutput, _Mapping]]] = ..., calibration_method: _Optional[str] = ..., workers: _Optional[_Iterable[_Union[ModelWorker, _Mapping]]] = ..., notice: _Optional[str] = ...) -> None: ...

class InputContract(_message.Message):
    __slots__ = ("size", "pixel_size_nm", "preprocessing", "max_image_bytes", "formats")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    PIXEL_SIZE_NM_FIELD_NUMBER: _ClassVar[int]
    PREPROCESSING_FIELD_NUMBER: _ClassVar[int]
    MAX_IMAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    size: int
    pixel_size_nm: float
    preprocessing: str
    max_image_bytes: int
    formats: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, size: _Optional[int] = ..., pixel_size_nm: _Optional[float] = ..., preprocessing: _Optional[str] = ..., max_image_bytes: _Optional[int] = ..., formats: _Optional[_Iterable[str]] = ...) -> None: ...

class ModelOutput(_message.Message):
    __slots__ = ("label", "location", "threshold", "metrics", "abstain")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    ABSTAIN_FIELD_NUMBER: _ClassVar[int]
    label: str
    location: _classification_pb2.Location
    threshold: float
    metrics: ModelMetrics
    abstain: AbstainZone
    def __init__(self, label: _Optional[str] = ..., location: _Optional[_Union[_classification_pb2.Location, str]] = ..., threshold: _Optional[float] = ..., metrics: _Optional[_Union[ModelMetrics, _Mapping]] = ..., abstain: _Optional[_Union[AbstainZone, _Mapping]] = ...) -> None: ...

class AbstainZone(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: float
    high: float
    def __init__(self, low: _Optional[float] = ..., high: _Optional[float] = ...) -> None: ...

class ModelMetrics(_message.Message):
    __slots__ = ("auc", "auc_low", "auc_high", "accuracy", "positives", "negatives")
    AUC_FIELD_NUMBER: _ClassVar[int]
    AUC_LOW_FIELD_NUMBER: _ClassVar[int]
    AUC_HIGH_FIELD_NUMBER: _ClassVar[int]
    ACCURACY_FIELD_NUMBER: _ClassVar[int]
    POSITIVES_FIELD_NUMBER: _ClassVar[int]
    NEGATIVES_FIELD_NUMBER: _ClassVar[int]
    auc: float
    auc_low: float
    auc_high: float
    accuracy: float
    positives: int
    negatives: int
    def __init__(self, auc: _Optional[float] = ..., auc_low: _Optional[float] = ..., auc_high: _Optional[float] = ..., accuracy: _Optional[float] = ..., positives: _Optional[int] = ..., negatives: _Optional[int] = ...) -> None: ...

class ModelWorker(_message.Message):
    __slots__ = ("name", "provider", "last_seen_time", "problem")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    name: str
    provider: str
    last_seen_time: _timestamp_pb2.Timestamp
    problem: str
    def __init__(self, name: _Optional[str] = ..., provider: _Optional[str] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., problem: _Optional[str] = ...) -> None: ...
