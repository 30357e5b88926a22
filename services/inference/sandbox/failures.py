"""What a caller is told of an image that its decoder did not survive."""

from services.common.errors import InvalidImage


def took_too_long(seconds: float) -> InvalidImage:
    """It was stopped after so long."""
    return InvalidImage(
        f"Reading the image took longer than {seconds:g} s and was stopped. Export it again from "
        "the microscope, uncompressed or as JPEG.",
        reason="DECODE_TIMEOUT",
    )


def took_too_much(memory_bytes: int) -> InvalidImage:
    """It would have needed more memory."""
    return InvalidImage(
        f"Reading the image takes more than {memory_bytes / 2**20:,.0f} MiB of memory and was "
        "stopped. Send a crop or a reduced copy, as 8-bit or 16-bit grey.",
        reason="DECODE_MEMORY",
    )


def crashed(how: str) -> InvalidImage:
    """Its process did not survive it."""
    return InvalidImage(
        f"The process that read this image ended over it ({how}); no other image was touched. "
        "Export it again from the microscope, and keep this file for whoever looks into it.",
        reason="DECODE_CRASHED",
    )
