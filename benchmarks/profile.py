"""`python -m benchmarks profile gateway|worker`: where a process's CPU time goes, per image."""

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.collapsed import Profile, read_collapsed
from benchmarks.helper import BenchmarkError, helper
from benchmarks.micrographs import FORMATS, write_pool
from benchmarks.orders import LoadAnswer, LoadOrder
from benchmarks.report import table
from benchmarks.results import SERVERS
from benchmarks.stack import Stack, stack
from tests.bundles import write_null_bundle

SAMPLES_PER_SECOND = 200
WRITE_SECONDS = 30.0
TOP = 40


@dataclass(frozen=True)
class ProfileOptions:
    """One profile."""

    process: str
    style: str
    format: str
    concurrency: int
    seconds: int
    native: bool


def parse(arguments: list[str]) -> ProfileOptions:
    """The options of `profile`."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks profile",
        description="Runs one cell with the null model and samples one process with py-spy "
        "(pip install py-spy; it needs the right to trace another process: root on most systems).",
    )
    parser.add_argument("process", choices=("gateway", "worker"))
    parser.add_argument("--style", choices=("unary", "stream"), default="stream")
    parser.add_argument("--format", choices=FORMATS, default="jpeg")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--native", action="store_true", help="look into C as well; slows it down")
    return ProfileOptions(**vars(parser.parse_args(arguments)))


def run(options: ProfileOptions) -> int:
    """Prints the profile. Raises BenchmarkError where it cannot be made."""
    if shutil.which("py-spy") is None:
        raise BenchmarkError("Profiles are made by py-spy, which is not here: pip install py-spy.")
    with tempfile.TemporaryDirectory(prefix="densa-profile-") as name:
        folder = Path(name)
        write_null_bundle(folder / "null")
        pool = write_pool(folder, options.format)
        with (
            stack(folder / "stack", folder / "null") as service,
            helper("benchmarks.load") as load,
        ):
            order = LoadOrder(
                target=service.target,
                pool=str(pool),
                style="unary" if options.style == "unary" else "stream",
                concurrency=options.concurrency,
                seconds=options.seconds,
                processes=service.processes,
            )
            unwatched = load.load(order)  # warms up, and tells the cost without the profiler
            stacks = folder / "stacks"
            with _sampling(options, service, stacks) as sampler:
                load.load(order)
                profile = read_collapsed(_finished(sampler, stacks))
    print(_render(options, unwatched, profile))
    return 0


def _sampling(options: ProfileOptions, service: Stack, out: Path) -> "subprocess.Popen[bytes]":
    pid = str(service.processes[options.process])
    command = ["py-spy", "record", "--pid", pid, "--output", str(out), "--format", "raw"]
    command += ["--duration", str(options.seconds), "--rate", str(SAMPLES_PER_SECOND), "--threads"]
    command += ["--native"] if options.native else ["--nonblocking"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _finished(process: "subprocess.Popen[bytes]", out: Path) -> Iterable[str]:
    if process.wait(WRITE_SECONDS) != 0:
        raise BenchmarkError("py-spy made no profile; its own words stand above.")
    return out.read_text().splitlines()


def _render(options: ProfileOptions, answer: LoadAnswer, profile: Profile) -> str:
    """CPU per image by process, then the sampled one by thread and function."""
    cpu = ", ".join(f"{name} {answer.cpu_ms[name]:.2f}" for name in (*SERVERS, "client"))
    cell = f"{options.style} calls, {options.concurrency} in flight, {options.format}, null model"
    speed = f"{answer.images_per_second:.0f} images/s; CPU ms per image: {cpu}"
    parts = [f"{options.process}, {cell}: {speed}."]
    titles = {
        "thread": profile.threads,
        "function, itself": profile.own,
        "function and all it calls": profile.total,
    }
    for title, samples in titles.items():
        rows = [
            [f"{share * answer.cpu_ms[options.process]:.3f}", f"{share:.1%}", name]
            for name, share in profile.largest(samples, TOP)
        ]
        parts.append(table(["CPU ms/image", "share", title], rows))
    return "\n\n".join(parts)
