"""The training room's commands as one application; `densa` takes the same functions."""

import typer

from services.training.commands.calibrate_cases import calibrate_cases
from services.training.commands.evaluate import evaluate
from services.training.commands.export import export
from services.training.commands.phantom import phantom
from services.training.commands.publish import publish
from services.training.commands.train import train

app = typer.Typer(
    name="densa-training",
    help="Draw, train, export, publish, evaluate. For Research Use Only.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
for command in (phantom, train, export, publish, evaluate, calibrate_cases):
    app.command()(command)

if __name__ == "__main__":
    app()
