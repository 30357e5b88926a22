"""Which image store the settings name."""

from services.common.directory_store import DirectoryImageStore
from services.common.errors import Unavailable
from services.common.image_store import ImageStore
from services.common.settings import S3Settings, StoreSettings

DISK_THREADS = 4
"""Threads that hash and store images: a disk wants a few at a time."""

S3_THREADS = 32
"""The same where each spends its time waiting for a server."""


def open_store(settings: StoreSettings) -> ImageStore:
    """Opens it. Raises Unavailable or Overloaded where it cannot keep images now."""
    if not settings.url:
        return DirectoryImageStore(settings.path, fsync=settings.fsync)
    try:
        from services.common.s3_store import S3ImageStore  # noqa: PLC0415  # only who asks needs it
    except ImportError as error:
        raise Unavailable(
            f"DENSA_STORE_URL names a store on S3, and this is not installed: {error.name}. "
            'Install "densa[s3]".',
            reason="STORE_UNAVAILABLE",
        ) from error
    return S3ImageStore(settings.url, S3Settings())


def store_threads(settings: StoreSettings) -> int:
    """How many images a gateway stores at once."""
    return S3_THREADS if settings.url else DISK_THREADS
