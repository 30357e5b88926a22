"""`python -m services.web`: settings -> page -> run until a signal."""

import signal
import sys

import uvicorn
from pydantic import ValidationError

from services.client.allocation import keep_freed_memory
from services.web.app import make_app
from services.web.settings import WebSettings


def main() -> int:
    """Serves; 1 where the settings would open the page to everybody."""
    # Until uvicorn has handlers of its own: the first process of a container gets no signal that it
    # does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = WebSettings()
    except ValidationError as wrong:
        for one in wrong.errors():
            variable = f"DENSA_WEB_{'_'.join(map(str, one['loc']))}".upper()
            print(f"{variable}: {one['msg'].removeprefix('Input ')}", file=sys.stderr)  # noqa: T201
        return 1
    if not (settings.loopback or settings.user_header or settings.open):
        print(  # noqa: T201  # the one sentence
            f"The page would be open to everybody on {settings.host}. Put a proxy with a login in "
            "front of it and name its header in DENSA_WEB_USER_HEADER, or listen on 127.0.0.1.",
            file=sys.stderr,
        )
        return 1
    keep_freed_memory()
    # File names are in addresses, and are nobody's business: no access log.
    uvicorn.run(
        make_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
