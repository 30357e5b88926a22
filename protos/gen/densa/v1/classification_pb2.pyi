import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Output(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTPUT_UNSPECIFIED: _ClassVar[Output]
    OUTPUT_PRESENCE: _ClassVar[Output]
    OUTPUT_MESANGIAL: _ClassVar[Output]
    OUTPUT_SUBEPITHELIAL: _ClassVar[Output]
    OUTPUT_INTRAMEMBRANOUS: _ClassVar[Output]
    OUTPUT_SUBENDOTHELIAL: _ClassVar[Output]

class Location(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOCATION_UNSPECIFIED: _ClassVar[Location]
    LOCATION_MESANGIAL: _ClassVar[Location]
    LOCATION_SUBEPITHELIAL: _ClassVar[Location]
    LOCATION_INTRAMEMBRANOUS: _ClassVar[Location]
    LOCATION_SUBENDOTHELIAL: _ClassVar[Location]

class Call(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALL_UNSPECIFIED: _ClassVar[Call]
    CALL_NEGATIVE: _ClassVar[Call]
    CALL_POSITIVE: _ClassVar[Call]
    CALL_INDETERMINATE: _ClassVar[Call]

class FindingCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FINDING_CODE_UNSPECIFIED: _ClassVar[FindingCode]
    FINDING_CODE_TOO_SMALL: _ClassVar[FindingCode]
    FINDING_CODE_BLANK: _ClassVar[FindingCode]
    FINDING_CODE_SATURATED: _ClassVar[FindingCode]
    FINDING_CODE_LOW_CONTRAST: _ClassVar[FindingCode]
    FINDING_CODE_UNKNOWN_SCALE: _ClassVar[FindingCode]
    FINDING_CODE_MULTI_PAGE: _ClassVar[FindingCode]
    FINDING_CODE_BANNER: _ClassVar[FindingCode]
    FINDING_CODE_UNFAMILIAR: _ClassVar[FindingCode]

class PixelSizeSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PIXEL_SIZE_SOURCE_UNSPECIFIED: _ClassVar[PixelSizeSource]
    PIXEL_SIZE_SOURCE_REQUEST: _ClassVar[PixelSizeSource]
    PIXEL_SIZE_SOURCE_FILE: _ClassVar[PixelSizeSource]
    PIXEL_SIZE_SOURCE_ASSUMED: _ClassVar[PixelSizeSource]
OUTPUT_UNSPECIFIED: Output
OUTPUT_PRESENCE: Output
OUTPUT_MESANGIAL: Output
OUTPUT_SUBEPITHELIAL: Output
OUTPUT_INTRAMEMBRANOUS: Output
OUTPUT_SUBENDOTHELIAL: Output
LOCATION_UNSPECIFIED: Location
LOCATION_MESANGIAL: Location
LOCATION_SUBEPITHELIAL: Location
LOCATION_INTRAMEMBRANOUS: Location
LOCATION_SUBENDOTHELIAL: Location
CALL_UNSPECIFIED: Call
CALL_NEGATIVE: Call
CALL_POSITIVE: Call
CALL_INDETERMINATE: Call
FINDING_CODE_UNSPECIFIED: FindingCode
FINDING_CODE_TOO_SMALL: FindingCode
FINDING_CODE_BLANK: FindingCode
FINDING_CODE_SATURATED: FindingCode
FINDING_CODE_LOW_CONTRAST: FindingCode
FINDING_CODE_UNKNOWN_SCALE: FindingCode
FINDING_CODE_MULTI_PAGE: FindingCode
FINDING_CODE_BANNER: FindingCode
FINDING_CODE_UNFAMILIAR: FindingCode
PIXEL_SIZE_SOURCE_UNSPECIFIED: PixelSizeSource
PIXEL_SIZE_SOURCE_REQUEST: PixelSizeSource
PIXEL_SIZE_SOURCE_FILE: PixelSizeSource
PIXEL_SIZE_SOURCE_ASSUMED: PixelSizeSource

class Classification(_message.Message):
    __slots__ = ("presence", "locations", "findings", "input", "model", "timing", "notice", "heat_maps")
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    LOCATIONS_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    TIMING_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    HEAT_MAPS_FIELD_NUMBER: _ClassVar[int]
    presence: Assessment
    locations: _containers.RepeatedCompositeFieldContainer[LocationAssessment]
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    input: InputSummary
    model: ModelIdentity
    timing: Timing
    notice: str
    heat_maps: _containers.RepeatedCompositeFieldContainer[HeatMap]
    def __init__(self, presence: _Optional[_Union[Assessment, _Mapping]] = ..., locations: _Optional[_Iterable[_Union[LocationAssessment, _Mapping]]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., input: _Optional[_Union[InputSummary, _Mapping]] = ..., model: _Optional[_Union[ModelIdentity, _Mapping]] = ..., timing: _Optional[_Union[Timing, _Mapping]] = ..., notice: _Optional[str] = ..., heat_maps: _Optional[_Iterable[_Union[HeatMap, _Mapping]]] = ...) -> None: ...

class HeatMap(_message.Message):
    __slots__ = ("output", "rows", "columns", "values", "lowest", "highest")
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    LOWEST_FIELD_NUMBER: _ClassVar[int]
    HIGHEST_FIELD_NUMBER: _ClassVar[int]
    output: Output
    rows: int
    columns: int
    values: bytes
    lowest: float
    highest: float
    def __init__(self, output: _Optional[_Union[Output, str]] = ..., rows: _Optional[int] = ..., columns: _Optional[int] = ..., values: _Optional[bytes] = ..., lowest: _Optional[float] = ..., highest: _Optional[float] = ...) -> None: ...

class Assessment(_message.Message):
    __slots__ = ("probability", "call")
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    probability: float
    call: Call
    def __init__(self, probability: _Optional[float] = ..., call: _Optional[_Union[Call, str]] = ...) -> None: ...

class LocationAssessment(_message.Message):
    __slots__ = ("location", "assessment")
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    location: Location
    assessment: Assessment
    def __init__(self, location: _Optional[_Union[Location, str]] = ..., assessment: _Optional[_Union[Assessment, _Mapping]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: FindingCode
    message: str
    def __init__(self, code: _Optional[_Union[FindingCode, str]] = ..., message: _Optional[str] = ...) -> None: ...

class InputSummary(_message.Message):
    __slots__ = ("format", "width", "height", "analysed_height", "bit_depth", "color", "pages", "pixel_size_nm", "pixel_size_source", "windows")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    ANALYSED_HEIGHT_FIELD_NUMBER: _ClassVar[int]
    BIT_DEPTH_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    PAGES_FIELD_NUMBER: _ClassVar[int]
    PIXEL_SIZE_NM_FIELD_NUMBER: _ClassVar[int]
    PIXEL_SIZE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    format: str
    width: int
    height: int
    analysed_height: int
    bit_depth: int
    color: str
    pages: int
    pixel_size_nm: float
    pixel_size_source: PixelSizeSource
    windows: int
    def __init__(self, format: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., analysed_height: _Optional[int] = ..., bit_depth: _Optional[int] = ..., color: _Optional[str] = ..., pages: _Optional[int] = ..., pixel_size_nm: _Optional[float] = ..., pixel_size_source: _Optional[_Union[PixelSizeSource, str]] = ..., windows: _Optional[int] = ...) -> None: ...

class ModelIdentity(_message.Message):
    __slots__ = ("name", "version", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    digest: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class Timing(_message.Message):
    __slots__ = ("queue_duration", "decode_duration", "inference_duration")
    QUEUE_DURATION_FIELD_NUMBER: _ClassVar[int]
    DECODE_DURATION_FIELD_NUMBER: _ClassVar[int]
    INFERENCE_DURATION_FIELD_NUMBER: _ClassVar[int]
    queue_duration: _duration_pb2.Duration
    decode_duration: _duration_pb2.Duration
    inference_duration: _duration_pb2.Duration
    def __init__(self, queue_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., decode_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., inference_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
