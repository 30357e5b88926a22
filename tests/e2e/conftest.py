"""A stack with a page, and a browser on it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.bundles import write_tiny_bundle
from tests.page_browser import browsers, forget_all
from tests.stack_fixture import RealStack, real_stack

AXE = Path(__file__).parents[1] / "axe"
SETTINGS = {"DENSA_WEB_CASE_QUIET_SECONDS": "2"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealStack]:
    root = tmp_path_factory.mktemp("page")
    write_tiny_bundle(root / "tiny")
    with real_stack(root / "tiny", root / "data", page_port=0, settings=SETTINGS) as stack:
        yield stack


@pytest.fixture
def computers(stack: RealStack, tmp_path: Path) -> Iterator[list[BrowserContext]]:
    """Two browsers that know nothing of each other, on a page without images."""
    with browsers(tmp_path / "one", tmp_path / "two") as contexts:
        forget_all(contexts[0].pages[0], stack.stack.page)
        yield contexts


@pytest.fixture
def page(stack: RealStack, tmp_path: Path) -> Iterator[Page]:
    with browsers(tmp_path / "profile") as (context,):
        page = context.pages[0]
        forget_all(page, stack.stack.page)
        page.goto(stack.stack.page)
        yield page


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core. Skips on a laptop without npm; in CI it must be there."""
    npm, script = shutil.which("npm"), AXE / "node_modules/axe-core/axe.min.js"
    if npm is not None and not script.exists():
        command = [npm, "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=AXE, check=False)
    if not script.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("axe-core could not be installed.")
    return script.read_text()
