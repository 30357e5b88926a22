"""What a run computes on, and how precisely."""

from typing import Literal

import torch

Wanted = Literal["auto", "cpu", "cuda"]
Device = Literal["cpu", "cuda"]
Precision = Literal["float32", "bfloat16"]


class DeviceError(Exception):
    """The device that was asked for is not there. Says what to do."""


def choose_device(wanted: Wanted) -> Device:
    """A GPU where there is one and it was not forbidden. Raises DeviceError where it must be."""
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise DeviceError(
            f"--device cuda: PyTorch {torch.__version__} sees no GPU here; install a build for "
            "CUDA and its driver, or give --device cpu"
        )
    return "cuda" if there and wanted != "cpu" else "cpu"


def choose_precision(device: Device) -> Precision:
    """Mixed precision on a GPU that multiplies bfloat16 itself, as it needs no loss scaling."""
    if device == "cuda" and torch.cuda.get_device_capability() >= (8, 0):
        return "bfloat16"
    return "float32"
