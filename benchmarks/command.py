"""One benchmark from options to tables."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks import host
from benchmarks.goals import Goal, judge
from benchmarks.helper import ROOT, BenchmarkError, helper
from benchmarks.micrographs import write_pool
from benchmarks.options import MODELS, Options
from benchmarks.report import render
from benchmarks.results import Results
from benchmarks.session import Session
from services.common.errors import BundleError
from services.inference.bundle import load_bundle
from tests.bundles import write_null_bundle


def run(options: Options) -> int:
    """Runs, prints the tables, and returns the exit status. Raises BenchmarkError."""
    with tempfile.TemporaryDirectory(prefix="densa-bench-") as name:
        folder = Path(name)
        bundles = find_bundles(options, folder)
        results = Results(
            host=host.describe(),
            bundles={model: _identify(path) for model, path in bundles.items()},
            seconds=options.seconds,
            streams=options.streams,
        )
        for model, bundle in results.bundles.items():
            print(f"model {model}: {bundle}", file=sys.stderr)
        pools = {each: write_pool(folder / "pools", each) for each in options.formats}
        with helper("benchmarks.load") as load, helper("benchmarks.limit") as limit:
            session = Session(options, results, load, limit)
            for model, path in bundles.items():
                session.run_model(model, path, pools, folder / model)
    goals = judge(results)
    print(render(results, goals))
    if options.json is not None:
        options.json.write_text(as_json(results, goals))
    return int(options.check and not all(goal.reached for goal in goals))


def find_bundles(options: Options, folder: Path) -> dict[str, Path]:
    """The bundle of each model. Raises BenchmarkError where there is none."""
    bundles = {}
    for model in (each for each in MODELS if each in options.models):
        if model == "null":
            bundles[model] = folder / "bundles" / "null"
            write_null_bundle(bundles[model])
        else:
            bundles[model] = ROOT / options.bundle  # an absolute path stays itself
    return bundles


def _identify(path: Path) -> str:
    try:
        identity = load_bundle(path).identity
    except BundleError as error:
        raise BenchmarkError(
            f"{error.message} Or give another with --bundle, or leave it out: --models null."
        ) from error
    return f"{identity.name} {identity.version} ({identity.digest[:19]})"


def as_json(results: Results, goals: list[Goal]) -> str:
    """Everything that was found."""
    return json.dumps({**asdict(results), "goals": [asdict(goal) for goal in goals]}, indent=2)
