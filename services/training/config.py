"""What one training run was asked to do; saved in its folder, so that it can be made again."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from services.inference.preprocessing import ModelInput
from services.training.atomic import replace_file
from services.training.splits import CALIBRATION, TEST, VALIDATION

Kind = Literal["shared", "cascade"]
"""One trunk with two heads, or the published method's two networks."""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Settings of a run. Sizes in pixels of the model."""

    seed: int = 1
    validation_share: float = 0.12
    calibration_share: float = 0.12
    test_share: float = 0.12
    """Shares of patients; not used where the manifest has a split of its own."""
    network: Kind = "shared"
    size: int = 224
    """Edge of the model's window."""
    pixel_size_nm: float = 46.0
    crop: int = 128
    """Edge of the random crops of the first epochs: a third of the cost of a window."""
    crop_epochs: int = 9
    epochs: int = 12
    """Epochs in all; those after `crop_epochs` see whole windows."""
    patience: int = 0
    """Epochs without a better one after which the run ends early; 0 for never. The one cycle
    of the learning rate brings most of the gain at its end, so it is not the default."""
    batch: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    map_weight: float = 1.0
    """Weight of the loss on the maps, for images that have a mask."""
    balance: float = 0.3
    """Images of a class rarer than this share are drawn more often, by the root of the ratio."""
    device: Literal["cpu", "cuda"] = "cpu"
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the network's products; bfloat16 is mixed precision (weights stay float32)."""
    threads: int = 2
    start: str = ""
    """Digest of the checkpoint whose weights the run began with; empty for random ones."""

    @property
    def model_input(self) -> ModelInput:
        """The window the model looks at."""
        return ModelInput(self.size, self.pixel_size_nm)

    @property
    def shares(self) -> dict[str, float]:
        """Shares of the sides that are not trained on."""
        return {
            VALIDATION: self.validation_share,
            CALIBRATION: self.calibration_share,
            TEST: self.test_share,
        }

    def save(self, path: Path) -> None:
        """Write as JSON. Raises StorageError."""
        replace_file(path, (json.dumps(asdict(self), indent=2) + "\n").encode())

    @classmethod
    def load(cls, path: Path) -> "TrainConfig":
        """Read what `save` wrote. Raises OSError or ValueError."""
        values = json.loads(path.read_text(encoding="utf-8"))
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"{path} has unknown settings: {', '.join(sorted(unknown))}")
        return cls(**values)
