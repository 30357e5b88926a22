from densa.v1 import case_pb2 as _case_pb2
from densa.v1 import classification_pb2 as _classification_pb2
from densa.v1 import lane_pb2 as _lane_pb2
from densa.v1 import micrograph_pb2 as _micrograph_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ClassifyMicrographRequest(_message.Message):
    __slots__ = ("micrograph", "lane")
    MICROGRAPH_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    micrograph: _micrograph_pb2.Micrograph
    lane: _lane_pb2.Lane
    def __init__(self, micrograph: _Optional[_Union[_micrograph_pb2.Micrograph, _Mapping]] = ..., lane: _Optional[_Union[_lane_pb2.Lane, str]] = ...) -> None: ...

class ClassifyMicrographResponse(_message.Message):
    __slots__ = ("classification",)
    CLASSIFICATION_FIELD_NUMBER: _ClassVar[int]
    classification: _classification_pb2.Classification
    def __init__(self, classification: _Optional[_Union[_classification_pb2.Classification, _Mapping]] = ...) -> None: ...

class ClassifyMicrographsRequest(_message.Message):
    __slots__ = ("open_job", "micrograph", "close_case", "close_job")
    OPEN_JOB_FIELD_NUMBER: _ClassVar[int]
    MICROGRAPH_FIELD_NUMBER: _ClassVar[int]
    CLOSE_CASE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_JOB_FIELD_NUMBER: _ClassVar[int]
    open_job: OpenJob
    micrograph: _micrograph_pb2.Micrograph
    close_case: CloseCase
    close_job: CloseJob
    def __init__(self, open_job: _Optional[_Union[OpenJob, _Mapping]] = ..., micrograph: _Optional[_Union[_micrograph_pb2.Micrograph, _Mapping]] = ..., close_case: _Optional[_Union[CloseCase, _Mapping]] = ..., close_job: _Optional[_Union[CloseJob, _Mapping]] = ...) -> None: ...

class OpenJob(_message.Message):
    __slots__ = ("job", "cursor", "lane", "provisional_cases")
    JOB_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    PROVISIONAL_CASES_FIELD_NUMBER: _ClassVar[int]
    job: str
    cursor: str
    lane: _lane_pb2.Lane
    provisional_cases: bool
    def __init__(self, job: _Optional[str] = ..., cursor: _Optional[str] = ..., lane: _Optional[_Union[_lane_pb2.Lane, str]] = ..., provisional_cases: _Optional[bool] = ...) -> None: ...

class CloseCase(_message.Message):
    __slots__ = ("case_id",)
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    case_id: str
    def __init__(self, case_id: _Optional[str] = ...) -> None: ...

class CloseJob(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ClassifyMicrographsResponse(_message.Message):
    __slots__ = ("job_opened", "accepted", "rejected", "result", "case_result", "closed", "cursor")
    JOB_OPENED_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    CASE_RESULT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    job_opened: JobOpened
    accepted: Accepted
    rejected: Rejected
    result: MicrographResult
    case_result: _case_pb2.CaseResult
    closed: Closed
    cursor: str
    def __init__(self, job_opened: _Optional[_Union[JobOpened, _Mapping]] = ..., accepted: _Optional[_Union[Accepted, _Mapping]] = ..., rejected: _Optional[_Union[Rejected, _Mapping]] = ..., result: _Optional[_Union[MicrographResult, _Mapping]] = ..., case_result: _Optional[_Union[_case_pb2.CaseResult, _Mapping]] = ..., closed: _Optional[_Union[Closed, _Mapping]] = ..., cursor: _Optional[str] = ...) -> None: ...

class JobOpened(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: str
    def __init__(self, job: _Optional[str] = ...) -> None: ...

class Accepted(_message.Message):
    __slots__ = ("image_id", "duplicate")
    IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    image_id: str
    duplicate: bool
    def __init__(self, image_id: _Optional[str] = ..., duplicate: _Optional[bool] = ...) -> None: ...

class Rejected(_message.Message):
    __slots__ = ("image_id", "error")
    IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    image_id: str
    error: _status_pb2.Status
    def __init__(self, image_id: _Optional[str] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class Closed(_message.Message):
    __slots__ = ("case_id", "case_results", "error")
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    CASE_RESULTS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    case_id: str
    case_results: int
    error: _status_pb2.Status
    def __init__(self, case_id: _Optional[str] = ..., case_results: _Optional[int] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class MicrographResult(_message.Message):
    __slots__ = ("image_id", "case_id", "classification", "error")
    IMAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    CLASSIFICATION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    image_id: str
    case_id: str
    classification: _classification_pb2.Classification
    error: _status_pb2.Status
    def __init__(self, image_id: _Optional[str] = ..., case_id: _Optional[str] = ..., classification: _Optional[_Union[_classification_pb2.Classification, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...
