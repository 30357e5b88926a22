"""What a stream tells its client, as plain values; converters.py makes protos of them."""

from dataclasses import dataclass

from services.common.case_result import CaseResult
from services.common.errors import DensaError
from services.common.lanes import Lane
from services.common.messages import Outcome
from services.gateway.admission import Submission


@dataclass(frozen=True, slots=True)
class JobOpened:
    """The stream's job, and where in its results this stream begins."""

    job: str
    position: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The micrograph is kept and will have a result."""

    image_id: str
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """The micrograph was not taken."""

    image_id: str
    error: DensaError


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome for one accepted micrograph, or for one case, and its position among the
    job's results.
    """

    position: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class CaseSoFar:
    """What a case looks like with the results up to here; never kept."""

    case: CaseResult


@dataclass(frozen=True, slots=True)
class Closed:
    """A case, or with an empty case_id the job, was closed, or could not be."""

    case_id: str
    case_results: int = 0
    """That the job has or will have."""
    error: DensaError | None = None


Event = JobOpened | Accepted | Rejected | Result | CaseSoFar | Closed


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A client opens a job, or resumes one after a position."""

    job: str
    position: int
    lane: Lane | None = None
    """Of a new job."""
    provisional_cases: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """A client closes a case, or with an empty case_id the job."""

    case_id: str


Request = OpenJob | Submission | Close
