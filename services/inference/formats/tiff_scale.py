"""The pixel size a TIFF states: in the vendors' private tags first, in general ones last.

Nominal magnification is not used: at the same magnification the pixel size of
two installations differs by a factor of three.
"""

import re
from collections.abc import Callable

from tifffile import TiffPage

from services.inference.formats.raster import FileScale, plausible

#: Nanometres in the units that files name. Micro has two code points, and ASCII forms.
_UNITS_NM = {
    **dict.fromkeys(("pm",), 1e-3),
    **dict.fromkeys(("a", "å", "angstrom", "ångström"), 0.1),
    **dict.fromkeys(("nm", "nanometer"), 1.0),
    **dict.fromkeys(("µm", "μm", "um", "\\u00b5m", "micron", "microns", "micrometer"), 1e3),
    **dict.fromkeys(("mm",), 1e6),
    **dict.fromkeys(("cm",), 1e7),
    **dict.fromkeys(("in", "inch"), 2.54e7),
    **dict.fromkeys(("m",), 1e9),
}

#: Pixels per micron that AMT cameras write while they were never calibrated: found unchanged
#: at every magnification of an installation.
_AMT_UNCALIBRATED = 150.0

#: Descriptions are searched this far; calibrations stand near their beginning.
_DESCRIPTION_CHARS = 65_536

_SIS, _FEI_TAGS, _GATAN_UNIT, _GATAN_SCALE = 33560, (34680, 34682), 65003, 65009
_CENTIMETRE, _INCH = 3, 2


def find_scale(page: TiffPage) -> FileScale | None:
    """The first scale found that can be one of an electron micrograph."""
    for read in (_sis, _fei, _gatan, _ome, _amt, _imagej, _resolution):
        scale = _attempt(read, page)
        if scale is not None:
            return scale
    return None


def _attempt(read: Callable[[TiffPage], FileScale | None], page: TiffPage) -> FileScale | None:
    """What `read` finds.

    A private tag in a form nobody documented says nothing about the scale: the image is still
    good, and goes on with the next tag or the finding UNKNOWN_SCALE.
    """
    try:
        return read(page)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError):
        return None


def _sis(page: TiffPage) -> FileScale | None:
    if _SIS not in page.tags:
        return None
    return plausible(float(page.tags[_SIS].value["pixelsizex"]) * 1e9, "Olympus SIS tag 33560")


def _fei(page: TiffPage) -> FileScale | None:
    for tag in _FEI_TAGS:
        if tag in page.tags:
            for section in page.tags[tag].value.values():
                if isinstance(section, dict) and "PixelWidth" in section:
                    return plausible(float(section["PixelWidth"]) * 1e9, f"FEI tag {tag}")
    return None


def _gatan(page: TiffPage) -> FileScale | None:
    if _GATAN_SCALE not in page.tags or _GATAN_UNIT not in page.tags:
        return None
    unit = str(page.tags[_GATAN_UNIT].value)
    return _in_unit(float(page.tags[_GATAN_SCALE].value), unit, "Gatan tag 65009")


def _ome(page: TiffPage) -> FileScale | None:
    text = _description(page)
    size = re.search(r'\bPhysicalSizeX="([^"]{1,40})"', text)
    if size is None:
        return None
    unit = re.search(r'\bPhysicalSizeXUnit="([^"]{1,20})"', text)
    return _in_unit(float(size[1]), unit[1] if unit else "µm", "OME PhysicalSizeX")


def _amt(page: TiffPage) -> FileScale | None:
    text = _description(page)
    match = re.search(r"XpixCal=([0-9.]{1,20})", text)
    unit = re.search(r"Unit=(\w{1,12})", text)
    if match is None or unit is None or float(match[1]) == _AMT_UNCALIBRATED:
        return None
    return _in_unit(1.0 / float(match[1]), unit[1], "AMT XpixCal")


def _imagej(page: TiffPage) -> FileScale | None:
    text = _description(page)
    unit = re.search(r"^unit=(.{1,20})$", text, re.MULTILINE)
    per_unit = _per_unit(page)
    if not text.startswith("ImageJ=") or unit is None or not per_unit:
        return None
    return _in_unit(1.0 / per_unit, unit[1].strip(), "ImageJ unit")


def _resolution(page: TiffPage) -> FileScale | None:
    per_unit = _per_unit(page)
    unit = int(page.tags.valueof("ResolutionUnit", default=_INCH))
    if not per_unit or unit not in {_CENTIMETRE, _INCH}:
        return None
    return _in_unit(1.0 / per_unit, "cm" if unit == _CENTIMETRE else "inch", "TIFF XResolution")


def _per_unit(page: TiffPage) -> float | None:
    value = page.tags.valueof("XResolution")
    return value[0] / value[1] if value else None


def _in_unit(size: float, unit: str, tag: str) -> FileScale | None:
    nanometres = _UNITS_NM.get(unit.strip().lower())
    return plausible(size * nanometres, tag) if nanometres else None


def _description(page: TiffPage) -> str:
    return str(page.description)[:_DESCRIPTION_CHARS]
