"""Real decoder processes: what they read, and what they do not survive."""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest

from services.common.errors import DensaError, InvalidImage, InvalidRequest, Unavailable
from services.inference.classifier import PreparedImage
from services.inference.decoding import DecodeLimits
from services.inference.preparation import prepare_image
from services.inference.preprocessing import ModelInput
from services.inference.sandbox.sandbox import Sandbox
from tests import hostile_decoder as hostile
from tests.images import draw_texture, jpeg_bytes, png_bytes, tiff_bytes
from tests.waiting import LIMIT_SECONDS, until

MODEL_INPUT = ModelInput(224, 46.0)
LIMITS = DecodeLimits()
MIB = 1024 * 1024
GOOD = jpeg_bytes(draw_texture())
SUMMARY = prepare_image(GOOD, 46.0, MODEL_INPUT, LIMITS, 64).summary


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Two decoders, some of whose images are hostile."""
    sandbox = Sandbox(2, 30.0, 512 * MIB, "tests.hostile_decoder")
    yield sandbox
    sandbox.close()


@contextlib.contextmanager
def short_of(seconds: float = 30.0, memory_bytes: int = 512 * MIB) -> Iterator[Sandbox]:
    """One decoder with its own limits."""
    sandbox = Sandbox(1, seconds, memory_bytes, "tests.hostile_decoder")
    try:
        yield sandbox
    finally:
        sandbox.close()


def read(sandbox: Sandbox, image: bytes, pixel_size_nm: float | None = 46.0) -> PreparedImage:
    return sandbox.prepare(image, pixel_size_nm, MODEL_INPUT, LIMITS, 64)


def reason_of(act: Callable[[], object]) -> str:
    with pytest.raises(DensaError) as error:
        act()
    return error.value.reason


def decoders_of(sandbox: Sandbox) -> list[psutil.Process]:
    return psutil.Process(sandbox._server.process.pid).children()


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; one that ended and that nobody has asked after does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    return processes  # one ended just now: ask again


@pytest.mark.parametrize(
    "image",
    [
        GOOD,
        png_bytes(draw_texture().astype(np.uint16) * 200),
        tiff_bytes(draw_texture(600, 900).astype(np.uint16) * 200, compression="zlib"),
    ],
    ids=["jpeg", "png", "tiff of several windows"],
)
def test_a_decoder_process_says_the_very_same_of_an_image(sandbox: Sandbox, image: bytes) -> None:
    # When
    found = read(sandbox, image)

    # Then
    expected = prepare_image(image, 46.0, MODEL_INPUT, LIMITS, 64)
    assert np.array_equal(found.windows.pixels, expected.windows.pixels)
    assert found.windows.boxes == expected.windows.boxes
    assert found.windows.pixel_size_nm == expected.windows.pixel_size_nm
    assert found.windows.assumed == expected.windows.assumed
    assert (found.summary, found.findings) == (expected.summary, expected.findings)
    assert found.pixel_size_tag == expected.pixel_size_tag


def test_what_is_wrong_with_an_image_is_said_in_the_same_words(sandbox: Sandbox) -> None:
    for image, pixel_size in ((GOOD[:300], 46.0), (b"GIF89a", 46.0), (GOOD, float("nan"))):
        with pytest.raises(InvalidRequest) as expected:
            prepare_image(image, pixel_size, MODEL_INPUT, LIMITS, 64)
        with pytest.raises(InvalidRequest) as found:
            read(sandbox, image, pixel_size)
        assert found.value.to_record() == expected.value.to_record()


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (hostile.CRASH, "DECODE_CRASHED"),
        (hostile.BOMB, "DECODE_MEMORY"),
        (hostile.NONSENSE, "DECODE_CRASHED"),
        (hostile.KILLED, "DECODE_CRASHED"),
    ],
)
def test_a_hostile_image_fails_alone_and_at_once(sandbox: Sandbox, end: bytes, reason: str) -> None:
    # When: others are read beside it and after it
    with ThreadPoolExecutor(4) as callers:
        others = [callers.submit(read, sandbox, GOOD) for _ in range(5)]
        failed = callers.submit(read, sandbox, GOOD + end)
        others += [callers.submit(read, sandbox, GOOD) for _ in range(5)]

    # Then
    error = failed.exception()
    assert isinstance(error, InvalidImage)
    assert error.reason == reason
    assert all(other.result().summary == SUMMARY for other in others)
    assert len(decoders_of(sandbox)) <= 2


def test_a_crash_is_told_by_its_signal(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidImage, match="SIGSEGV"):
        read(sandbox, GOOD + hostile.CRASH)


def test_an_image_that_takes_for_ever_is_stopped_in_time() -> None:
    with short_of(seconds=0.5) as sandbox:
        read(sandbox, GOOD)
        began = time.monotonic()

        # When
        reason = reason_of(lambda: read(sandbox, GOOD + hostile.LOOP))

        # Then
        assert reason == "DECODE_TIMEOUT"
        assert time.monotonic() - began < LIMIT_SECONDS
        assert decoders_of(sandbox) == []
        assert read(sandbox, GOOD).summary == SUMMARY


def test_an_ordinary_file_that_is_too_slow_or_too_large_for_its_limits_says_so() -> None:
    # Given: 9 million pixels, nothing hostile about them
    large = draw_texture(3000, 3000)
    files = [
        jpeg_bytes(large),
        png_bytes(large.astype(np.uint16) * 200),
        tiff_bytes(large.astype(np.uint16) * 200, compression="zlib"),
        tiff_bytes(large.astype(np.float32)),
    ]

    # Then
    with short_of(memory_bytes=8 * MIB) as sandbox:
        for file in files:
            assert reason_of(functools.partial(read, sandbox, file)) == "DECODE_MEMORY"
    with short_of(memory_bytes=28 * MIB) as sandbox:  # enough to decode, not for all that follows
        assert reason_of(lambda: read(sandbox, files[2])) == "DECODE_MEMORY"
    with short_of(seconds=0.01) as sandbox:
        assert reason_of(lambda: read(sandbox, files[1])) == "DECODE_TIMEOUT"


@pytest.mark.parametrize("victim", ["decoder", "fork server"])
async def test_an_image_is_not_blamed_for_a_process_that_somebody_killed(victim: str) -> None:
    with short_of() as sandbox:
        # Given
        read(sandbox, GOOD)
        server, (decoder,) = sandbox._server.process.pid, decoders_of(sandbox)

        # When
        os.kill(decoder.pid if victim == "decoder" else server, signal.SIGKILL)
        await until(lambda: not running([decoder]))

        # Then
        assert read(sandbox, GOOD).summary == SUMMARY
        assert len(decoders_of(sandbox)) == 1


def test_a_fork_server_that_does_not_start_is_not_the_images_fault() -> None:
    sandbox = Sandbox(1, 30.0, 512 * MIB, "tests.no_such_module")
    with pytest.raises(Unavailable):
        read(sandbox, GOOD)
    sandbox.close()


async def test_decoders_wait_for_their_worker_to_stop_them_and_have_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given
    monkeypatch.setenv("DENSA_REDIS_URL", "redis://:secret@host")
    with short_of() as sandbox:
        read(sandbox, GOOD)
        server, decoders = psutil.Process(sandbox._server.process.pid), decoders_of(sandbox)

        # When: Ctrl-C in a terminal, or the end of a service, reaches all of its processes
        for process in (server, *decoders):
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)

        # Then
        read(sandbox, GOOD)
        assert decoders_of(sandbox) == decoders
        assert not [name for name in decoders[0].environ() if name.startswith("DENSA_")]
        assert server.num_threads() == 1, "a fork of a process of many threads is not safe"

    # And
    await until(lambda: not running([server, *decoders]))


OWNER = """
import sys
from tests.integration.test_sandbox import GOOD, Sandbox, hostile, read
sandbox = Sandbox(1, 3000.0, 2**29, "tests.hostile_decoder")
read(sandbox, GOOD + hostile.TRACE + sys.argv[1].encode())
"""


async def test_a_worker_that_is_killed_takes_its_decoders_along(tmp_path: Path) -> None:
    # Given: a decoder in the midst of an image
    trace = tmp_path / "pid"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *sys.path])}
    owner = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", OWNER, str(trace)], env=environment, cwd=root
    )
    await until(lambda: trace.exists() and trace.read_text())
    processes = psutil.Process(owner.pid).children(recursive=True)
    assert int(trace.read_text()) in {process.pid for process in processes}

    # When
    owner.kill()
    owner.wait()

    # Then
    await until(lambda: not running(processes))
