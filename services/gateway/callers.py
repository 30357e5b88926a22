"""Who calls: the name under which a submitter takes turns with others."""

import re
from urllib.parse import unquote

import grpc

CLIENT_KEY = "densa-client"
"""Metadata by which a caller says who it is. Nobody checks it: it shares, it does not protect."""

MAX_CHARACTERS = 64


def submitter_of(context: grpc.aio.ServicerContext[object, object]) -> str:
    """What the caller calls itself, else the address it calls from, without the port."""
    for key, value in context.invocation_metadata() or ():
        if key == CLIENT_KEY and isinstance(value, str) and value:
            return f"client:{value[:MAX_CHARACTERS]}"
    return re.sub(r"^(ipv[46]:.*):\d+$", r"\1", unquote(context.peer()))
