"""Questions to the Redis of a stack, asked with redis-cli: it stands beside every redis-server."""

import shutil
import subprocess
from pathlib import Path

from services.stack.errors import StackError
from services.stack.redis_server import find_redis_server


class RedisCli:
    """redis-cli on one socket. Every method raises StackError."""

    def __init__(self, socket: Path) -> None:
        beside = find_redis_server().binary.with_name("redis-cli")
        found = str(beside) if beside.exists() else shutil.which("redis-cli")
        if found is None:
            raise StackError(
                "There is no redis-cli. Install it with the system's package manager "
                "(Debian: redis-tools)."
            )
        self._command = [found, "-s", str(socket), "--no-auth-warning"]

    def ask(self, *words: str) -> str:
        """What Redis answers, as text."""
        asked = subprocess.run(
            [*self._command, *words], capture_output=True, text=True, check=False
        )
        answer = asked.stdout.strip()
        if asked.returncode or answer.startswith(("ERR", "LOADING", "MISCONF")):
            raise StackError(f"Redis does not do {words[0]}: {answer or asked.stderr.strip()}")
        return answer

    def info(self, name: str) -> str:
        """One line of INFO; empty where there is none."""
        lines = dict(line.split(":", 1) for line in self.ask("INFO").splitlines() if ":" in line)
        return lines.get(name, "").strip()

    def snapshot(self, target: Path) -> None:
        """All that Redis holds, as it was at one moment, into an RDB file."""
        asked = subprocess.run(
            [*self._command, "--rdb", str(target)], capture_output=True, text=True, check=False
        )
        if asked.returncode or not target.exists():
            raise StackError(f"Redis gave no snapshot: {asked.stderr.strip()}")
