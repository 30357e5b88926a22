"""Tracebacks without the words of exceptions, which may quote an image or a request."""

import traceback

MOST = 8
"""Exceptions of a chain that are shown."""


def safe_traceback(error: BaseException) -> str:
    """Types of the chain of exceptions and where each was raised; never a message of one."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(parts) < MOST:
        frames = "".join(
            f"\n  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(seen.__traceback__)
        )
        parts.append(f"{type(seen).__module__}.{type(seen).__qualname__}{frames}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\nwhile handling ".join(parts)
