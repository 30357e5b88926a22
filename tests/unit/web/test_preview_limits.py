"""Pictures of files that are wide, long, damaged or hostile: stretched, small, or none."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from services.web import previews as module
from services.web.previews import Previews
from tests.images import draw_texture, png_bytes, tiff_bytes


@pytest.fixture
def previews(tmp_path: Path) -> Previews:
    for name in ("images", "previews"):
        (tmp_path / name).mkdir()
    return Previews(tmp_path / "images", tmp_path / "previews")


def _huge_png() -> bytes:
    """A few bytes that claim ten thousand million pixels."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    length = struct.pack(">I", len(header))
    return b"\x89PNG\r\n\x1a\n" + length + chunk + struct.pack(">I", zlib.crc32(chunk))


async def test_sixteen_bits_are_stretched_between_dark_and_bright(
    previews: Previews, tmp_path: Path
) -> None:
    # Given: greys that use a small part of what sixteen bits can hold
    texture = draw_texture(300, 400)
    wide = texture.astype(np.uint16) * 20 + 1000
    (tmp_path / "images" / "a").write_bytes(tiff_bytes(wide))

    # When
    path = await previews.get("a")

    # Then
    assert path is not None
    with Picture.open(path) as picture:
        shown = np.asarray(picture, dtype=float)
    assert shown.shape == (300, 400)
    assert shown.min() < 15
    assert shown.max() > 240
    assert np.corrcoef(shown.ravel(), texture.ravel())[0, 1] > 0.98


async def test_a_large_image_becomes_small_and_is_made_once(
    previews: Previews, tmp_path: Path
) -> None:
    # Given
    (tmp_path / "images" / "a").write_bytes(png_bytes(draw_texture(400, 3200)))

    # When
    path = await previews.get("a")

    # Then
    assert path is not None
    with Picture.open(path) as picture:
        assert picture.size == (1600, 200)
    made = path.stat().st_mtime_ns
    assert await previews.get("a") == path
    assert path.stat().st_mtime_ns == made


@pytest.mark.parametrize("data", [b"", b"no image", png_bytes(draw_texture())[:500], _huge_png()])
async def test_what_cannot_be_shown_has_no_picture(
    previews: Previews, tmp_path: Path, data: bytes
) -> None:
    # Given
    (tmp_path / "images" / "a").write_bytes(data)

    # Then
    assert await previews.get("a") is None
    assert list((tmp_path / "previews").iterdir()) == []


async def test_a_file_that_is_gone_has_no_picture(previews: Previews) -> None:
    assert await previews.get("a") is None


async def test_a_helper_that_takes_too_long_is_ended(
    previews: Previews, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    (tmp_path / "images" / "a").write_bytes(png_bytes(draw_texture()))
    monkeypatch.setattr(module, "SECONDS", 0.0)

    # Then
    assert await previews.get("a") is None
