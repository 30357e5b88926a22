"""Prints .env.example: every variable of every settings.py, with its text and its default.

python deploy/env_example.py > .env.example
"""

import ast
import importlib
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

COMPOSE = {
    "PUBLISH": "Address and port on this host that clients connect to. 0.0.0.0:50051 opens it to "
    "the network, without encryption: put TLS in front of it.",
    "PUBLISH_PAGE": "Port of the page on 127.0.0.1 of this host. For others put a proxy that logs "
    "people in before it: docs/page.md.",
    "MODELS": "Folder on this host with the model repository, which workers read: bundles as "
    "NAME/VERSION. `densa models activate` chooses from it.",
    "VERSION": "Tag of Densa's own images.",
    "REDIS_APPENDFSYNC": "When Redis's append-only file reaches the disk: everysec may lose a "
    "second at a loss of power, always none, at the price of the disk's latency per write. The "
    "death of the process alone loses nothing either way.",
    "REDIS_MAXMEMORY": "Redis refuses what would take more; nothing is evicted.",
    "REDIS_MEM_LIMIT": "Most memory of Redis's container: more than its maxmemory, as writing the "
    "append-only file anew takes some.",
    "GATEWAY_MEM_LIMIT": "Most memory of one gateway's container.",
    "WORKER_MEM_LIMIT": "Most memory of one worker's container.",
    "PAGE_MEM_LIMIT": "Most memory of the page's container.",
    "GPUS": "deploy/compose.gpu.yml: GPUs of this host that each worker may use.",
    "GRAFANA_PASSWORD": "deploy/compose.observability.yml: password of Grafana's user admin. "
    "Required there.",
    "PUBLISH_GRAFANA": "deploy/compose.observability.yml: Grafana's port on 127.0.0.1.",
    "PUBLISH_PROMETHEUS": "deploy/compose.observability.yml: Prometheus's port on 127.0.0.1.",
    "PROMETHEUS_RETENTION": "deploy/compose.observability.yml: how long Prometheus keeps metrics.",
}
"""What the files of Compose read beyond the rooms' settings, without the prefix DENSA_."""

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 96


def main() -> str:
    """The whole file."""
    lines = [
        "# Every variable that Densa reads, with its default. Copy to .env, change what you need.",
        "# Made by `make env-example` from the settings.py of each room.",
    ]
    for path in sorted((ROOT / "services").glob("*/settings.py")):
        room = path.parent.name
        module = importlib.import_module(f"services.{room}.settings")
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                settings: type[BaseSettings] = getattr(module, node.name)
                summary = (ast.get_docstring(node) or "").splitlines()[0]
                lines += ["", "", f"# --- {room}: {summary}"]
                lines += list(variables(node, settings))
    lines += [
        "",
        "",
        "# --- docker-compose.yml and deploy/compose.*.yml: what they read beside these.",
        *compose_variables(),
    ]
    return "\n".join(lines) + "\n"


def compose_variables() -> Iterator[str]:
    """Each variable of Compose's files that is no room's setting."""
    files = (ROOT / "docker-compose.yml", *sorted((ROOT / "deploy").glob("compose.*.yml")))
    text = "".join(path.read_text() for path in reversed(files))  # the first file's defaults hold
    defaults = dict(re.findall(r"\$\{DENSA_(\w+):-([^}]*)\}", text))
    for name, explanation in COMPOSE.items():
        yield ""
        yield from textwrap.wrap(explanation, WIDTH, initial_indent="# ", subsequent_indent="# ")
        yield f"# DENSA_{name}={defaults.get(name, '')}"


def variables(node: ast.ClassDef, settings: type[BaseSettings]) -> Iterator[str]:
    """Each field's text, and a line to uncomment."""
    for field, text in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            name = field.target.id
            yield ""
            yield from textwrap.wrap(
                " ".join(str(text.value.value).split()),
                WIDTH,
                initial_indent="# ",
                subsequent_indent="# ",
            )
            variable = f"{settings.model_config['env_prefix']}{name}".upper()
            yield f"# {variable}={written(settings.model_fields[name].default)}"


def written(default: object) -> str:
    """A default as one writes it in an environment; empty where it is made at start."""
    if default is PydanticUndefined or default is None:
        return ""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return str(default).lower() if isinstance(default, bool) else str(default)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.stdout.write(main())
