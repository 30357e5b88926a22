from densa.v1 import classification_pb2 as _classification_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CaseResult(_message.Message):
    __slots__ = ("case_id", "final", "images", "failed", "presence", "locations", "models", "calibrated", "notice")
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    FINAL_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    LOCATIONS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    CALIBRATED_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    case_id: str
    final: bool
    images: int
    failed: int
    presence: CaseAssessment
    locations: _containers.RepeatedCompositeFieldContainer[CaseLocationAssessment]
    models: _containers.RepeatedCompositeFieldContainer[_classification_pb2.ModelIdentity]
    calibrated: bool
    notice: str
    def __init__(self, case_id: _Optional[str] = ..., final: _Optional[bool] = ..., images: _Optional[int] = ..., failed: _Optional[int] = ..., presence: _Optional[_Union[CaseAssessment, _Mapping]] = ..., locations: _Optional[_Iterable[_Union[CaseLocationAssessment, _Mapping]]] = ..., models: _Optional[_Iterable[_Union[_classification_pb2.ModelIdentity, _Mapping]]] = ..., calibrated: _Optional[bool] = ..., notice: _Optional[str] = ...) -> None: ...

class CaseAssessment(_message.Message):
    __slots__ = ("probability", "call", "supporting_images")
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    SUPPORTING_IMAGES_FIELD_NUMBER: _ClassVar[int]
    probability: float
    call: _classification_pb2.Call
    supporting_images: _containers.RepeatedCompositeFieldContainer[SupportingImage]
    def __init__(self, probability: _Optional[float] = ..., call: _Optional[_Union[_classification_pb2.Call, str]] = ..., supporting_images: _Optional[_Iterable[_Union[SupportingImage, _Mapping]]] = ...) -> None: ...

class CaseLocationAssessment(_message.Message):
    __slots__ = ("location", "assessment")
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    location: _classification_pb2.Location
    assessment: CaseAssessment
    def __init__(self, location: _Optional[_Union[_classification_pb2.Location, str]] = ..., assessment: _Optional[_Union[CaseAssessment, _Mapping]] = ...) -> None: ...

class SupportingImage(_message.Message):
    __slots__ = ("image_id", "probability", "call")
    IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    image_id: str
    probability: float
    call: _classification_pb2.Call
    def __init__(self, image_id: _Optional[str] = ..., probability: _Optional[float] = ..., call: _Optional[_Union[_classification_pb2.Call, str]] = ...) -> None: ...
