"""ONNX Runtime, imported here and nowhere else.

Its wheels (1.32) report usage to their maker, and write an id of the device into
the temporary and the home directory, unless told not to before the import;
`disable_telemetry_events()` afterwards is too late. A service beside patients'
images tells nobody anything.
"""

import os
import sys
from contextlib import redirect_stdout
from importlib import import_module
from types import ModuleType

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime  # the line above must come first

__all__ = ["load_cuda", "onnxruntime", "quantization"]


def quantization() -> ModuleType:
    """The tools that make 8-bit graphs. They need the package `onnx`, which serving does not."""
    return import_module("onnxruntime.quantization")


def load_cuda() -> None:
    """Loads CUDA's and cuDNN's libraries from the packages beside ONNX Runtime's.

    They are in no directory that a linker looks into; its CUDA provider finds them loaded.
    What is missing is said by the session that cannot be made.
    """
    with redirect_stdout(sys.stderr):  # it prints
        onnxruntime.preload_dlls(directory="")
