"""Results of the service as JSON for the page and for exports."""

import base64
from dataclasses import asdict
from typing import Any

from services.client import CaseResult
from services.client.results import Classification, MicrographResult


def to_json(result: MicrographResult) -> dict[str, Any]:
    """How one image ended: its answer, or its error."""
    if result.classification is None:
        error = result.error
        reason = getattr(error, "reason", "") or "UNKNOWN"
        return {"error": {"reason": reason, "message": getattr(error, "message", str(error))}}
    return _answer(result.classification)


def _answer(answer: Classification) -> dict[str, Any]:
    return {
        "outputs": {
            "presence": asdict(answer.presence),
            **{str(name): asdict(one) for name, one in answer.locations.items()},
        },
        "findings": [asdict(finding) for finding in answer.findings],
        "input": asdict(answer.input),
        "model": asdict(answer.model),
        "timing": asdict(answer.timing),
        "notice": answer.notice,
        "heat_maps": {
            one.output: {
                "rows": one.rows,
                "columns": one.columns,
                "values": base64.b64encode(one.values).decode(),
                "lowest": one.lowest,
                "highest": one.highest,
            }
            for one in answer.heat_maps
        },
    }


def case_to_json(case: CaseResult) -> dict[str, Any]:
    """What is known of one case; no outputs where none of its images was classified."""
    found = {} if case.presence is None else {"presence": case.presence, **case.locations}
    return {
        "final": case.final,
        "images": case.images,
        "failed": case.failed,
        "outputs": {str(name): asdict(one) for name, one in found.items()},
        "models": [asdict(model) for model in case.models],
        "calibrated": case.calibrated,
        "notice": case.notice,
    }
