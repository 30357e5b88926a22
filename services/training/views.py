"""Batches of augmented crops, drawn ahead of the network by threads or processes."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.training.augment import draw_view
from services.training.config import TrainConfig
from services.training.dataset import Example
from services.training.packed import PackedExamples, pack
from services.training.phantom_pool import begin_in_pool


class Batch(NamedTuple):
    """N augmented crops."""

    images: NDArray[np.uint8]
    """[N, 1, S, S]."""
    labels: NDArray[np.float32]
    """[N, 5], see View."""
    places: NDArray[np.int8]
    """[N, 5, S/32, S/32]: 0, 1, or -1 for unknown."""
    details: NDArray[np.int8]
    """[N, 5, S/8, S/8]: the same, finer."""


class Views:
    """Draws crops of examples. Each follows from (seed, epoch, place in the order) alone."""

    def __init__(
        self, pool: Executor, examples: Sequence[Example], config: TrainConfig, *, remote: bool
    ) -> None:
        self._pool = pool
        self._given = None if remote else (examples, config)
        self._ahead = 2 * config.threads if remote else 2

    def batches(
        self, epoch: int, order: NDArray[np.int64], bounds: Sequence[int]
    ) -> Iterator[Batch]:
        """The batches of an epoch, in order; the next ones are drawn meanwhile."""
        ahead: deque[Future[Batch]] = deque()
        for first, end in pairwise(bounds):
            chosen = order[first:end]
            ahead.append(self._pool.submit(_draw, self._given, epoch, first, chosen))
            if len(ahead) > self._ahead:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


@contextmanager
def drawing_views(
    examples: Sequence[Example], config: TrainConfig, *, remote: bool | None = None
) -> Iterator[Views]:
    """Views of `examples`, by `config.threads` threads beside a CPU's network.

    A GPU learns faster than threads of one process can draw, so it is fed by as many processes,
    `remote` ones. All of them read one copy of the images.
    """
    with ExitStack() as held:
        if config.device != "cuda" if remote is None else not remote:
            pool: Executor = held.enter_context(ThreadPoolExecutor(config.threads))
            yield Views(pool, examples, config, remote=False)
            return
        packed = pack(examples, Path(held.enter_context(TemporaryDirectory(prefix="densa-"))))
        # Forked processes would inherit locks of libraries' threads, and wait for them for ever.
        pool = held.enter_context(
            ProcessPoolExecutor(
                config.threads,
                get_context("spawn"),
                initializer=_begin,
                initargs=(packed, config),
            )
        )
        held.callback(pool.shutdown, cancel_futures=True)
        yield Views(pool, examples, config, remote=True)


_shared: list[tuple[Sequence[Example], TrainConfig]] = []
"""What a drawing process works on."""


def _begin(packed: PackedExamples, config: TrainConfig) -> None:
    begin_in_pool()
    _shared[:] = [(packed.unpack(), config)]


def _draw(
    given: tuple[Sequence[Example], TrainConfig] | None,
    epoch: int,
    first: int,
    chosen: NDArray[np.int64],
) -> Batch:
    examples, config = given or _shared[0]
    size = config.crop if epoch < config.crop_epochs else config.size
    views = [
        draw_view(
            np.random.default_rng([config.seed, epoch, first + place]),
            examples[number],
            size,
            config.pixel_size_nm,
        )
        for place, number in enumerate(chosen)
    ]
    return Batch(
        np.stack([view.image for view in views])[:, None],
        np.stack([view.labels for view in views]),
        np.stack([view.places for view in views]).astype(np.int8),
        np.stack([view.details for view in views]).astype(np.int8),
    )
