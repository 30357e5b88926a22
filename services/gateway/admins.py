"""Who may change what all others are answered with: whoever knows the admin token."""

import hmac

import grpc

from services.common.errors import Forbidden

TOKEN_KEY = "densa-admin-token"  # noqa: S105  # the key, not the token
"""Metadata by which an operator proves to be one."""


def check_admin(context: grpc.aio.ServicerContext[object, object], token: str) -> None:
    """Raises Forbidden where the caller does not know the gateway's token, or there is none."""
    if not token:
        raise Forbidden(
            "This gateway takes no decisions about models: it was started without "
            "DENSA_GATEWAY_ADMIN_TOKEN.",
            reason="ADMIN_DISABLED",
        )
    given = dict(context.invocation_metadata() or ()).get(TOKEN_KEY, "")
    given = given if isinstance(given, bytes) else given.encode()
    if not hmac.compare_digest(given, token.encode()):
        raise Forbidden(
            f"The metadata {TOKEN_KEY} does not hold this gateway's admin token. With the command: "
            "--token or DENSA_ADMIN_TOKEN.",
            reason="ADMIN_TOKEN_WRONG",
        )
