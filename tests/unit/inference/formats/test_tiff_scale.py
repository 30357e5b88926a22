"""Pixel sizes as vendors hide them in TIFF tags, and numbers that only look like one."""

import math
import struct
from typing import Any

import pytest

from services.inference.formats import tiff
from services.inference.formats.raster import FileScale
from tests.images import draw_texture, tiff_bytes

GREY = draw_texture(64, 64)

#: As an AMT camera writes it: fields separated by carriage returns.
AMT = (
    "AMT Camera System\r11/18/09\r14:12\r8000\r7.0\r80\r1\rImaging\r"
    "XpixCal={cal}\rYpixCal={cal}\rUnit={unit}\r##fv3"
)


def scale_of(**options: Any) -> FileScale | None:
    """The scale of a TIFF written with `options`."""
    return tiff.open_image(tiff_bytes(GREY, **options)).header.scale


def olympus_sis(pixel_metres: float, offset: int) -> bytes:
    """The Olympus SIS structure with one general block, for a place `offset` in the file."""
    head = struct.pack("<4s6xhhhhh6x32sH", b"SIS0", 0, 12, 1, 0, 126, b"test", 1)
    block = offset + len(head) + 8
    exponent = math.floor(math.log10(pixel_metres))
    size = pixel_metres / 10.0**exponent
    general = struct.pack("<10xhdd8xd2x34s32s", exponent, size, size, 4600.0, b"cam", b"tem")
    return head + struct.pack("<hhI", 1, 1, block) + general


def with_olympus_tag(pixel_metres: float, **options: Any) -> bytes:
    """A TIFF whose tag 33560 points at an Olympus SIS structure at its end."""
    placeholder = 0x7A7A7A7A
    image = tiff_bytes(GREY, extratags=[(33560, 4, 1, placeholder, True)], **options)
    pointer = struct.pack("<I", len(image))
    linked = image.replace(struct.pack("<I", placeholder), pointer)
    return linked + olympus_sis(pixel_metres, len(image))


@pytest.mark.parametrize(
    ("options", "nanometres", "tag"),
    [
        ({"resolution": (1e6, 1e6), "resolutionunit": "centimeter"}, 10.0, "TIFF XResolution"),
        ({"resolution": (2.54e6, 2.54e6), "resolutionunit": "inch"}, 10.0, "TIFF XResolution"),
        (
            {"imagej": True, "resolution": (0.1, 0.1), "metadata": {"unit": "nm"}},
            10.0,
            "ImageJ unit",
        ),
        (
            {"imagej": True, "resolution": (65.5, 65.5), "metadata": {"unit": "micron"}},
            1000 / 65.5,
            "ImageJ unit",
        ),
        (
            {"imagej": True, "resolution": (50.0, 50.0), "metadata": {"unit": "\\u00B5m"}},
            20.0,
            "ImageJ unit",
        ),
        (
            {"ome": True, "metadata": {"PhysicalSizeX": 0.0152, "PhysicalSizeXUnit": "µm"}},
            15.2,
            "OME PhysicalSizeX",
        ),
        (
            {"ome": True, "metadata": {"PhysicalSizeX": 8.5, "PhysicalSizeXUnit": "nm"}},
            8.5,
            "OME PhysicalSizeX",
        ),
        ({"description": AMT.format(cal="65.569", unit="micron")}, 1000 / 65.569, "AMT XpixCal"),
        (
            {"description": "JEM-1400 XpixCal=2520.415YpixCal=2520.415Unit=um"},
            0.3968,
            "AMT XpixCal",
        ),
        (
            {"extratags": [(65003, 2, None, "nm", True), (65009, 12, 1, 12.5, True)]},
            12.5,
            "Gatan tag 65009",
        ),
        (
            {"extratags": [(34682, 2, None, "[Scan]\r\nPixelWidth=1.25e-008\r\n", True)]},
            12.5,
            "FEI tag 34682",
        ),
    ],
)
def test_a_scale_is_found_where_vendors_put_it(
    options: dict[str, Any], nanometres: float, tag: str
) -> None:
    # Given a TIFF with its pixel size in one place
    # When it is opened
    scale = scale_of(**options)

    # Then the size is right, and the place is named
    assert scale is not None
    assert scale.pixel_size_nm == pytest.approx(nanometres, rel=1e-3)
    assert scale.tag == tag


def test_the_olympus_tag_goes_before_the_general_resolution() -> None:
    # Given a private tag that says 15.15 nm and a general one that says 10
    image = with_olympus_tag(15.15e-9, resolution=(1e6, 1e6), resolutionunit="centimeter")

    # When it is opened, then the camera's own word counts
    scale = tiff.open_image(image).header.scale
    assert scale is not None
    assert scale.pixel_size_nm == pytest.approx(15.15)
    assert scale.tag == "Olympus SIS tag 33560"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"resolution": (72, 72), "resolutionunit": "inch"},
        {"resolution": (300, 300), "resolutionunit": "inch"},
        {"resolution": (118, 118), "resolutionunit": "centimeter"},
        {"resolution": (200, 200), "resolutionunit": "none"},
        {"resolution": (1e6, 1e6), "resolutionunit": "none"},
        {"imagej": True, "resolution": (1.0, 1.0)},
        {"imagej": True, "resolution": (1.0, 1.0), "metadata": {"unit": "pixel"}},
        {"imagej": True, "resolution": (1.0, 1.0), "metadata": {"unit": "inch"}},
        {"description": AMT.format(cal="150.000000", unit="um")},
        {"description": AMT.format(cal="0", unit="micron")},
        {"description": AMT.format(cal="1.2.3", unit="micron")},
        {"description": "nominal magnification 8000x"},
        {"extratags": [(65003, 2, None, "1/nm", True), (65009, 12, 1, 12.5, True)]},
        {"extratags": [(33560, 7, 4, b"SIS0", True)]},
    ],
)
def test_what_is_no_calibration_is_no_scale(options: dict[str, Any]) -> None:
    # Given numbers of printers, of other units, of uncalibrated cameras, or broken ones
    # When the file is opened, then its scale is unknown
    assert scale_of(**options) is None
