"""`python -m tests.faults.poisonable_worker`: a worker that a certain image kills, as a crash in a
decoder would.
"""

import os
import signal
import sys

from services.inference.classifier import PreparedImage
from services.inference.onnx_classifier import OnnxClassifier
from services.worker.__main__ import main
from tests.faults.poison import POISON

_prepare = OnnxClassifier.prepare


def _deadly(self: OnnxClassifier, image: bytes, pixel_size_nm: float | None) -> PreparedImage:
    if image.endswith(POISON):
        os.kill(os.getpid(), signal.SIGKILL)
    return _prepare(self, image, pixel_size_nm)


if __name__ == "__main__":
    OnnxClassifier.prepare = _deadly  # type: ignore[method-assign]
    sys.exit(main())
