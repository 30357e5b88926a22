"""Where a run came from: versions, commit, data."""

import hashlib
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("numpy", "opencv-python-headless", "torch", "torchvision", "onnx", "onnxruntime")


def describe_provenance(data: Path) -> dict[str, str]:
    """Versions, git commit and the digest of the manifest, as they are now."""
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        **{name: _version(name) for name in PACKAGES},
        "git_commit": git_commit(),
        "data": data.name,
        "data_digest": "sha256:" + hashlib.sha256(data.read_bytes()).hexdigest(),
    }


def git_commit() -> str:
    """Commit of the source, `+` where files differ from it; `unknown` outside a checkout."""
    here = Path(__file__).parent
    try:
        commit = _git(here, "rev-parse", "--short=12", "HEAD")
        return commit + ("+" if _git(here, "status", "--porcelain", "--", ".") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
