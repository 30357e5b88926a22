"""Keeps the file tree in README.md true: one line per file, from each file's own first words.

python deploy/file_tree.py          rewrites the part of README.md between its markers
python deploy/file_tree.py --check  exits 1 where that would change something
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
BEGIN, END = "<!-- file tree: make file-tree -->\n```\n", "```\n<!-- end of file tree -->"
WIDTH = 44
FOLDED = {
    "protos/gen": "generated Python stubs, committed, never edited: `make protos`",
    "protos/google": "google/rpc of googleapis, unchanged: the folder is all a client needs",
    "deploy/observability/grafana": "its data source and the dashboard, provisioned",
    "models": "bundles: the models that ship, with card, evaluation and golden images",
    "requirements": "every dependency pinned with its hashes: `make lock`",
    "services/stack/samples": "drawn micrographs for the demo, with the truth they were drawn from",
    "services/web/static": "the page: HTML, CSS, plain JavaScript modules, no build step",
    "tests/architecture": "rules of the house: arrows, sizes, settings, stubs, this tree",
    "tests/data": "what earlier versions wrote into Redis, and their scripts",
    "tests/e2e": "the commands a newcomer types",
    "tests/fakes": "one fake per port",
    "tests/faults": "kill, stop, cut, lose and poison a running service: `make test-faults`",
    "tests/integration": "one boundary each, real: Redis, Celery, ONNX Runtime, gRPC",
    "tests/lis": "a client in Node that knows nothing but protos/",
    "tests/parity": "training and serving agree",
    "tests/unit": "mirrors services/; no network",
    "docs": "pictures and pages",
}
OTHERS = {
    ".ci/run": "the gate: what a clean machine must pass",
    ".env.example": "every variable, explained: `make env-example`",
    ".gitattributes": "",
    ".gitignore": "",
    "CHANGELOG.md": "what changed",
    "DECISIONS.md": "why it is so, with numbers, failures included",
    "LICENSE": "Apache-2.0",
    "Makefile": "what people type and what CI calls",
    "README.md": "",
    "pyproject.toml": "packages, checks, and the arrows between rooms",
    "protos/buf.yaml": "style of the contract, checked",
    "protos/package.json": "pins buf",
    "services/stack/redis.conf": "Redis of the embedded stack",
}


def main(arguments: list[str]) -> int:
    """Rewrites or checks."""
    text = README.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    made = text[:begin] + tree() + text[end:]
    if "--check" in arguments:
        return int(made != text)
    README.write_text(made)
    return 0


def tree() -> str:
    """The tree as text."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    lines: list[str] = []
    shown: set[str] = set()
    for name in sorted(listed, key=lambda n: (n.count("/") > 0, n)):
        path = next((f for f in FOLDED if name.startswith(f + "/")), name)
        text = FOLDED.get(path) or first_words(path)
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in shown:
                shown.add(folder)
                lines.append("  " * (depth - 1) + parts[depth - 1] + "/")
        if path in shown or not text:
            continue
        shown.add(path)
        label = "  " * (len(parts) - 1) + parts[-1] + ("/" if path in FOLDED else "")
        lines.append(f"{label:<{WIDTH}} {text}")
    return "\n".join(lines) + "\n"


def first_words(name: str) -> str:
    """What a file says of itself: the first sentence of its docstring or of its first comment."""
    if name in OTHERS:
        return OTHERS[name]
    path = ROOT / name
    if path.suffix == ".py":
        docstring = ast.get_docstring(ast.parse(path.read_text()))
        if docstring is None:
            raise SystemExit(f"{name} says nothing of itself: give it a docstring")
        return sentence(docstring)
    comment = re.search(
        r"^(?:(?:#(?!!)|--|//) ?.+\n)+", path.read_text(errors="replace"), flags=re.MULTILINE
    )
    if comment is None:
        raise SystemExit(f"{name} says nothing of itself: describe it in {__file__}")
    return sentence(re.sub(r"^(?:#|--|//) ?", "", comment[0], flags=re.MULTILINE))


def sentence(text: str) -> str:
    """The first sentence, without its full stop."""
    first = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    return re.split(r"(?<=[^.])\.(?:\s|$)", first)[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
