"""How images are read, by the settings: in processes of their own or in the caller's thread."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.inference.classifier import Prepare
from services.inference.preparation import prepare_image
from services.inference.sandbox.decoder_process import FORK_SERVER
from services.inference.sandbox.sandbox import Sandbox
from services.inference.settings import InferenceSettings


@contextmanager
def reading(
    settings: InferenceSettings, at_once: int, fork_server: str = FORK_SERVER
) -> Iterator[Prepare]:
    """What reads images for as long as the context lasts, `at_once` of them in parallel."""
    if settings.decode_in == "thread":
        yield prepare_image
        return
    sandbox = Sandbox(at_once, settings.decode_seconds, settings.decode_memory_bytes, fork_server)
    try:
        yield sandbox.prepare
    finally:
        sandbox.close()
