"""Settings of the worker process alone; the only reader of the environment in this room."""

import os
import socket

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

CORES = os.cpu_count() or 2


class WorkerSettings(BaseSettings):
    """How much one worker takes on at a time."""

    model_config = SettingsConfigDict(env_prefix="DENSA_WORKER_", frozen=True)

    name: str = Field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    """Name of this worker in reports and logs; unique among workers."""

    concurrency: int = Field(default_factory=lambda: min(64, CORES + 1), ge=1, le=64)
    """Micro-batches in hand at once: by default one more than there are cores, so that one is
    being read while the others are in the model. More share the cores' caches and help nobody."""

    batch_size: int = Field(default=16, ge=1, le=256)
    """Images in one micro-batch at most; while few wait, they are shared out among all workers.
    Larger costs less per image under load, and makes an urgent one wait longer: for a minute after
    each STAT image it is a quarter."""

    decode_threads: int = Field(default_factory=lambda: max(2, CORES), ge=1, le=256)
    """Images decoded at once. As many as there are cores."""
