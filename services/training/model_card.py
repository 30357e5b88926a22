"""The model card: what a person should know before believing the numbers."""

from pathlib import Path
from typing import Any

from services.inference.manifest import BundleManifest

TEMPLATE = """# {name} {version}

**{notice}**

{description}

## What it answers

Given one transmission electron micrograph of a glomerulus, in windows of {size} x {size} pixels
of {pixel_size_nm:g} nm: the probability that electron-dense deposits show (presence), and for
each of four locations (mesangial, subepithelial, intramembranous, subendothelial) the
**marginal** probability that deposits show there, which is never above presence. Maps of the
five logits say where the evidence lies; `ood_score` says how unlike the training data an image
is (about 1 for what the network was trained on; 95 % of validation images are below {ood:.2f}).

## What it was trained on

**Drawn micrographs only.** No public set of micrographs with deposit labels was found, so the
network learned from procedural drawings whose sizes and grey levels follow the literature and
measurements on four real micrographs. It has never seen a real deposit. The numbers below say
how well it reads drawings of patients it was not trained on; they say nothing about its
accuracy on real tissue, which must be measured on labelled micrographs of the laboratory that
wants to use it.

## How well it reads held-out drawings

{micrographs} micrographs of {patients} drawn patients, from files through the serving path;
95 % intervals by bootstrap of whole patients.

| output | AUC (95 %) | accuracy | sensitivity | specificity | calibration error | with / without |
|---|---|---|---|---|---|---|
{rows}

## Limits

* Below {pixel_size_nm:g} nm nothing is seen: fibrils and fingerprints are not assessed.
* Scale matters: without a pixel size the field is assumed to fill one window.
* Dark structures that the drawings lack may be called deposits, and deposits unlike the drawn
  ones may be missed.
* Labels follow one rule: a location counts where at least 0.03 square micrometres of it show.

{notes}## How it was made

ResNet18 with a one-channel stem; an image's logits are the log-sum-exp of the maps. The location
loss saw only images with deposits; masks of the drawings supervised the maps. Patients were
split, never images. Probabilities were calibrated and thresholds chosen on validation patients
(largest sensitivity + specificity). Weights are stored as float16 and computed with as float32:
that moved a probability by at most {half_cost:.5f}. Settings, versions and digests are in
`manifest.json`.
"""


def write_model_card(path: Path, manifest: BundleManifest, report: dict[str, Any]) -> None:
    """Write the card of an evaluated bundle. Raises OSError."""
    provenance: dict[str, Any] = dict(manifest.provenance)
    notes = provenance["notes"]
    text = TEMPLATE.format(
        name=manifest.name,
        version=manifest.version,
        notice=manifest.notice,
        description=manifest.description,
        size=manifest.input.size,
        pixel_size_nm=manifest.input.pixel_size_nm,
        ood=provenance["ood_score_on_validation"]["p95"],
        half_cost=provenance["probability_change_by_float16_storage"],
        micrographs=report["micrographs"],
        patients=report["patients"],
        notes=f"## Notes on this version\n\n{notes}\n\n" if notes else "",
        rows="\n".join(_row(label, values) for label, values in report["outputs"].items()),
    )
    path.write_text(text, encoding="utf-8")


def _row(label: str, values: dict[str, Any]) -> str:
    if "auc" not in values:
        return f"| {label} | not measured | | | | | |"
    return (
        f"| {label} | {values['auc']:.3f} ({values['auc_low']:.3f}-{values['auc_high']:.3f}) "
        f"| {values['accuracy']:.3f} | {values['sensitivity']:.3f} | {values['specificity']:.3f} "
        f"| {values['expected_calibration_error']:.3f} "
        f"| {values['positives']} / {values['negatives']} |"
    )
