"""What the model that ships says where nobody has drawn: no picture is called positive unflagged.

Real micrographs without deposits may not be handed on with this repository; the test of them
looks for a folder beside it.
"""

from pathlib import Path
from typing import Literal, get_args

import pytest

from services.common.classification import Call, Classification, FindingCode
from services.inference.bundle import load_classifier
from services.inference.onnx_classifier import OnnxClassifier
from services.inference.settings import InferenceSettings
from tests.images import png_bytes
from tests.strange_pictures import STRANGE

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "models/densa-resnet18/0.3.0"
REAL = ROOT.parent / "shared/samples"
SEEDS = range(3)
FLAGS = {FindingCode.UNFAMILIAR, FindingCode.BLANK, FindingCode.LOW_CONTRAST, FindingCode.SATURATED}
Graph = Literal["fp32", "int8"]


@pytest.fixture(scope="module", params=get_args(Graph))
def shipped(request: pytest.FixtureRequest) -> OnnxClassifier:
    return load_classifier(BUNDLE, InferenceSettings(graph=request.param, threads=1))


def ask(classifier: OnnxClassifier, content: bytes, pixel_size_nm: float | None) -> Classification:
    return classifier.classify([classifier.prepare(content, pixel_size_nm)])[0]


def is_flagged(said: Classification) -> bool:
    return any(finding.code in FLAGS for finding in said.findings)


def misleads(said: Classification) -> bool:
    """Called positive, and nobody is warned."""
    return said.presence.call is Call.POSITIVE and not is_flagged(said)


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_micrograph_is_flagged_or_called_nothing(
    shipped: OnnxClassifier, kind: str
) -> None:
    # When pictures of a kind are classified
    said = [ask(shipped, png_bytes(STRANGE[kind](seed)), 16.0) for seed in SEEDS]

    # Then none is called positive without a flag, and most are flagged whatever they are called
    assert not any(misleads(one) for one in said)
    assert sum(is_flagged(one) for one in said) >= 2


@pytest.mark.skipif(not REAL.is_dir(), reason="no real micrographs beside the repository")
def test_no_real_micrograph_without_deposits_is_called_positive(shipped: OnnxClassifier) -> None:
    # Given the real ones, with their scale where it is known
    sizes = {"snider_A1--0024.jpg": 3.26}
    files = sorted(path for path in REAL.iterdir() if path.suffix in {".png", ".jpg"})
    assert len(files) == 4

    # When each is classified, with its scale and without
    said = {
        (path.name, size): ask(shipped, path.read_bytes(), size)
        for path in files
        for size in (sizes.get(path.name, 10.0), None)
    }

    # Then none is a positive that nobody is warned of
    assert [key for key, one in said.items() if misleads(one)] == []
