"""A client in another language, made from the .proto files alone."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.bundles import write_tiny_bundle
from tests.stack_fixture import RealStack, real_stack

LIS = Path(__file__).parents[1] / "lis"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    folder = tmp_path_factory.mktemp("node")
    write_tiny_bundle(folder / "tiny" / "1")
    with real_stack(folder / "tiny" / "1", folder / "data") as stack:
        yield stack


@pytest.fixture(scope="module")
def node() -> str:
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        _missing("There is no node here.")
    elif not (LIS / "node_modules").exists():
        command = [npm, "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        if subprocess.run(command, cwd=LIS, check=False).returncode:
            _missing("npm could not install @grpc/grpc-js.")
    return str(found)


def _missing(what: str) -> None:
    """Skips on a laptop; in CI everything must be there."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def _micrographs(folder: Path) -> list[Path]:
    files = []
    for grey in (40, 120, 200):
        files.append(folder / f"grey-{grey}.png")
        pixels = np.full((224, 224), grey, np.uint8)
        pixels[::7, ::5] += 20
        cv2.imwrite(str(files[-1]), pixels)
    return files


def _run(node: str, stack: RealStack, files: list[Path]) -> Any:
    done = subprocess.run(
        [node, str(LIS / "client.mjs"), stack.address, *map(str, files)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_lis_reads_health_and_model_and_streams_both_ways(
    node: str, stack: RealStack, tmp_path: Path
) -> None:
    # Given
    files = _micrographs(tmp_path)
    names = [file.name for file in files]

    # When
    said = _run(node, stack, files)

    # Then
    assert said["status"] == "SERVING"
    assert said["model"]["identity"]["digest"].startswith("sha256:")
    assert said["model"]["input"]["maxImageBytes"] == 64 * 1024 * 1024

    many = said["many"]
    assert many["job"]
    assert many["order"][0] == "jobOpened"
    assert many["accepted"] == names
    assert sorted(many["results"]) == sorted(names)
    assert {result["caseId"] for result in many["results"].values()} == {"biopsy 17"}

    alone, streamed = said["one"], many["results"][names[0]]["classification"]
    assert alone["presence"] == streamed["presence"]
    assert [location["location"] for location in streamed["locations"]] == [
        "LOCATION_MESANGIAL",
        "LOCATION_SUBEPITHELIAL",
        "LOCATION_INTRAMEMBRANOUS",
        "LOCATION_SUBENDOTHELIAL",
    ]
    assert "Research Use Only" in streamed["notice"]


def test_a_lis_learns_which_micrograph_is_none_and_why(
    node: str, stack: RealStack, tmp_path: Path
) -> None:
    # When
    many = _run(node, stack, _micrographs(tmp_path))["many"]

    # Then
    rejected = many["rejected"]["no image"]
    assert rejected["code"] == 3
    assert rejected["reason"] == "UNSUPPORTED_FORMAT"
    assert rejected["field"] == "micrograph.image"
    assert "no image" not in many["results"]
