"""Settings of this room: the only place where it meets the environment."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.inference.decoding import DecodeLimits
from services.inference.preprocessing import MAX_WINDOWS

_OURS = "DENSA_"


def plain_environment() -> dict[str, str]:
    """The environment without our settings, passwords among them: for processes that need none."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


class InferenceSettings(BaseSettings):
    """Which model runs, on what, and how much of a machine one image may take."""

    model_config = SettingsConfigDict(
        env_prefix="DENSA_INFERENCE_", frozen=True, use_attribute_docstrings=True
    )

    bundle: Path = Path("models/densa-resnet18/0.3.0")
    """Directory of the model bundle, `<name>/<version>`, that answers until another version is
    activated. Default: the one that ships."""

    repository: Path = Path("models")
    """Model repository: published bundles as `<name>/<version>`, of which `densa models activate`
    chooses. A folder that all workers share, or a copy on each host."""

    provider: Literal["cpu", "cuda"] = "cpu"
    """What the model runs on. Asked for cuda and given cpu, the process refuses to serve."""

    graph: Literal["auto", "fp32", "int8"] = "auto"
    """Which graph of the bundle runs. auto (default) takes the faster int8 graph on a CPU where
    the bundle has one and it moved no AUC by more than 0.002; fp32 is the reference."""

    threads: int = Field(default=0, ge=0, le=256)
    """Threads of one model run on the CPU; 0 (default) takes the cores this process may use.
    Fewer leave cores to decoding and lengthen a single answer."""

    max_batch: int = Field(default=16, ge=1, le=1024)
    """Most windows in one model run (default 16). More fills a GPU better and takes memory;
    on a CPU it gains nothing above 8."""

    max_image_pixels: int = Field(default=100_000_000, ge=1)
    """Most pixels (width x height) of an image, checked before anything is decoded.
    Default 100 million: six times the largest common camera (4096 x 4096)."""

    max_decoded_bytes: int = Field(default=512 * 1024 * 1024, ge=1)
    """Most bytes the samples of one image may take when decoded (default 512 MiB). Bounds the
    memory of one decoding thread to a small multiple of it."""

    max_windows: int = Field(default=MAX_WINDOWS, ge=1, le=4096)
    """Most windows one field may be covered with (default 64, a field of 80 um). More answers
    larger fields and lets one image hold the model for longer."""

    decode_in: Literal["process", "thread"] = "process"
    """Where images are read. process (default): in small processes beside the worker, so that a
    file that crashes its decoder, takes for ever or takes all memory fails alone and at once.
    thread: in the worker itself, cheaper by 20 MB a process, and such a file takes it down."""

    decode_seconds: float = Field(default=20.0, gt=0)
    """How long reading one image may take in a process of its own (default 20 s; the slowest
    legal image, a PNG of 100 million pixels, takes about 3). Then it fails: DECODE_TIMEOUT."""

    decode_memory_bytes: int = Field(default=2 * 1024**3, ge=64 * 1024**2)
    """Memory that reading one image may take in a process of its own (default 2 GiB, four times
    `max_decoded_bytes`). Then it fails: DECODE_MEMORY."""

    @property
    def limits(self) -> DecodeLimits:
        """The part that decoding needs."""
        return DecodeLimits(self.max_image_pixels, self.max_decoded_bytes)
