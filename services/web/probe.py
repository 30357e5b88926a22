"""`python -m services.web.probe`: 0 where this host's page answers, else 1 and why.

For the health checks of containers. It names a user, as the proxy in front of the page does.
"""

import sys
import urllib.error
import urllib.request

from services.web.settings import WebSettings

ANSWER_SECONDS = 3.0


def ask(settings: WebSettings) -> str:
    """`answers`, or why not."""
    headers = {"Host": settings.allowed_hosts.split(",")[0]}
    if settings.user_header:
        headers[settings.user_header] = "probe"
    request = urllib.request.Request(f"http://127.0.0.1:{settings.port}/", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310  # http, see above
            return "answers"
    except urllib.error.HTTPError as error:
        return f"the page answers {error.code}"
    except OSError as error:
        return f"no answer from 127.0.0.1:{settings.port}: {error}"


def main() -> int:
    """Prints what was found."""
    found = ask(WebSettings())
    sys.stdout.write(found + "\n")
    return 0 if found == "answers" else 1


if __name__ == "__main__":
    sys.exit(main())
