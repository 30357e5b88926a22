"""Settings of the worker process alone; the only reader of the environment in this room."""

import os
import socket

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """How much one worker takes on at a time."""

    model_config = SettingsConfigDict(env_prefix="DENSA_WORKER_", frozen=True)

    name: str = Field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    """Name of this worker in reports and logs; unique among workers."""

    concurrency: int = Field(default=4, ge=1, le=64)
    """Micro-batches in hand at once. While one is in the model the next are being
    decoded; more hold more decoded images in memory and help nobody."""

    decode_threads: int = Field(default_factory=lambda: max(2, os.cpu_count() or 2), ge=1, le=256)
    """Images decoded at once. As many as there are cores."""
