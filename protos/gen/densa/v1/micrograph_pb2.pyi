import datetime

from densa.v1 import classification_pb2 as _classification_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Micrograph(_message.Message):
    __slots__ = ("image_id", "image", "case_id", "pixel_size_nm", "magnification", "labels", "max_wait", "heat_maps")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    PIXEL_SIZE_NM_FIELD_NUMBER: _ClassVar[int]
    MAGNIFICATION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    MAX_WAIT_FIELD_NUMBER: _ClassVar[int]
    HEAT_MAPS_FIELD_NUMBER: _ClassVar[int]
    image_id: str
    image: bytes
    case_id: str
    pixel_size_nm: float
    magnification: float
    labels: _containers.ScalarMap[str, str]
    max_wait: _duration_pb2.Duration
    heat_maps: _containers.RepeatedScalarFieldContainer[_classification_pb2.Output]
    def __init__(self, image_id: _Optional[str] = ..., image: _Optional[bytes] = ..., case_id: _Optional[str] = ..., pixel_size_nm: _Optional[float] = ..., magnification: _Optional[float] = ..., labels: _Optional[_Mapping[str, str]] = ..., max_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., heat_maps: _Optional[_Iterable[_Union[_classification_pb2.Output, str]]] = ...) -> None: ...
