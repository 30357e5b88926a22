"""`densa demo` and `densa up` as a newcomer meets them: started, used, stopped, started again."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import psutil
import pytest
from densa.v1 import classification_service_pb2 as pb
from densa.v1.classification_service_pb2_grpc import ClassificationServiceStub
from densa.v1.micrograph_pb2 import Micrograph

from services.client import ClientOptions, DensaClient
from services.stack.samples import load_samples
from tests.bundles import write_tiny_bundle

LIMIT = 90.0
"""Seconds after which a step counts as broken."""


@dataclass(frozen=True)
class Place:
    """A machine's worth of directories, and the environment that names them."""

    root: Path
    bundle: Path

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.root / "data"

    @property
    def environment(self) -> dict[str, str]:
        """Without a repository around it, and with a temporary directory of its own."""
        return {
            **os.environ,
            "TMPDIR": str(self.root / "tmp"),
            "DENSA_STACK_DATA": str(self.data),
            "DENSA_INFERENCE_BUNDLE": str(self.bundle),
        }

    def command(self, *arguments: str) -> list[str]:
        """The `densa` of this environment."""
        return [str(Path(sys.executable).with_name("densa")), *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Run it until the block ends, as the leader of a terminal's foreground group."""
        with subprocess.Popen(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def left_behind(self) -> list[str]:
        """Locks and temporary files."""
        names = ("redis", "images", "logs", "admin-token", "page")
        known = {self.data / name for name in names}
        entries = [*(self.root / "tmp").iterdir(), *self.data.iterdir()]
        return [str(entry) for entry in entries if entry not in known]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "tmp").mkdir()
    bundle = tmp_path / "tiny" / "1"
    write_tiny_bundle(bundle)
    return Place(tmp_path, bundle)


def _read_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if match := re.search(pattern, line):
            return match
    raise AssertionError(f"{pattern} never came in:\n{text}")


def _parts(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def _press_ctrl_c(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGINT)


def _all_ended(parts: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(parts, timeout=LIMIT)
    return not alive


def test_the_demo_classifies_its_samples_and_ends(place: Place) -> None:
    # When
    done = place.run("demo", "--exit", "--port", "0")

    # Then
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Densa serves at 127\.0\.0\.1:\d+ with tiny 0\.0\.1", done.stdout)
    assert "For Research Use Only" in done.stdout
    for sample in load_samples():
        assert re.search(rf"{re.escape(sample.image.image_id)} .*\d\.\d\d", done.stdout)
    assert re.search(r"agree with what was drawn in \d+ of 40 outputs", done.stdout)
    assert "\x1b" not in done.stdout
    assert place.left_behind() == []


def test_the_demo_serves_until_ctrl_c_and_starts_again(place: Place) -> None:
    for _ in range(2):
        # Given
        with place.started("demo", "--port", "0") as process:
            _read_until(process, "agree with what was drawn")
            _read_until(process, r"The page: http://127\.0\.0\.1:\d+")
            _read_until(process, "densa classify FOLDER --out results.csv --address")
            parts = _parts(process)
            said = " ".join(" ".join(part.cmdline()) for part in parts)
            for room in ("redis", "services.worker", "services.gateway", "services.web"):
                assert room in said

            # When
            _press_ctrl_c(process)

            # Then
            assert process.wait(timeout=LIMIT) == 0
            assert _all_ended(parts)
            assert place.left_behind() == []


def _results_of(address: str, *, job: str = "") -> tuple[str, list[str]]:
    """The name of a new or resumed job, and the results that come without a word more."""
    image = load_samples()[0].image
    requests = [pb.ClassifyMicrographsRequest(open_job=pb.OpenJob(job=job))]
    if not job:
        micrograph = Micrograph(image_id="kept", image=image.read(limit=None))
        requests.append(pb.ClassifyMicrographsRequest(micrograph=micrograph))
    with grpc.insecure_channel(address) as channel:
        answers = ClassificationServiceStub(channel).ClassifyMicrographs(
            iter(requests), timeout=LIMIT
        )
        answered = list(answers)
    results = [a.result.image_id for a in answered if a.WhichOneof("response") == "result"]
    return answered[0].job_opened.job, results


def test_a_job_is_there_after_a_stop(place: Place) -> None:
    # Given
    with place.started("up", "--port", "0") as process:
        job, before = _results_of(_read_until(process, r"serves at (\S+)")[1])
        _press_ctrl_c(process)
        process.wait(timeout=LIMIT)

    # When
    with place.started("up", "--port", "0") as process:
        address = _read_until(process, r"serves at (\S+)")[1]
        resumed, after = _results_of(address, job=job)

    # Then
    assert resumed == job
    assert before == after == ["kept"]


def test_files_where_it_is_started_do_not_matter(place: Place) -> None:
    # Given
    for name in ("services", "redis", "celery", "grpc"):
        (place.root / f"{name}.py").write_text("raise SystemExit('the wrong one')")

    # When
    done = place.run("demo", "--exit", "--port", "0")

    # Then
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "moment", ["Waiting for Redis", "Waiting for the gateway", "Waiting for a worker"]
)
@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_during_the_start_leaves_nothing(place: Place, moment: str, presses: int) -> None:
    # Given
    with place.started("up", "--port", "0") as process:
        _read_until(process, moment)
        parts = _parts(process)

        # When
        for _ in range(presses):
            _press_ctrl_c(process)

        # Then
        assert process.wait(timeout=LIMIT) == 130
        assert _all_ended(parts)
        assert place.left_behind() == []


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()


def _hang_up(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGHUP)


@pytest.mark.parametrize("stop", [_end, _hang_up])
def test_a_stop_and_a_closed_terminal_end_everything(
    place: Place, stop: Callable[[subprocess.Popen[str]], None]
) -> None:
    # Given
    with place.started("up", "--port", "0") as process:
        _read_until(process, "Ctrl-C stops everything")
        parts = _parts(process)

        # When
        stop(process)

        # Then
        assert process.wait(timeout=LIMIT) == 0
        assert _all_ended(parts)
        assert place.left_behind() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to its parent")
def test_a_supervisor_that_is_killed_takes_everything_with_it(place: Place) -> None:
    # Given
    with place.started("up", "--port", "0") as process:
        _read_until(process, "Ctrl-C stops everything")
        parts = _parts(process)

        # When
        process.kill()

        # Then
        assert _all_ended(parts)

    # And the next start is none the worse
    done = place.run("demo", "--exit", "--port", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert place.left_behind() == []


def test_a_part_that_dies_is_started_again(place: Place) -> None:
    # Given
    with place.started("up", "--port", "0") as process:
        address = _read_until(process, r"serves at (\S+)")[1]
        _read_until(process, "Ctrl-C stops everything")
        gateway = next(part for part in _parts(process) if "services.gateway" in part.cmdline())

        # When
        gateway.kill()

        # Then
        _read_until(process, r"The gateway ended with status -9; starting it again in 0\.5 s")
        patient = ClientOptions(attempts=1000, query_deadline=LIMIT)
        with DensaClient(address, patient) as densa:
            results = list(densa.classify_many([load_samples()[0].image]))
        assert [result.error for result in results] == [None]


def test_a_port_in_use_is_one_sentence(place: Place) -> None:
    # Given
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        # When
        done = place.run("up", "--port", str(port))

    # Then
    assert done.returncode == 1
    assert done.stderr == (
        f"densa: Port {port} on 127.0.0.1 is already in use. Stop what listens there, or choose "
        "another port with --port PORT (0 takes any free one).\n"
    )
    assert place.left_behind() == []


def test_a_second_stack_on_the_same_data_is_told_so(place: Place) -> None:
    # Given
    with place.started("up", "--port", "0") as process:
        _read_until(process, "Waiting for the gateway")

        # When
        done = place.run("up", "--port", "0")

    # Then
    assert done.returncode == 1
    assert f"A stack already runs on {place.data} (process {process.pid})" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_home_that_cannot_be_written_is_said_with_what_to_do(place: Place) -> None:
    # When
    done = subprocess.run(
        place.command("up", "--port", "0"),
        env={
            **{k: v for k, v in place.environment.items() if k != "DENSA_STACK_DATA"},
            "HOME": "/proc/nobody",
            "XDG_STATE_HOME": "",
        },
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )

    # Then
    assert done.returncode == 1
    assert "Cannot write to the data directory /proc/nobody/.local/state/densa" in done.stderr
    assert "--data DIR or DENSA_STACK_DATA" in done.stderr


def test_a_worker_that_cannot_load_its_model_is_shown_with_its_log(place: Place) -> None:
    # Given
    (place.bundle / "model.onnx").write_bytes(b"something else")

    # When
    done = place.run("up", "--port", "0")

    # Then
    assert done.returncode == 1
    assert "worker-1" in done.stderr
    assert "worker_cannot_start" in done.stderr
    assert place.left_behind() == []
