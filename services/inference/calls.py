"""From probabilities to calls: thresholds, zones in which nothing is called, no contradictions."""

from collections.abc import Mapping
from dataclasses import replace

from services.common.classification import Assessment, Call, Location
from services.inference.manifest import BundleManifest


def call_outputs(
    probabilities: Mapping[str, float], manifest: BundleManifest
) -> tuple[Assessment, dict[Location, Assessment]]:
    """Presence and locations with their calls; `probabilities` by output name."""
    assessed = {
        output: _assess(probability, manifest.thresholds[output], manifest.abstain.get(output))
        for output, probability in probabilities.items()
    }
    presence = assessed["presence"]
    return presence, {
        location: _consistent(assessed[location.value], presence) for location in Location
    }


def _assess(
    probability: float, threshold: float, abstain: tuple[float, float] | None
) -> Assessment:
    if abstain is not None and abstain[0] <= probability < abstain[1]:
        return Assessment(probability, Call.INDETERMINATE)
    return Assessment(probability, Call.POSITIVE if probability >= threshold else Call.NEGATIVE)


def _consistent(location: Assessment, presence: Assessment) -> Assessment:
    """A deposit is not called somewhere more surely than it is called at all.

    Each output has a threshold and a zone of its own, so the numbers alone
    would allow it.
    """
    if presence.call is Call.NEGATIVE:
        return replace(location, call=Call.NEGATIVE)
    if presence.call is Call.INDETERMINATE and location.call is Call.POSITIVE:
        return replace(location, call=Call.INDETERMINATE)
    return location
