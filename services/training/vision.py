"""torchvision, importable beside a CPU-only torch.

The registry's torchvision wants the operators of the CUDA build when it is
imported. Only its models are used here, so the two schemas it asks for are
declared where the plain import fails.
"""

import sys
from importlib import import_module
from types import ModuleType

import torch

MISSING = ("nms", "qnms")
SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

_libraries: list[torch.library.Library] = []
"""Kept for as long as the process lives: torch forgets schemas when their library goes."""


def torchvision_models() -> ModuleType:
    """The module `torchvision.models`. Raises ImportError where torchvision is not installed."""
    try:
        return import_module("torchvision.models")
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
    _declare_operators()
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    return import_module("torchvision.models")


def _declare_operators() -> None:
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for name in MISSING:
        library.define(name + SCHEMA)  # type: ignore[no-untyped-call]
    _libraries.append(library)
