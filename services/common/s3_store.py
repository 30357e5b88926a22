"""An image store on S3, or on a server that speaks its language.

An image is one object, written by one request: there whole or not at all, and read back from
the moment on that it is kept. Names begin with the job's, which is random, so that the
server's own parts share the load.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.store import S3Store

from services.common.errors import Unavailable
from services.common.image_store import StoreUse
from services.common.s3_errors import is_missing, s3_answers
from services.common.settings import S3Settings

if TYPE_CHECKING:  # they are in obstore's stubs alone
    from obstore.store import ClientConfig, RetryConfig, S3Config

CONNECT_SECONDS = 5.0

RETRIES, RETRY_SECONDS = 2, 30.0
"""How often a request that failed, or was told to slow down, is sent again, and until when."""

CLOCK = ".clock"
"""An object that tells the server's time."""

PAGE = 1000
"""Names in an answer to a listing: the most that S3 gives."""


class S3ImageStore:
    """See ImageStore. `url` is s3://BUCKET or s3://BUCKET/PREFIX.

    Raises Unavailable where the bucket cannot be listed and written to, Overloaded where it has
    no room.
    """

    count_seconds = 600.0  # a request for each thousand images

    def __init__(self, url: str, settings: S3Settings) -> None:
        scheme, _, place = url.partition("://")
        self._bucket, _, prefix = place.partition("/")
        if scheme != "s3" or not self._bucket:
            raise Unavailable(
                f"DENSA_STORE_URL is {url!r}. It should be s3://BUCKET or s3://BUCKET/PREFIX.",
                reason="STORE_UNAVAILABLE",
            )
        self._server = settings.endpoint or f"AWS ({settings.region})"
        self._store = _connect(self._bucket, prefix.strip("/"), settings)
        self._now()
        next(self._pages(), None)

    def put(self, key: str, image: bytes) -> None:
        """See ImageStore."""
        with s3_answers(self._bucket, self._server):
            obstore.put(self._store, key, image, use_multipart=False)

    def get(self, key: str) -> bytes | None:
        """See ImageStore."""
        with s3_answers(self._bucket, self._server):
            try:
                return bytes(obstore.get(self._store, key).bytes())
            except FileNotFoundError as error:
                if is_missing(error):  # the object, and not the bucket
                    return None
                raise

    def delete(self, key: str) -> None:
        """See ImageStore."""
        with s3_answers(self._bucket, self._server):
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError as error:  # S3 says nothing, others may
                if not is_missing(error):
                    raise

    def older_than(self, seconds: float) -> Iterator[tuple[str, str]]:
        """See ImageStore. A page of names is in memory at a time."""
        now = self._now()
        for page in self._pages():
            for key, kept_at, _ in page:
                if now - kept_at >= seconds:
                    yield key.partition(".")[0], key

    def use(self) -> StoreUse:
        """See ImageStore."""
        images = size = 0
        for page in self._pages():
            images += len(page)
            size += sum(bytes_ for _, _, bytes_ in page)
        return StoreUse(images, size, None)

    def _pages(self) -> Iterator[list[tuple[str, float, int]]]:
        """Key, time and bytes of each image, as many at once as the server gives."""
        with s3_answers(self._bucket, self._server):
            for page in obstore.list(self._store, chunk_size=PAGE):
                yield [
                    (entry["path"], entry["last_modified"].timestamp(), entry["size"])
                    for entry in page
                    if entry["path"] != CLOCK
                ]

    def _now(self) -> float:
        """The server's clock, which may differ from this host's. In whole seconds."""
        self.put(CLOCK, uuid.uuid4().bytes)
        with s3_answers(self._bucket, self._server):
            return obstore.head(self._store, CLOCK)["last_modified"].timestamp()


def _connect(bucket: str, prefix: str, settings: S3Settings) -> S3Store:
    """Raises Unavailable where the settings are no such."""
    options: ClientConfig = {
        "allow_http": settings.endpoint.startswith("http://"),
        "timeout": timedelta(seconds=settings.timeout_seconds),
        "connect_timeout": timedelta(seconds=min(CONNECT_SECONDS, settings.timeout_seconds)),
    }
    again: RetryConfig = {
        "max_retries": RETRIES,
        "retry_timeout": timedelta(seconds=RETRY_SECONDS),
    }
    config: S3Config = {"region": settings.region}
    if settings.endpoint:
        config["endpoint"] = settings.endpoint
    if settings.access_key:
        config["access_key_id"] = settings.access_key
        config["secret_access_key"] = settings.secret_key.get_secret_value()
    # Not every server has the bulk request, and images go one at a time.
    config["disable_bulk_delete"] = True
    try:
        if settings.ca_file:
            options["root_certificate"] = Path(settings.ca_file).read_bytes()
        return S3Store(
            bucket, prefix=prefix, config=config, client_options=options, retry_config=again
        )
    except (obstore.exceptions.BaseError, OSError) as error:
        raise Unavailable(
            f"The image store on S3 cannot be set up from DENSA_S3_: {str(error).splitlines()[0]}.",
            reason="STORE_UNAVAILABLE",
        ) from error
