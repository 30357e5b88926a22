"""The model card: what a person should know before believing the numbers.

Made from the bundle's manifest, which carries the run's provenance, and from
its evaluation report. Its sections are those items of CLAIM 2024 (Tejani et
al., Radiol Artif Intell 2024;6:e240300) that a program can fill; what it cannot
know it says so, and asks the laboratory to.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.inference.manifest import BundleManifest
from services.training.card_tables import (
    heat_map_lines,
    origin_words,
    performance_table,
    reader_lines,
    settings_table,
    weakest_strata,
)

INTENDED_USE = """Given one transmission electron micrograph of a glomerulus of a native kidney
biopsy: the probability that electron-dense deposits show (presence), and for each of four
locations (mesangial, subepithelial, intramembranous, subendothelial) the **marginal** probability
that deposits show there, which is never above presence. Maps say where the evidence lies;
`ood_score` says how unlike the training data an image is. For research, beside a pathologist's
own reading. Not for diagnosis, not for other organs, stains or microscopes, and not for
fibrils or fingerprints, which are finer than a pixel of the model."""

REFERENCE = """Labels are those of the manifests: 1, 0, or not assessed. In drawn micrographs
they follow from the drawing by one rule, and a mask tells the place exactly; nobody had to read
them. In real ones they are a laboratory's readings, and who read them, how often, and how far
readers agree must be added here by hand."""

TRAINING = """Patients were split, never images: those that chose the checkpoint, the calibration
and the thresholds were not trained on, and those of the evaluation below were in none of these.
The location loss saw only images with deposits; masks, where there were any, supervised the
maps. Probabilities were calibrated by Platt scaling, locations given presence; each threshold has
the largest sensitivity + specificity. No image was removed for its answer; images that cannot be
read are refused before training."""

UNKNOWN = """Not filled by this program, to be added for a laboratory's own model: eligibility,
time and place of the biopsies; age, sex and diagnoses of the patients; de-identification;
sample size and its reason; readers' qualifications; ethics approval; funding."""


def write_model_card(path: Path, manifest: BundleManifest, report: dict[str, Any]) -> None:
    """Write the card of an evaluated bundle. Raises OSError."""
    parts = [
        f"# {manifest.name} {manifest.version}",
        f"**{manifest.notice}**",
        manifest.description,
        *_sections(manifest, report),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _sections(manifest: BundleManifest, report: dict[str, Any]) -> Iterator[str]:
    provenance: dict[str, Any] = dict(manifest.provenance)
    yield f"## Intended use\n\n{INTENDED_USE}"
    yield "## Data\n\n" + "\n\n".join(_data(provenance, report))
    yield f"## Reference standard\n\n{REFERENCE}"
    yield f"## Model\n\n{_model(manifest, provenance)}"
    yield f"## Training\n\n{TRAINING}\n\n{settings_table(provenance)}"
    yield "## Performance\n\n" + "\n\n".join(_performance(report))
    yield "## Limits\n\n" + "\n".join(f"* {limit}" for limit in _limits(manifest, report))
    if notes := provenance.get("notes"):
        yield f"## Notes on this version\n\n{notes}"
    yield f"## Not stated\n\n{UNKNOWN}"
    yield (
        "## To make it again\n\nSettings, versions, commit and the digest of the data are in "
        "`manifest.json`; every number of the evaluation is in `evaluation.json`."
    )


def _data(provenance: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[str]:
    trained, more = provenance.get("origins"), provenance.get("more")
    yield (
        f"Trained on: {origin_words(trained)}.{f' Among them {more}.' if more else ''}"
        if trained
        else "Whether the micrographs it was trained on are drawn or real is not stated."
    )
    yield (
        f"Evaluated on {report['micrographs']} micrographs of {report['patients']} other patients: "
        f"{origin_words(report['origins'])}."
    )
    if report["origins"]["drawn"] or (trained and trained.get("drawn")):
        yield (
            "**Drawn micrographs are no patients.** No public set of micrographs with deposit "
            "labels was found, so they were drawn: sizes and grey levels follow the literature and "
            "measurements on a few real micrographs. Numbers on drawn micrographs say how well the "
            "model reads drawings; its accuracy on real tissue must be measured on labelled "
            "micrographs of the laboratory that wants to use it."
        )


def _model(manifest: BundleManifest, provenance: Mapping[str, Any]) -> str:
    size, scale = manifest.input.size, manifest.input.pixel_size_nm
    text = (
        f"Windows of {size} x {size} pixels of {scale:g} nm (fields of {size * scale / 1000:.1f} "
        "µm) cover the micrograph; its answer is the largest of theirs. Greys are standardised "
        f"before (preprocessing {manifest.input.preprocessing}); everything after the resize is "
        "in the graph. An image's logits are the log-sum-exp of maps of logits."
    )
    cost = provenance.get("probability_change_by_float16_storage")
    if cost is not None:
        text += f" Storing weights as float16 moved a probability by at most {cost:.5f}."
    return text


def _performance(report: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "From files through the serving path, at thresholds fixed before. Intervals: "
        f"{report['interval']}."
    )
    yield performance_table(report)
    yield report["published"]["comparable"]
    yield from heat_map_lines(report)
    yield from reader_lines(report)
    yield from weakest_strata(report)


def _limits(manifest: BundleManifest, report: Mapping[str, Any]) -> Iterator[str]:
    scale = manifest.input.pixel_size_nm
    yield f"Below {scale:g} nm nothing is seen: fibrils and fingerprints are not assessed."
    yield "Scale matters: without a pixel size the field is assumed to fill one window."
    yield "Predictive values hold at the share of deposits in the evaluated images only."
    if not report["origins"]["real"]:
        yield (
            "Not evaluated on real micrographs: dark structures that the drawings lack may be "
            "called deposits, and deposits unlike the drawn ones may be missed."
        )
    if not report["readers"]:
        yield "Not compared with readers."
    yield "One evaluation set: nothing is known of other laboratories."
