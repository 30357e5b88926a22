"""`python -m tests.integration.slow_worker`: a worker whose model takes 20 ms an image."""

import sys
import time
from collections.abc import Sequence

from services.common.classification import Classification
from services.inference.classifier import PreparedImage
from services.inference.onnx_classifier import OnnxClassifier
from services.worker.__main__ import main

SECONDS = 0.02

_classify = OnnxClassifier.classify


def _slow(
    self: OnnxClassifier,
    prepared: Sequence[PreparedImage],
    heat_maps: Sequence[Sequence[str]] = (),
) -> list[Classification]:
    time.sleep(SECONDS * len(prepared))
    return _classify(self, prepared, heat_maps)


if __name__ == "__main__":
    OnnxClassifier.classify = _slow  # type: ignore[method-assign]
    sys.exit(main())
