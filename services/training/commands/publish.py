"""`densa publish`: a finished bundle into a model repository."""

from pathlib import Path
from typing import Annotated

import typer

from services.training.commands.terminal import console, plain_errors, require_training


def publish(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle, as `densa export` wrote.")],
    *,
    to: Annotated[Path, typer.Option(help="The model repository.")] = Path("models"),
) -> None:
    """Verify a bundle and put it into a model repository as TO/NAME/VERSION.

    Digests are checked and every graph is run on its golden images first. A bundle
    without metrics or model card, which was not evaluated, is refused. The
    copy appears whole, under its final name, in one step. A version that is
    there already is never overwritten.

    For example:

        densa publish build/densa-resnet18/0.3.0 --to /srv/densa/models
    """
    require_training(("cv2", "onnxruntime"))
    from services.common.errors import DensaError
    from services.training.publish import PublishError, publish_bundle

    with plain_errors(PublishError, DensaError, OSError):
        target = publish_bundle(bundle, to)
    console.print(f"published: {target}", soft_wrap=True)
    console.print(
        f"let it answer where workers read {to.resolve()}: densa models activate {target.name}",
        soft_wrap=True,
    )
