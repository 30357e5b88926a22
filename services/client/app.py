"""The `densa` command: its help, its commands, and one meaning per exit status."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from services.client import cli
from services.client.exit_status import NONE
from services.client.models_cli import make_models_app
from services.client.rooms import MODELS_GROUP, add_room_commands

HELP = """
Densa finds electron-dense deposits in electron micrographs of kidney biopsies: are there any,
and where (mesangial, subepithelial, intramembranous, subendothelial). This command asks a Densa
service; with **densa up** or **densa demo** it is also one.

**For Research Use Only. Not for use in diagnostic procedures.**
"""

EPILOG = """
**Examples**

- densa demo : start everything here and classify the samples

- densa up : start everything here and serve

- densa classify biopsy-17/ --out results.csv : a folder, as a table

- densa classify field.tif --pixel-size-nm 5 : one image of known scale

- densa classify archive/ --out - | jq .presence : JSON lines into a pipe

- densa classify biopsy-17/ --heat-maps maps/ : and where the model looked, as images

- densa status : is it ready, and with which model

- densa jobs : what was sent, and how far it is

- densa watch JOB --out results.csv : its results, also after the connection was lost

**Exit statuses** 0 all classified; 1 none, no service, or a wrong command line; 2 some images
failed; 130 interrupted, what was done is kept.

**Environment** DENSA_ADDRESS the service (127.0.0.1:50051); DENSA_STACK_DATA where densa up keeps
its data; NO_COLOR no colours.
"""


class DensaGroup(TyperGroup):
    """Commands whose wrong use ends with status 1: 2 says that some images failed."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """As typer does."""
        with _wrong_use_is_status_1():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """As typer does."""
        with _wrong_use_is_status_1():
            return super().invoke(ctx)


@contextmanager
def _wrong_use_is_status_1() -> Iterator[None]:
    try:
        yield
    except TyperException as error:
        error.exit_code = NONE
        raise


def make_app() -> typer.Typer:
    """The command with everything that is installed."""
    app = typer.Typer(
        name="densa",
        cls=DensaGroup,
        help=HELP,
        epilog=EPILOG,
        no_args_is_help=True,
        rich_markup_mode="markdown",
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("classify", rich_help_panel="Ask a service")(cli.classify)
    app.command("status", rich_help_panel="Ask a service")(cli.status)
    for command in (cli.jobs, cli.watch, cli.cancel):
        app.command(rich_help_panel="Ask a service")(command)
    models = make_models_app()
    add_room_commands(models, MODELS_GROUP)
    app.add_typer(models, name="models", rich_help_panel="Operate a service")
    add_room_commands(app)
    return app
