"""Images from outside: what is in them, who runs, what they say to wrong settings and SIGTERM."""

import subprocess
import time

import pytest

from tests.compose.project import Project, docker, inspect

PYTHON_ROOMS = ("gateway", "worker", "page")
LOCKED_DOWN = (
    *("--rm", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"),
    *("--network", "none", "--tmpfs", "/tmp"),
)
NOT_IN = {
    "gateway": ("onnxruntime", "torch", "numpy", "cv2", "pip", "setuptools", "pytest"),
    "worker": ("torch", "torchvision", "pip", "setuptools", "pytest", "uvicorn", "starlette"),
    "page": ("onnxruntime", "torch", "cv2", "celery", "redis", "pip", "setuptools", "pytest"),
}
ROOMS_IN = {
    "gateway": {"common", "gateway"},
    "worker": {"common", "inference", "worker"},
    "page": {"client", "web"},
}


def image(project: Project, role: str) -> str:
    """The name of a role's image."""
    return f"densa/{role}:{project.name}"


def ask_python(project: Project, role: str, code: str) -> str:
    """What a line of Python says in a fresh container of the image."""
    python = ("--entrypoint", "/opt/densa/bin/python", image(project, role), "-c", code)
    return docker("run", *LOCKED_DOWN, *python).strip()


@pytest.mark.parametrize("role", PYTHON_ROOMS)
def test_an_image_holds_its_room_and_no_more(built: Project, role: str) -> None:
    # When
    find = "import importlib.util as u; print(*[n for n in {} if u.find_spec(n)])"
    found = ask_python(built, role, find.format(NOT_IN[role]))
    rooms = ask_python(built, role, "import os; print(*os.listdir('services'))")

    # Then
    assert found == ""
    assert {room for room in rooms.split() if not room.startswith("__")} == ROOMS_IN[role]


@pytest.mark.parametrize("role", [*PYTHON_ROOMS, "proxy"])
def test_nobody_runs_as_root_and_one_process_is_the_container(built: Project, role: str) -> None:
    # When
    config = inspect(image(built, role))["Config"]

    # Then
    assert config["User"] in {"10001:10001", "www-data"}
    assert config["Entrypoint"][0] in {"/opt/densa/bin/python", "nginx"}
    assert config["Healthcheck"]["Test"]
    assert "REDIS_PASSWORD" not in " ".join(config["Env"])


@pytest.mark.parametrize("role", PYTHON_ROOMS)
def test_a_wrong_setting_ends_the_start_by_its_name(built: Project, role: str) -> None:
    # Given
    variable = {"gateway": "DENSA_GATEWAY_PORT", "page": "DENSA_WEB_PORT"}.get(
        role, "DENSA_WORKER_BATCH_SIZE"
    )

    # When
    command = ["docker", "run", *LOCKED_DOWN, "--env", f"{variable}=many", image(built, role)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    # Then
    assert done.returncode == 1
    assert variable in done.stderr
    assert "should be a valid integer" in done.stderr
    assert "Traceback" not in done.stderr


PROBE = ("/opt/densa/bin/python", "-m", "services.web.probe")
ON_LOOPBACK = ("--env", "DENSA_WEB_DATA=/tmp/page")


@pytest.mark.parametrize(
    ("role", "settings", "said", "asked"),
    [
        ("gateway", (), "gateway_listening", ()),
        # It waits for Redis, which is not there.
        ("worker", (), "model_choice_waits", ()),
        ("page", ON_LOOPBACK, "", PROBE),
        ("proxy", (), "", ("test", "-s", "/tmp/nginx.pid")),
    ],
)
def test_sigterm_ends_a_container_at_once_and_without_complaint(
    built: Project, role: str, settings: tuple[str, ...], said: str, asked: tuple[str, ...]
) -> None:
    # Given: a process that is the first of its container, to which Linux sends no signal that it
    # does not handle
    name = f"{built.name}-{role}"
    docker("run", "--detach", "--name", name, *LOCKED_DOWN[1:], *settings, image(built, role))
    try:
        end = time.monotonic() + 30
        while said not in docker("logs", name) or not succeeds("exec", name, *asked):
            assert time.monotonic() < end, docker("logs", name)
            time.sleep(0.1)

        # When
        begun = time.monotonic()
        docker("stop", "--time", "25", name)

        # Then
        assert inspect(name)["State"]["ExitCode"] == 0, docker("logs", name)
        assert time.monotonic() - begun < 25
    finally:
        docker("rm", "--force", "--volumes", name)


def succeeds(*arguments: str) -> bool:
    """Whether `docker ...` ends with status 0."""
    command = ["docker", *(arguments if len(arguments) > 2 else ("version",))]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
