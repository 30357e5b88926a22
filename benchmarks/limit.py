"""`python -m benchmarks.limit`: the same work in one process, no network (see orders.py).

This is the limit that the service is compared with: the images are decoded,
preprocessed and run by the very code the worker uses, in threads that keep all
cores busy, with nothing around it.
"""

import functools
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.arithmetic import cpu_ms_per_image, percentile, rate
from benchmarks.micrographs import PIXEL_SIZE_NM, read_pool
from benchmarks.orders import LimitAnswer, LimitOrder, answer_orders
from services.inference.bundle import load_classifier
from services.inference.classifier import Classifier
from services.inference.settings import InferenceSettings

Work = Callable[[Sequence[bytes]], None]


@functools.cache
def _classifier(bundle: str, model_threads: int) -> Classifier:
    path = Path(bundle)
    return load_classifier(path, InferenceSettings(bundle=path, threads=model_threads))


@functools.cache
def _images(pool: str) -> list[bytes]:
    return read_pool(Path(pool))


def _work(order: LimitOrder) -> Work:
    classifier = _classifier(order.bundle, order.model_threads)

    def prepare(images: Sequence[bytes]) -> None:
        for image in images:
            classifier.prepare(image, PIXEL_SIZE_NM)

    def classify(images: Sequence[bytes]) -> None:
        classifier.classify([classifier.prepare(image, PIXEL_SIZE_NM) for image in images])

    return prepare if order.task == "prepare" else classify


def measure(order: LimitOrder) -> LimitAnswer:
    """Carries out one order."""
    work, images = _work(order), _images(order.pool)
    threads = 1 if order.task == "latency" else order.threads
    batch = 1 if order.task == "latency" else order.batch
    source = itertools.cycle(
        images[start : start + batch] for start in range(0, len(images) - batch + 1, batch)
    )
    taking = threading.Lock()
    finished: list[float] = []
    durations: list[float] = []
    work(images[:batch])  # what is set up lazily is not measured
    began, cpu_began = time.perf_counter(), time.process_time()
    deadline = began + order.seconds

    def run() -> None:
        while time.perf_counter() < deadline:
            with taking:
                group = next(source)
            group_began = time.perf_counter()
            work(group)
            ended = time.perf_counter()
            durations.append(ended - group_began)
            finished.extend([ended] * len(group))

    with ThreadPoolExecutor(threads) as executor:
        for runner in [executor.submit(run) for _ in range(threads)]:
            runner.result()
    window, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    per_second = rate([began, *sorted(finished)])
    return LimitAnswer(
        images_per_second=per_second,
        cpu_ms=cpu_ms_per_image(cpu, window, len(finished) / window),
        p50_ms=1000.0 * percentile(durations, 50),
    )


def answer(order: dict[str, Any]) -> LimitAnswer:
    """One order as it came over the pipe."""
    return measure(LimitOrder(**order))


if __name__ == "__main__":
    answer_orders(answer)
