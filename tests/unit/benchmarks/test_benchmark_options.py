"""What can be asked for on the command line of a benchmark."""

from pathlib import Path

import pytest

from benchmarks import command
from benchmarks.command import find_bundles
from benchmarks.helper import ROOT, BenchmarkError
from benchmarks.limits import configurations
from benchmarks.options import SHIPPED_BUNDLE, parse
from services.inference.bundle import load_bundle


def test_the_default_is_everything() -> None:
    # When
    options = parse([])
    # Then
    assert options.models == ("resnet18", "null")
    assert options.formats == ("jpeg", "tiff")
    assert options.concurrency == (1, 16, 64)
    assert options.bundle == SHIPPED_BUNDLE


def test_quick_is_shorter_in_everything() -> None:
    # When
    quick, whole = parse(["--quick"]), parse([])
    # Then
    assert quick.seconds < whole.seconds
    assert quick.repeats < whole.repeats
    assert quick.memory_images < whole.memory_images


@pytest.mark.parametrize(
    "arguments",
    [["--models", "vgg"], ["--formats", "png"], ["--concurrency", "0"], ["--seconds", "0"]],
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    # When
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    # Then
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_the_null_model_needs_no_bundle(tmp_path: Path) -> None:
    # When
    bundles = find_bundles(parse(["--models", "null", "--bundle", "/nowhere"]), tmp_path)
    # Then
    assert list(bundles) == ["null"]
    assert load_bundle(bundles["null"]).identity.name == "null"


def test_a_missing_bundle_is_never_replaced(tmp_path: Path) -> None:
    # Given
    options = parse(["--models", "resnet18", "--bundle", str(tmp_path / "none")])
    # When
    with pytest.raises(BenchmarkError) as raised:
        command.run(options)
    # Then
    assert str(tmp_path / "none") in str(raised.value)
    assert "--models null" in str(raised.value)


def test_a_bundle_is_looked_for_from_the_root_of_the_repository(tmp_path: Path) -> None:
    # When
    bundles = find_bundles(parse(["--models", "resnet18"]), tmp_path)
    # Then
    assert bundles == {"resnet18": ROOT / SHIPPED_BUNDLE}


def test_every_way_to_the_limit_keeps_all_cores_busy() -> None:
    # When
    ways = configurations(8)
    # Then
    assert all(way.threads >= 8 for way in ways)
    assert len({str(way) for way in ways}) == len(ways)
