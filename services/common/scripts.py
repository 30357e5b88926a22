"""The Lua scripts that move images between lanes, leases and outcomes; each is one atomic step.

They stand in lua/, together, for they are one state machine: gateways open and
register, workers claim, renew, release and write, both sweep and forget.
"""

from pathlib import Path

_FOLDER = Path(__file__).with_name("lua")


def script(name: str) -> str:
    """The text of a script, with what all of them share before it."""
    return (_FOLDER / "queue.lua").read_text() + (_FOLDER / f"{name}.lua").read_text()
