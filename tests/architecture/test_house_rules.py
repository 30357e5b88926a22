"""Rules of the house that no linter knows."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "services").rglob("*.py"))
RUNTIME = ROOT / "services/inference/runtime.py"
"""Writes one variable, for a library that reads it on import."""
MAX_LINES = 200
MAX_FUNCTION_LINES = 40


def settings_classes() -> list[type[BaseSettings]]:
    found = []
    for path in sorted((ROOT / "services").glob("*/settings.py")):
        module = importlib.import_module(f"services.{path.parent.name}.settings")
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, BaseSettings)
            and value.__module__ == module.__name__
        ]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_has_one_job_and_says_which(path: Path) -> None:
    # Given
    text = path.read_text()
    tree = ast.parse(text)

    # Then
    assert len(text.splitlines()) <= MAX_LINES
    assert ast.get_docstring(tree), "a module says what it is for"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = (node.end_lineno or 0) - node.body[0].lineno + 1
            assert body <= MAX_FUNCTION_LINES, f"{node.name} has {body} lines"


def test_only_settings_read_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.name != "settings.py"
        and path != RUNTIME
        and re.search(r"os\.environ|getenv", path.read_text())
    ]
    assert readers == []


def test_onnx_runtime_is_imported_in_one_place_that_keeps_it_from_reporting() -> None:
    importers = [
        path
        for room in ("services", "tests", "benchmarks")
        for path in sorted((ROOT / room).rglob("*.py"))
        if re.search(r"^\s*(import|from) onnxruntime", path.read_text(), flags=re.MULTILINE)
    ]
    assert importers == [RUNTIME]


def test_grpc_status_codes_of_the_gateway_stand_in_one_table() -> None:
    users = [
        path.name
        for path in sorted((ROOT / "services/gateway").glob("*.py"))
        if "StatusCode" in path.read_text()
    ]
    assert users == ["status.py"]


def test_the_example_file_holds_every_variable_with_its_text_and_default() -> None:
    # When
    made = subprocess.run(
        [sys.executable, str(ROOT / "deploy/env_example.py")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    # Then
    assert (ROOT / ".env.example").read_text() == made, "run `make env-example`"


def test_the_file_tree_of_the_readme_is_true() -> None:
    # When
    checked = subprocess.run(
        [sys.executable, str(ROOT / "deploy/file_tree.py"), "--check"],
        check=False,
        capture_output=True,
        text=True,
    )

    # Then
    assert checked.returncode == 0, f"run `make file-tree` {checked.stderr}"


@pytest.mark.parametrize("settings", settings_classes(), ids=lambda c: c.__name__)
def test_every_setting_is_explained_and_frozen(settings: type[BaseSettings]) -> None:
    # Given
    source = Path(ROOT, *settings.__module__.split(".")).with_suffix(".py").read_text()
    (node,) = (
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == settings.__name__
    )

    # When
    explained = {
        field.target.id
        for field, text in zip(node.body, node.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
    }

    # Then
    assert set(settings.model_fields) == explained
    assert settings.model_config["frozen"]
    assert settings.model_config["env_prefix"].startswith("DENSA_")


def test_every_room_is_introduced() -> None:
    rooms = (ROOT / "services/__init__.py").read_text()
    for room in sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir()):
        if room != "__pycache__":
            assert f"    {room} ->" in rooms
