"""The graph of a bundle in ONNX Runtime: arrays in, arrays out, safe to share by threads.

On the CPU there are two sessions over the same graph. A run that is alone
takes the wide one, with all threads; runs beside it take the narrow one, with
one thread each. Measured with ResNet18 on two cores: a single image takes 25 ms
instead of 43 where both are idle; where they are busy, narrow runs side by
side give 10 % more images per second of CPU than wide ones.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.common.errors import BundleError
from services.inference.runtime import load_cuda, onnxruntime
from services.inference.settings import InferenceSettings

INPUT = "image"
PRESENCE, LOCATIONS = "presence", "locations"
ACTIVATION_MAPS, OOD_SCORE = "activation_maps", "ood_score"

#: Shapes of the outputs after the batch axis; None where the network decides.
_OUTPUT_SHAPES: dict[str, tuple[int | None, ...]] = {
    PRESENCE: (),
    LOCATIONS: (4,),
    ACTIVATION_MAPS: (5, None, None),
    OOD_SCORE: (),
}

_PROVIDERS: dict[str, list[Any]] = {
    "cpu": ["CPUExecutionProvider"],
    "cuda": [
        # Full float32 products, and no search for algorithms at every new batch size.
        ("CUDAExecutionProvider", {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}),
        "CPUExecutionProvider",
    ],
}


class OnnxModel:
    """One graph, ready to run. Raises BundleError where it must not serve."""

    def __init__(self, model: bytes, size: int, settings: InferenceSettings) -> None:
        self.provider = settings.provider
        threads = settings.threads or usable_cores()
        self._wide = _session(model, settings.provider, threads)
        single = settings.provider != "cpu" or threads == 1
        self._narrow = self._wide if single else _session(model, settings.provider, 1)
        self._lock = threading.Lock()
        self._running = 0
        _check_signature(self._wide, size)
        self._warm_up(size)

    def run(
        self, images: NDArray[np.uint8], outputs: Sequence[str] = (PRESENCE, LOCATIONS)
    ) -> list[NDArray[np.float32]]:
        """The named `outputs` for `images` [N, 1, S, S]."""
        with self._idle_session() as session:
            return list(session.run(list(outputs), {INPUT: images}))

    @contextmanager
    def _idle_session(self) -> Iterator[onnxruntime.InferenceSession]:
        """The wide session where no other run is under way, else the narrow one."""
        with self._lock:
            session = self._narrow if self._running else self._wide
            self._running += 1
        try:
            yield session
        finally:
            with self._lock:
                self._running -= 1

    def _warm_up(self, size: int) -> None:
        """Run once, so that the first micrograph does not pay for what is set up lazily."""
        image = np.zeros((1, 1, size, size), np.uint8)
        for session in {id(each): each for each in (self._wide, self._narrow)}.values():
            try:
                session.run(None, {INPUT: image})
            except Exception as error:  # ONNX Runtime's errors share no public base
                raise BundleError(
                    f"The model cannot run on {self.provider}: {error}", reason="BUNDLE_INVALID"
                ) from error


def usable_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _session(model: bytes, provider: str, threads: int) -> onnxruntime.InferenceSession:
    wanted = _PROVIDERS[provider]
    name = wanted[0] if isinstance(wanted[0], str) else wanted[0][0]
    if name not in onnxruntime.get_available_providers():
        raise _unavailable(provider, "this installation of ONNX Runtime does not have it")
    if provider == "cuda":
        load_cuda()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait for work by spinning take the cores that decoding needs: 43 ms of CPU
    # per ResNet18 image instead of 26.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors; what matters of the rest is checked here
    try:
        session = onnxruntime.InferenceSession(model, options, providers=wanted)
    except Exception as error:  # ONNX Runtime's errors share no public base
        raise BundleError(
            f"ONNX Runtime cannot load the model: {error}", reason="BUNDLE_INVALID"
        ) from error
    session.disable_fallback()
    if session.get_providers()[0] != name:
        raise _unavailable(provider, f"the model would run on {session.get_providers()[0]}")
    return session


def _unavailable(provider: str, why: str) -> BundleError:
    return BundleError(
        f"The model was asked to run on {provider}, but {why}. Install the runtime and drivers "
        "for it, or set DENSA_INFERENCE_PROVIDER to what is there.",
        reason="PROVIDER_UNAVAILABLE",
    )


def _check_signature(session: onnxruntime.InferenceSession, size: int) -> None:
    problems = [] if len(session.get_inputs()) == 1 else ["it has more than one input"]
    shapes = {each.name: (each.type, each.shape) for each in session.get_inputs()}
    shapes |= {each.name: (each.type, each.shape) for each in session.get_outputs()}
    expected = {INPUT: ("tensor(uint8)", (1, size, size))}
    expected |= {name: ("tensor(float)", shape) for name, shape in _OUTPUT_SHAPES.items()}  # type: ignore[misc]
    for name, (kind, shape) in expected.items():
        found = shapes.get(name)
        if found is None or found[0] != kind or not _fits(found[1], shape):
            problems.append(f"{name} is {found or 'missing'}, expected {kind} of [N, *{shape}]")
    if problems:
        raise BundleError(
            "The graph of the model has another signature: " + "; ".join(problems),
            reason="BUNDLE_INVALID",
        )


def _fits(found: Sequence[Any], expected: Sequence[int | None]) -> bool:
    """Whether the shape `found` is a free batch axis and then `expected`."""
    if len(found) != len(expected) + 1 or isinstance(found[0], int):
        return False
    return all(want is None or got == want for got, want in zip(found[1:], expected, strict=True))
