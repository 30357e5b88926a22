"""What may be sent, and under which id."""

import os
from pathlib import Path

import pytest

from services.client.errors import InvalidRequest, UnreadableFile
from services.client.images import LONGEST_ID, Image, ImageIds, as_image


def test_text_is_a_path_and_bytes_are_pixels() -> None:
    assert as_image("a.tif") == Image(Path("a.tif"))
    assert as_image(b"pixels") == Image(b"pixels")


def test_a_file_is_read_when_asked(tmp_path: Path) -> None:
    # Given
    file = tmp_path / "a.tif"
    image = Image(file)
    file.write_bytes(b"pixels")

    # When / Then
    assert image.read(limit=6) == b"pixels"


@pytest.mark.parametrize("source", [b"too many", Path("file")])
def test_what_is_too_large_is_refused_before_it_is_sent(
    tmp_path: Path, source: bytes | Path
) -> None:
    # Given
    if isinstance(source, Path):
        source = tmp_path / source
        source.write_bytes(b"too many")

    # When / Then
    with pytest.raises(InvalidRequest, match="8 bytes; the service takes at most 7") as caught:
        Image(source).read(limit=7)
    assert (caught.value.reason, caught.value.field) == ("IMAGE_TOO_LARGE", "image")


def test_a_folder_is_no_readable_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="Is a directory"):
        Image(tmp_path).read(limit=None)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    # Given
    os.mkfifo(tmp_path / "pipe.tif")

    # When / Then
    with pytest.raises(UnreadableFile, match="is a pipe or a device"):
        Image(tmp_path / "pipe.tif").read(limit=None)


def test_ids_are_numbered_where_a_name_comes_twice() -> None:
    # Given
    ids = ImageIds()

    # When
    made = [ids.make("a.tif") for _ in range(3)]

    # Then
    assert made == ["a.tif", "a.tif~2", "a.tif~3"]


@pytest.mark.parametrize("name", ["a\nb.tif", "caf\udce9.tif", "", "x" * 500, "ü" * 200 + ".tif"])
def test_any_name_makes_a_valid_id(name: str) -> None:
    # When
    first, second = ImageIds().make(name), ImageIds().make(name)

    # Then
    assert first == second
    assert 1 <= len(first) <= LONGEST_ID
    assert first.isprintable()
    assert first.encode()


def test_long_names_that_end_alike_get_ids_of_their_own() -> None:
    # Given
    ids = ImageIds()
    end = "/field.tif".rjust(200, "x")

    # When
    made = {ids.make("a" + end), ids.make("b" + end), ids.make("a" + end)}

    # Then
    assert len(made) == 3


def test_an_image_keeps_the_id_that_it_has() -> None:
    # Given
    ids = ImageIds()

    # Then
    assert ids.identified(Image(b"", image_id="mine")).image_id == "mine"
    assert ids.identified(Image(Path("folder/a.tif"))).image_id == "a.tif"
    assert ids.identified(Image(b"")).image_id == "image"
