"""Heat maps as files: a grey PNG for each, one pixel per cell, with what is needed to read it.

FOLDER/biopsy-17/a.tif.mesangial.png holds the map as the service gave it: 0 is the lowest
evidence and 255 the highest. Its text chunks say what these are in the model's own units, and
which part of the image the map covers: all columns, and the rows above a banner.
"""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from services.client.results import HeatMap, MicrographResult
from services.client.writers import OutputError

PNG = b"\x89PNG\r\n\x1a\n"
PLAIN = " !#$&'()+,;=@[]{}~^"
"""What may stand in a file's name as it is, besides letters, digits and _.-"""


@dataclass(frozen=True, slots=True)
class HeatMapFolder:
    """Takes the heat maps of results."""

    folder: Path

    def take(self, result: MicrographResult) -> None:
        """Writes each of its heat maps, whole or not at all. Raises OutputError."""
        if result.classification is None:
            return
        answer = result.classification
        told = {
            "Software": "densa",
            "image": result.image_id,
            "model": f"{answer.model.name} {answer.model.version} {answer.model.digest}",
            "covers": f"{answer.input.width} x {answer.input.analysed_height} pixels",
            "notice": answer.notice,
        }
        for one in answer.heat_maps:
            target = self.path(result.image_id, one.output)
            partial = target.with_name(f"{target.name}.partial")
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                partial.write_bytes(to_png(one, told))
                partial.replace(target)
            except OSError as error:
                raise OutputError(f"{target} cannot be written: {error.strerror}.") from error

    def path(self, image_id: str, output: str) -> Path:
        """Of a heat map: two image_ids never have the same, and none leads out of the folder."""
        *folders, name = image_id.split("/")
        return self.folder.joinpath(*map(_safe, folders), f"{_safe(name)}.{output}.png")


def to_png(one: HeatMap, told: dict[str, str]) -> bytes:
    """A heat map as a PNG file of eight bits of grey."""
    own = {"output": one.output, "lowest": repr(one.lowest), "highest": repr(one.highest)}
    rows = (one.values[at : at + one.columns] for at in range(0, len(one.values), one.columns))
    return b"".join(
        [
            PNG,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", one.columns, one.rows, 8, 0, 0, 0, 0)),
            *(_text(key, value) for key, value in {**told, **own}.items()),
            _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _text(key: str, value: str) -> bytes:
    """International text, neither compressed nor translated."""
    return _chunk(b"iTXt", key.encode() + b"\0\0\0\0\0" + value.encode("utf-8", "replace"))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _safe(part: str) -> str:
    quoted = quote(part, safe=PLAIN)
    return quoted if quoted.strip(".") else f"%{quoted}"
