"""The published figures, and what they can and cannot be compared with.

Zhu et al., "Utilizing Deep Learning to Identify Electron-Dense Deposits in
Renal Biopsy Electron Microscopy Images", Am J Nephrol 2025, doi
10.1159/000546131.
"""

from collections.abc import Mapping
from typing import Any

from services.training.metrics import wilson_interval

SOURCE = "Zhu et al., Am J Nephrol 2025, doi 10.1159/000546131"
TEST_IMAGES = 860
FIGURES = {
    "presence": (0.959, 0.899),
    "mesangial": (0.928, 0.880),
    "subepithelial": (0.987, 0.962),
    "intramembranous": (0.986, 0.959),
    "subendothelial": (0.944, 0.883),
}
"""AUC and accuracy by output, on 860 of 4,303 images of 1,039 biopsies."""

SPLIT = (
    "The published figures were taken on real images of one centre, apparently split by image "
    "(860 of 4,303 images are 20.0 %, and no split by patient is mentioned): with four images per "
    "biopsy nearly every test image then has a sibling among the training images, which flatters "
    "a model. Agreement there is with two pathologists. The intervals of the published accuracies "
    "are ours (Wilson, if all 860 images were used for every output, which is not stated)."
)


def describe_published(origins: Mapping[str, int]) -> dict[str, Any]:
    """The figures with intervals, and sentences on what is not comparable with images of `origins`.

    `origins` counts this evaluation's images by drawn, real and not stated.
    """
    figures = {}
    for label, (auc, accuracy) in FIGURES.items():
        low, high = wilson_interval(round(accuracy * TEST_IMAGES), TEST_IMAGES)
        figures[label] = {"auc": auc, "accuracy": accuracy, "low": low, "high": high}
    return {"source": SOURCE, "outputs": figures, "comparable": f"{SPLIT} {_ours(origins)}"}


def _ours(origins: Mapping[str, int]) -> str:
    if not origins["real"] and not origins["not stated"]:
        return (
            "Here every image is drawn: these figures say how well the model reads drawings and "
            "nothing about real tissue, so that the two columns are not comparable."
        )
    if not origins["drawn"] and not origins["not stated"]:
        return (
            "Here every image is real, but of other patients, microscopes and readers: a "
            "difference between the two columns is not one between the models."
        )
    parts = ", ".join(f"{count} {name}" for name, count in origins.items() if count)
    return (
        f"Here the manifest says of the images: {parts}. Where they are drawn, the figures say "
        "nothing about real tissue; in any case they are of other images and readers, so that "
        "the two columns are not comparable."
    )
