"""What every call of a gateway shares."""

from dataclasses import dataclass

from services.gateway.backlog import Backlog
from services.gateway.case_finisher import CaseFinisher
from services.gateway.cases import Cases
from services.gateway.intake import Intake
from services.gateway.job_registry import JobRegistry
from services.gateway.result_reader import ResultReader


@dataclass(frozen=True, slots=True)
class Parts:
    """The way in, the way out, and how full it is between."""

    registry: JobRegistry
    reader: ResultReader
    intake: Intake
    backlog: Backlog
    cases: Cases
    finisher: CaseFinisher
