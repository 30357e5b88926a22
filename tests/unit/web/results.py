"""Results as the page keeps them."""

import base64
from typing import Any

from services.client.results import OUTPUTS

NOTICE = "For Research Use Only. Not for use in diagnostic procedures."


def answer(probability: float = 0.9, *, version: str = "1.0.0", **calls: str) -> dict[str, Any]:
    """A classification; outputs are called positive where `calls` does not say otherwise."""
    return {
        "outputs": {
            str(name): {"probability": probability, "call": calls.get(name, "positive")}
            for name in OUTPUTS
        },
        "findings": [{"code": "UNKNOWN_SCALE", "message": "No pixel size: assumed."}],
        "input": {
            "width": 400,
            "height": 300,
            "analysed_height": 270,
            "bit_depth": 16,
            "format": "TIFF",
            "pixel_size_nm": 5.0,
            "pixel_size_source": "file",
        },
        "model": {"name": "tiny", "version": version, "digest": "sha256:abc"},
        "notice": NOTICE,
        "heat_maps": {str(name): _heat_map(number) for number, name in enumerate(OUTPUTS)},
    }


def _heat_map(number: int) -> dict[str, Any]:
    values = base64.b64encode(bytes([0, 60 * number, 128, 255])).decode()
    return {"rows": 2, "columns": 2, "values": values, "lowest": -1.0, "highest": 3.0}


def error(reason: str = "CORRUPT_IMAGE") -> dict[str, Any]:
    """Why there is no classification."""
    return {"error": {"reason": reason, "message": "The file is damaged."}}


def case(images: int = 1, *, final: bool = True, behind: tuple[str, ...] = ()) -> dict[str, Any]:
    """An answer for a case."""
    supporting = [{"image_id": one, "probability": 0.9, "call": "positive"} for one in behind]
    return {
        "final": final,
        "images": images,
        "failed": 0,
        "calibrated": True,
        "notice": NOTICE,
        "outputs": {
            str(name): {"probability": 0.8, "call": "positive", "supporting_images": supporting}
            for name in OUTPUTS
        },
        "models": [{"name": "tiny", "version": "1.0.0", "digest": "sha256:abc"}],
    }
