"""How numbers of a report are written for people."""

from typing import Any

NOTHING = "&mdash;"


def with_interval(found: dict[str, Any] | None, digits: int = 3, sign: bool = False) -> str:
    """`0.912 (0.880-0.940)`, or a dash where there is no value."""
    if found is None or found.get("value") is None:
        return NOTHING
    plus = "+" if sign else ""
    value = f"{found['value']:{plus}.{digits}f}"
    if found.get("low") is None:
        return value
    between = " to " if sign else "&ndash;"
    return f"{value} ({found['low']:{plus}.{digits}f}{between}{found['high']:{plus}.{digits}f})"


def number(value: float | None, digits: int = 3) -> str:
    """A number, or a dash where there is none."""
    return NOTHING if value is None else f"{value:.{digits}f}"
