"""`python -m tests.hostile_decoder`: the fork server, with decoders that certain images take over.

Stands for a decoder's bug that nobody has found yet: what such an image does is real.
"""

import ctypes
import dataclasses
import os
import signal
import time

from services.inference.classifier import PreparedImage
from services.inference.decoding import DecodeLimits
from services.inference.preparation import prepare_image
from services.inference.preprocessing import ModelInput
from services.inference.sandbox.fork_server import main

CRASH, LOOP, BOMB, KILLED, NONSENSE = (
    b"crash",
    b"loop",
    b"bomb",
    b"killed",
    b"nonsense",
)
"""What a hostile image ends with."""

TRACE = b"trace"
"""Followed by a path: its decoder writes its process id there, and then takes for ever."""


def hostile(
    image: bytes,
    pixel_size_nm: float | None,
    model_input: ModelInput,
    limits: DecodeLimits,
    max_windows: int,
) -> PreparedImage:
    """As prepare_image, unless the image is hostile."""
    if image.endswith(CRASH):
        ctypes.string_at(0)  # reads at address 0, as a decoder does that trusts an offset
    if image.endswith(LOOP):
        while True:
            pass
    if image.endswith(BOMB):
        hoard = []
        while True:
            hoard.append(bytearray(2**24))
    if image.endswith(KILLED):
        os.kill(os.getpid(), signal.SIGKILL)
    if TRACE in image:
        with open(image.partition(TRACE)[2], "w") as file:  # noqa: PTH123
            file.write(str(os.getpid()))
        time.sleep(3600)
    prepared = prepare_image(image, pixel_size_nm, model_input, limits, max_windows)
    if image.endswith(NONSENSE):
        summary = dataclasses.replace(prepared.summary, windows=prepared.summary.windows + 1)
        return dataclasses.replace(prepared, summary=summary)
    return prepared


if __name__ == "__main__":
    main(hostile)
