"""The options of `densa train`, with their help, in the groups that `--help` shows."""

from pathlib import Path
from typing import Annotated, Literal

import typer

LEARNING, SPLIT, MODEL, MACHINE = "How to learn", "Who is held out", "What is learned", "On what"

Data = Annotated[Path, typer.Option(help="Manifest of the labelled micrographs.")]
Run = Annotated[Path, typer.Option(help="Folder of the run: new, or one to go on with.")]

Network = Annotated[
    Literal["shared", "cascade"],
    typer.Option(
        help="One trunk with two heads, or two networks, the second for locations given "
        "presence: twice the time and the size.",
        rich_help_panel=MODEL,
    ),
]
Size = Annotated[
    int,
    typer.Option(min=64, max=2048, help="Edge of a window in pixels.", rich_help_panel=MODEL),
]
PixelSize = Annotated[
    float,
    typer.Option(min=1.0, max=500.0, help="Edge of its pixels in nm.", rich_help_panel=MODEL),
]
Start = Annotated[
    Path | None,
    typer.Option(
        help="Checkpoint to begin with; its run's held-out patients stay held out.",
        rich_help_panel=MODEL,
    ),
]
Imagenet = Annotated[
    Path | None,
    typer.Option(
        help="Weights of torchvision's resnet18 (.pth) to begin with; never fetched.",
        rich_help_panel=MODEL,
    ),
]

Epochs = Annotated[int, typer.Option(min=1, help="Epochs in all.", rich_help_panel=LEARNING)]
CropEpochs = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Epochs on small crops first. Default: three quarters where every image has a "
        "mask, else 0, as only masks tell what a crop shows.",
        rich_help_panel=LEARNING,
    ),
]
Crop = Annotated[
    int, typer.Option(min=64, help="Edge of those crops in pixels.", rich_help_panel=LEARNING)
]
Patience = Annotated[
    int,
    typer.Option(
        min=0,
        help="End after so many epochs without a better one; 0: never.",
        rich_help_panel=LEARNING,
    ),
]
Batch = Annotated[int, typer.Option(min=2, help="Images per step.", rich_help_panel=LEARNING)]
LearningRate = Annotated[
    float, typer.Option(min=1e-6, help="Peak of the one cycle.", rich_help_panel=LEARNING)
]
MapWeight = Annotated[
    float,
    typer.Option(
        min=0.0,
        help="Weight of the masks' loss; 0 learns from labels alone.",
        rich_help_panel=LEARNING,
    ),
]
Balance = Annotated[
    float,
    typer.Option(
        min=0.0,
        max=1.0,
        help="Draw images of classes rarer than this share more often; 0: no.",
        rich_help_panel=LEARNING,
    ),
]
Seed = Annotated[
    int,
    typer.Option(min=0, help="Of weights, split, order, augmentation.", rich_help_panel=LEARNING),
]

ValidationShare = Annotated[
    float,
    typer.Option(
        min=0.02, max=0.5, help="Of patients, to choose the best epoch by.", rich_help_panel=SPLIT
    ),
]
CalibrationShare = Annotated[
    float,
    typer.Option(
        min=0.0,
        max=0.5,
        help="Of patients, to fit probabilities, thresholds and abstain zones on; 0: give "
        "others to `densa export`.",
        rich_help_panel=SPLIT,
    ),
]
TestShare = Annotated[
    float,
    typer.Option(
        min=0.0,
        max=0.5,
        help="Of patients, for the bundle's figures; 0: give others to `densa export`.",
        rich_help_panel=SPLIT,
    ),
]

Device = Annotated[
    Literal["auto", "cpu", "cuda"],
    typer.Option(help="auto: a GPU where there is one.", rich_help_panel=MACHINE),
]
Threads = Annotated[int, typer.Option(min=1, help="Cores to use.", rich_help_panel=MACHINE)]
