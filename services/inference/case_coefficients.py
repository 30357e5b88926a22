"""The part of a manifest that says how a case follows from its images; see common.case_rule."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from services.common.case_rule import OUTPUTS


class CaseOutput(BaseModel):
    """The coefficients of one output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slope: Annotated[FiniteFloat, Field(gt=0.0)]
    offset: FiniteFloat
    log_images: FiniteFloat
    threshold: Annotated[float, Field(ge=0.0, le=1.0)]
    """From this probability on the case is called positive."""


class CaseCoefficients(BaseModel):
    """Fitted on patients of the calibration split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["highest image"] = "highest image"
    patients: Annotated[int, Field(gt=0)]
    outputs: dict[str, CaseOutput]

    @model_validator(mode="after")
    def _every_output(self) -> Self:
        if set(self.outputs) != set(OUTPUTS):
            msg = f"expected exactly {', '.join(OUTPUTS)}; got {', '.join(sorted(self.outputs))}"
            raise ValueError(msg)
        return self
