"""What is asked of Redis, counted by Redis itself while it happens (MONITOR)."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import redis

from services.common import scripts

END = "over"


@dataclass
class Asked:
    """What was asked while it was counted."""

    commands: Counter[str] = field(default_factory=Counter)
    """By clients: scripts by their names, transactions by what is in them."""
    trips: Counter[str] = field(default_factory=Counter)
    """The same, with those of one kind that came one after the other counted once: a pipeline is
    sent and answered as one. About right: two clients may have asked the same at the same time."""
    inside: int = 0
    """What scripts and transactions ran in turn: it takes Redis's time, and is no way to it."""


class Counting:
    """Counts for as long as the context lasts. It slows Redis down: for a sample."""

    def __init__(self, url: str) -> None:
        self.asked = Asked()
        self._client = redis.Redis.from_url(url)
        self._names = {
            self._client.register_script(scripts.script(name)).sha: f"{name}.lua"
            for name in _script_names()
        }
        self._thread = threading.Thread(target=self._read)
        self._begun = threading.Event()

    def __enter__(self) -> Asked:
        self._thread.start()
        self._begun.wait()
        return self.asked

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.echo(END)
        self._thread.join()
        self._client.close()

    def _read(self) -> None:
        before, transaction = "", list[str]()
        with self._client.monitor() as monitor:  # type: ignore[no-untyped-call]
            self._begun.set()
            for found in monitor.listen():
                command = str(found["command"])
                if command.partition(" ") == ("ECHO", " ", END):
                    return
                if found["client_type"] == "lua":
                    self.asked.inside += 1
                    continue
                name = self._name(command)
                if transaction or name == "MULTI":
                    transaction.append(name)
                    if name != "EXEC":
                        continue
                    self.asked.inside += len(transaction) - 2
                    name, transaction = " + ".join(transaction[1:-1]), []
                self.asked.commands[name] += 1
                self.asked.trips[name] += name != before
                before = name

    def _name(self, command: str) -> str:
        verb, _, rest = command.partition(" ")
        return (
            self._names.get(rest[:40], verb.upper()) if "EVALSHA" in verb.upper() else verb.upper()
        )


def _script_names() -> list[str]:
    folder = Path(scripts.__file__).with_name("lua")
    return sorted(path.stem for path in folder.glob("*.lua") if path.stem != "queue")
