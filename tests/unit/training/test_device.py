"""A GPU is used where there is one, and missed where it was asked for."""

import pytest
import torch

from services.training.device import DeviceError, choose_device, choose_precision


def pretend(monkeypatch: pytest.MonkeyPatch, *, gpu: bool, capability: tuple[int, int]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)


def test_a_gpu_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a machine with a recent GPU
    pretend(monkeypatch, gpu=True, capability=(9, 0))

    # When devices are chosen
    # Then it is used, in mixed precision, unless the CPU was asked for
    assert choose_device("auto") == choose_device("cuda") == "cuda"
    assert choose_device("cpu") == "cpu"
    assert choose_precision("cuda") == "bfloat16"
    assert choose_precision("cpu") == "float32"


def test_an_older_gpu_computes_in_full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a GPU that does not multiply bfloat16 itself
    pretend(monkeypatch, gpu=True, capability=(7, 5))

    # When precision is chosen
    # Then it is full
    assert choose_precision("cuda") == "float32"


def test_a_gpu_that_is_asked_for_and_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a machine without
    pretend(monkeypatch, gpu=False, capability=(0, 0))

    # When it is asked for
    # Then the error says what to do; left to choose, the CPU is taken
    with pytest.raises(DeviceError, match="--device cpu"):
        choose_device("cuda")
    assert choose_device("auto") == "cpu"
