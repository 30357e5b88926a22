"""Heat maps as files that any program reads, named by their image."""

from pathlib import Path

import pytest
from PIL import Image as Picture
from typer.testing import CliRunner

from services.client.app import make_app
from services.client.exit_status import ALL, NONE, SOME
from services.client.heat_map_files import HeatMapFolder
from services.client.results import OUTPUTS
from tests.unit.client.fake_service import FakeServer

CELLS = [0, 51, 102, 153, 204, 255]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "biopsy"
    folder.mkdir()
    (folder / "a.tif").write_bytes(b"a")
    (folder / "b.tif").write_bytes(b"truncated")
    return folder


def _classify(server: FakeServer, *arguments: object) -> int:
    given = ["classify", *map(str, arguments), "--address", server.address]
    return CliRunner().invoke(make_app(), given).exit_code


def test_each_output_of_each_image_is_a_png_with_the_cells_and_their_meaning(
    server: FakeServer, folder: Path, tmp_path: Path
) -> None:
    # When
    status = _classify(server, folder, "--heat-maps", tmp_path / "maps")

    # Then: none for the image that failed
    assert status == SOME
    written = {
        str(path.relative_to(tmp_path / "maps")) for path in (tmp_path / "maps").rglob("*.*")
    }
    assert written == {f"biopsy/a.tif.{output}.png" for output in OUTPUTS}
    with Picture.open(tmp_path / "maps/biopsy/a.tif.mesangial.png") as picture:
        picture.load()
        assert (picture.mode, picture.size) == ("L", (3, 2))
        assert list(picture.tobytes()) == CELLS
        told = picture.info
    assert (float(told["lowest"]), float(told["highest"])) == (-1.5, 2.5)
    assert (told["output"], told["image"]) == ("mesangial", "biopsy/a.tif")
    assert told["covers"] == "640 x 470 pixels"
    assert told["model"] == "fake 1 sha256:0"


def test_only_the_outputs_that_are_named_are_asked_for(
    server: FakeServer, folder: Path, tmp_path: Path
) -> None:
    # When
    status = _classify(
        server,
        *(folder / "a.tif", "--heat-maps", tmp_path / "maps"),
        *("--heat-map", "presence", "--heat-map", "mesangial"),
    )

    # Then
    assert status == ALL
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == [
        "a.tif.mesangial.png",
        "a.tif.presence.png",
    ]


def test_a_folder_that_cannot_be_written_is_one_sentence(
    server: FakeServer, folder: Path, tmp_path: Path
) -> None:
    # Given
    (tmp_path / "file").touch()

    # When
    given = ["classify", str(folder), "--heat-maps", str(tmp_path / "file")]
    result = CliRunner().invoke(make_app(), [*given, "--address", server.address])

    # Then
    assert result.exit_code == NONE
    assert "cannot be written" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "image_id", ["../../etc/a", "/etc/a", "..", "a/../../b", ".", "a\\..\\b", "nul\0"]
)
def test_no_name_leads_out_of_the_folder(image_id: str, tmp_path: Path) -> None:
    # When
    path = HeatMapFolder(tmp_path).path(image_id, "presence")

    # Then
    assert path.resolve().is_relative_to(tmp_path.resolve())
    assert ".." not in path.parts
    assert "\0" not in str(path)


def test_two_images_never_have_the_same_file(tmp_path: Path) -> None:
    # Given
    names = ["a/b", "a%2Fb", "a//b", "./a/b", "../a/b", "a/b/", "%2E/a/b", "%/a/b", "%%2E/a/b"]

    # When
    paths = {HeatMapFolder(tmp_path).path(name, "presence") for name in names}

    # Then
    assert len(paths) == len(names)
