"""Compose's files and .env.example name the same variables; nothing else needs an engine to see."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FILES = [ROOT / "docker-compose.yml", *sorted((ROOT / "deploy").glob("compose.*.yml"))]
EXAMPLE = (ROOT / ".env.example").read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.name))
def test_every_variable_of_a_file_is_explained(path: Path) -> None:
    for name in set(re.findall(r"\$\{(DENSA_\w+)", path.read_text())):
        assert re.search(rf"^# {name}=", EXAMPLE, re.MULTILINE), name


def test_whatever_a_container_is_given_for_good_is_told_to_have_no_effect_in_env() -> None:
    # Given: what docker-compose.yml sets by itself, without a variable in it
    compose = yaml.safe_load(FILES[0].read_text())
    told = set(compose["x-environment"]["DENSA_WITHOUT_EFFECT"].split())
    fixed = {
        name
        for environment in (
            compose["x-environment"],
            *(one.get("environment", {}) for one in compose["services"].values()),
        )
        for name, value in environment.items()
        if name.startswith("DENSA_") and value and "${" not in str(value)
    }

    # Then
    assert {f"${{{name}:+{name}}}" for name in fixed} == told


def test_every_image_of_a_role_has_a_file_that_makes_it() -> None:
    services = yaml.safe_load(FILES[0].read_text())["services"]
    made = {Path(one["build"]["dockerfile"]).name for one in services.values() if "build" in one}
    assert made == {path.name for path in (ROOT / "deploy/docker").glob("*.Dockerfile")}
