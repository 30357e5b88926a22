"""Nothing here reports to anyone: the model's runtime leaves no device id behind."""

import subprocess
import sys
from pathlib import Path

from tests.bundles import write_tiny_bundle

LOAD = """
import sys
from pathlib import Path
from services.inference.bundle import load_classifier
from services.inference.settings import InferenceSettings
load_classifier(Path(sys.argv[1]), InferenceSettings())
"""


def test_loading_a_model_writes_nothing_into_home_or_temporary_directories(tmp_path: Path) -> None:
    # Given
    write_tiny_bundle(tmp_path / "bundle")
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    root = Path(__file__).parents[2]

    # When
    subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path / "bundle")],
        env={"HOME": str(home), "TMPDIR": str(temporary), "PYTHONPATH": str(root)},
        check=True,
    )

    # Then
    assert [*home.rglob("*"), *temporary.rglob("*")] == []
