"""URLs of Redis: which are understood, and how a password comes into one."""

from urllib.parse import quote, urlsplit


def is_understood(url: str) -> bool:
    """Whether every part of `url` means something.

    redis-py takes what it understands of the rest, which after a password with a slash is
    another host.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme in {"redis", "rediss"}:
            db = parts.path.strip("/")
            _ = parts.port  # raises ValueError where it is none
            understood = bool(parts.hostname) and (not db or db.isdecimal())
        else:
            understood = parts.scheme in {"unix", "sentinel"}
    except ValueError:
        return False
    return understood and "@" not in parts.query and not parts.fragment


def with_password(url: str, password: str) -> str:
    """`url` with `password` in it, percent-encoded, unless it names one itself or there is none."""
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    login, _, hosts = place.rpartition("@")
    if not password or ":" in login:
        return url
    return f"{scheme}://{login}:{quote(password, safe='')}@{hosts}{slash}{path}"
