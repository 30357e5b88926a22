"""The committed stubs are what protos/densa/v1 generates today."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_generating_the_stubs_again_changes_nothing(tmp_path: Path) -> None:
    # Given
    protos = sorted((ROOT / "protos/densa/v1").glob("*.proto"))
    services = [path for path in protos if path.name.endswith("_service.proto")]
    protoc = [sys.executable, "-m", "grpc_tools.protoc", "-I", str(ROOT / "protos")]

    # When
    subprocess.run(
        [*protoc, f"--python_out={tmp_path}", f"--pyi_out={tmp_path}", *map(str, protos)],
        check=True,
    )
    subprocess.run([*protoc, f"--grpc_python_out={tmp_path}", *map(str, services)], check=True)

    # Then
    fresh = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*_pb2*.py*")}
    committed_root = ROOT / "protos/gen"
    committed = {
        p.relative_to(committed_root): p.read_bytes()
        for p in committed_root.rglob("*_pb2*.py*")
        if "__pycache__" not in p.parts
    }
    assert fresh.keys() == committed.keys(), "run `make protos`"
    assert [str(p) for p in fresh if fresh[p] != committed[p]] == [], "run `make protos`"
