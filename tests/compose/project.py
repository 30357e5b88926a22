"""The whole of docker-compose.yml on a real engine, from the files of this checkout."""

import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

LONGEST_SECONDS = 600


def run(command: Sequence[str], cwd: Path | None = None, **variables: str) -> str:
    """What a command says; an AssertionError with all of it where it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **variables},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
    return done.stdout


def docker(*arguments: str) -> str:
    """What `docker ...` says."""
    return run(["docker", *arguments])


def inspect(name: str) -> dict[str, Any]:
    """What the engine knows of a container or an image."""
    found: dict[str, Any] = json.loads(docker("inspect", name))[0]
    return found


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def copy_checkout(to: Path) -> None:
    """The files that git knows or would take, and no others: what a clone has."""
    names = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT)
    for name in filter(None, names.split("\0")):
        if (source := ROOT / name).is_file():
            target = to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


@dataclass
class Project:
    """One project of Compose; its name is also the tag of its images."""

    folder: Path
    name: str
    settings: dict[str, str]

    @property
    def address(self) -> str:
        """HOST:PORT that clients connect to."""
        return self.settings["DENSA_PUBLISH"]

    @property
    def page(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.settings['DENSA_PUBLISH_PAGE']}"

    def write_settings(self, **more: str) -> None:
        """.env, as an operator has it."""
        self.settings |= more
        lines = [f"{name}='{value}'\n" for name, value in self.settings.items()]
        (self.folder / ".env").write_text("".join(lines))

    def compose(self, *arguments: str) -> str:
        """What `docker compose ...` says."""
        return run(["docker", "compose", *arguments], self.folder, COMPOSE_PROJECT_NAME=self.name)

    def up(self, *arguments: str) -> str:
        """Brings up what is not, and waits until it is healthy."""
        return self.compose("up", "--detach", "--wait", "--wait-timeout", "180", *arguments)

    def roll(self, *services: str) -> str:
        """`deploy/roll`."""
        return run(["deploy/roll", *services], self.folder, COMPOSE_PROJECT_NAME=self.name)

    def containers(self, service: str) -> list[str]:
        """Ids of the containers of a service that run."""
        return self.compose("ps", "--quiet", service).split()

    def crash(self, container: str) -> None:
        """`kill -9` from the host: the restart policy brings it back, as after any crash."""
        os.kill(int(inspect(container)["State"]["Pid"]), signal.SIGKILL)

    def upload(self, micrograph: bytes) -> str:
        """Gives the page an image; its name there."""
        request = urllib.request.Request(
            f"{self.page}/api/images?name=a.png&case=C1&pixel_size_nm=5",
            data=micrograph,
            headers={"X-Densa-Page": "1"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(json.load(answer)["id"])

    def shown(self) -> dict[str, dict[str, Any] | None]:
        """The results of the page's images, by their names there."""
        with urllib.request.urlopen(f"{self.page}/export/results.json", timeout=30) as answer:
            return {one["id"]: one["result"] for one in json.load(answer)["images"]}

    def logs(self) -> str:
        """Of all containers."""
        return self.compose("logs", "--no-color", "--timestamps")

    def remove(self) -> None:
        """Containers, volumes, networks and images of this project."""
        self.compose("down", "--volumes", "--timeout", "5", "--remove-orphans")
        images = docker("images", "--quiet", "--filter", f"reference=densa/*:{self.name}*")
        if names := sorted(set(images.split())):
            docker("rmi", "--force", *names)
