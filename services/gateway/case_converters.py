"""Case results as messages of the contract."""

from densa.v1 import case_pb2 as pb

from services.common.case_result import CaseAssessment, CaseResult
from services.common.classification import Location
from services.gateway.converters import CALLS, LOCATIONS, to_identity


def to_case_result(case: CaseResult) -> pb.CaseResult:
    """The result of a case."""
    result = pb.CaseResult(
        case_id=case.case_id,
        final=case.final,
        images=case.images,
        failed=case.failed,
        models=map(to_identity, case.models),
        calibrated=case.calibrated,
        notice=case.notice,
    )
    if case.presence is not None:
        result.presence.CopyFrom(_case_assessment(case.presence))
        result.locations.extend(
            pb.CaseLocationAssessment(
                location=LOCATIONS[location],
                assessment=_case_assessment(case.locations[location]),
            )
            for location in Location
        )
    return result


def _case_assessment(assessment: CaseAssessment) -> pb.CaseAssessment:
    return pb.CaseAssessment(
        probability=assessment.probability,
        call=CALLS[assessment.call],
        supporting_images=[
            pb.SupportingImage(
                image_id=image.image_id, probability=image.probability, call=CALLS[image.call]
            )
            for image in assessment.supporting
        ],
    )
