"""What S3's answers mean to us."""

import contextlib
import re
from collections.abc import Iterator

import structlog
from obstore.exceptions import BaseError

from services.common.errors import DensaError, Unavailable
from services.common.image_store import store_full

log = structlog.get_logger()

FULL = frozenset({"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"})
"""Error codes of servers that have an end. AWS has none."""

REFUSED = re.compile(r"status code: 40[13]|169\.254\.")
"""Wrong credentials; or none were given, and the host has no role that S3 would ask it for."""


@contextlib.contextmanager
def s3_answers(bucket: str, server: str) -> Iterator[None]:
    """Turns obstore's errors into ours; they name the bucket and the server.

    Raises Overloaded where the store is full, else Unavailable.
    """
    try:
        yield
    except (BaseError, OSError) as error:
        raise _meaning(str(error), f"bucket {bucket!r} at {server}") from error


def is_missing(error: FileNotFoundError) -> bool:
    """Whether the object is not there, while its bucket is."""
    return _code(str(error)) != "NoSuchBucket"


def _code(text: str) -> str:
    found = re.search(r"<Code>(\w+)</Code>", text)
    return found.group(1) if found else ""


def _meaning(text: str, place: str) -> DensaError:
    code = _code(text)
    if code in FULL or "status code: 507" in text:
        return store_full()
    if code == "NoSuchBucket":
        said = f"There is no {place}. Create it or set DENSA_STORE_URL."
    elif REFUSED.search(text):
        said = (
            f"The {place} refuses these credentials ({code or 'none found'}). Set "
            "DENSA_S3_ACCESS_KEY and DENSA_S3_SECRET_KEY; they need to list, read, write and "
            "delete there."
        )
    else:
        said = f"The {place} does not do its part: {code or text.splitlines()[0]}"
    # Addresses of objects hold no words of a patient; the answer's other lines may hold requests.
    log.debug("s3_answer", code=code, said=text.splitlines()[0])
    return Unavailable(said, reason="STORE_UNAVAILABLE")
