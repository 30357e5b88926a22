"""What every request passes: the proxy's login, no foreign page's requests, a strict CSP."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_HEADER = "X-Densa-Page"
"""Set by our scripts. A form or image of another site cannot; its scripts would have to ask."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guards:
    """ASGI middleware.

    Args:
        app: What is guarded.
        user_header: Where the proxy names who is logged in; empty: no login.
    """

    def __init__(self, app: ASGIApp, user_header: str = "") -> None:
        self._app = app
        self._user_header = user_header

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or go on with our headers on the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> JSONResponse | None:
        if self._user_header and not headers.get(self._user_header):
            return JSONResponse({"error": "You are not logged in."}, 401)
        if method in ("GET", "HEAD"):
            return None
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return JSONResponse({"error": "Another site asked for this."}, 403)
        if headers.get(PAGE_HEADER) != "1":
            return JSONResponse({"error": f"The header {PAGE_HEADER}: 1 is missing."}, 403)
        return None
