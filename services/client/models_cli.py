"""`densa models`: options in, exit status out."""

from typing import Annotated

import typer

from services.client.cli import Address, AsJson
from services.client.options import DEFAULT_ADDRESS

HELP = """
Decide which version of the model answers, for every worker at once and without a restart.

Versions stand in the workers' model repository (DENSA_INFERENCE_REPOSITORY) as NAME/VERSION.
Publish one, let it run in the shadow of the active one, compare, activate; roll back where it
disappoints. All but list need the gateway's admin token.
"""

EPILOG = """
**Examples**

- densa models publish build/densa-resnet18/1.1.0 --to /srv/models : put it into the repository

- densa models shadow 1.1.0 --share 0.1 : a tenth of the images, after they were answered

- densa models compare : how the two agree

- densa models activate 1.1.0

- densa models rollback : back to the version before

**Environment** DENSA_ADDRESS the service; DENSA_ADMIN_TOKEN the gateway's admin token.
"""

Token = Annotated[
    str,
    typer.Option(
        envvar="DENSA_ADMIN_TOKEN",
        metavar="TOKEN",
        show_default=False,
        help="What the gateway was started with as DENSA_GATEWAY_ADMIN_TOKEN.",
    ),
]
Version = Annotated[str, typer.Argument(metavar="VERSION", help="For example 1.1.0.")]
Name = Annotated[
    str,
    typer.Option(metavar="NAME", show_default="of the model that answers", help="The model."),
]
Share = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="Share of the images; 0 ends the shadow.")
]


def make_models_app() -> typer.Typer:
    """The group of commands, without those that other rooms bring."""
    app = typer.Typer(help=HELP, epilog=EPILOG, no_args_is_help=True, rich_markup_mode="markdown")
    app.command("list")(list_versions)
    for command in (activate, rollback, shadow, compare):
        app.command()(command)
    return app


def list_versions(*, address: Address = DEFAULT_ADDRESS, as_json: AsJson = False) -> None:
    """List the versions that workers have, which is active, and what is wrong.

    Exit status 1 where a worker refuses what was decided.
    """
    from services.client.models_command import list_versions as run

    raise typer.Exit(run(address, as_json=as_json))


def activate(
    version: Version, *, name: Name = "", address: Address = DEFAULT_ADDRESS, token: Token = ""
) -> None:
    """Let a version answer, once every worker has loaded it and found it good.

    Digests, provider and golden images are checked by each worker while the version before
    answers. Where one refuses, nothing changes, and it is said why.
    """
    from services.client.models_command import activate as run

    raise typer.Exit(run(address, token, version, name))


def rollback(*, address: Address = DEFAULT_ADDRESS, token: Token = "") -> None:
    """Let the version answer that did before. Again: the one before that."""
    from services.client.models_command import rollback as run

    raise typer.Exit(run(address, token))


def shadow(
    version: Annotated[str, typer.Argument(metavar="VERSION", show_default=False)] = "",
    *,
    share: Share = 0.1,
    name: Name = "",
    address: Address = DEFAULT_ADDRESS,
    token: Token = "",
) -> None:
    """Let a second version classify a share of the images too, after they were answered.

    Nobody gets its answers; they are counted against those of the active one. Without VERSION,
    or with --share 0, it ends.
    """
    from services.client.models_command import shadow as run

    raise typer.Exit(run(address, token, version, share if version else 0.0, name))


def compare(
    *,
    address: Address = DEFAULT_ADDRESS,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Show how the version in the shadow agrees with the active one, and where it does not."""
    from services.client.models_command import compare as run

    raise typer.Exit(run(address, token, as_json=as_json))
