"""What one training run was asked to do; saved in its folder, so that it can be made again."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from services.inference.preprocessing import ModelInput


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Settings of a run. Sizes in pixels of the model."""

    seed: int = 1
    validation_share: float = 0.12
    size: int = 224
    """Edge of the model's window."""
    pixel_size_nm: float = 46.0
    crop: int = 128
    """Edge of the random crops of the first epochs: a third of the cost of a window."""
    crop_epochs: int = 9
    epochs: int = 12
    """Epochs in all; those after `crop_epochs` see whole windows."""
    batch: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    map_weight: float = 1.0
    """Weight of the loss on the maps, for images that have a mask."""
    threads: int = 2
    start: str = ""
    """Digest of the checkpoint whose weights the run began with; empty for random ones."""

    @property
    def model_input(self) -> ModelInput:
        """The window the model looks at."""
        return ModelInput(self.size, self.pixel_size_nm)

    def save(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "TrainConfig":
        """Read what `save` wrote. Raises OSError or ValueError."""
        values = json.loads(path.read_text(encoding="utf-8"))
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"{path} has unknown settings: {', '.join(sorted(unknown))}")
        return cls(**values)
