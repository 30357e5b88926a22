"""The basement membrane, the matrix that continues it, and what doubles it."""

import numpy as np

from services.training.phantom import anatomy
from services.training.phantom.bands import Site, lens
from services.training.phantom.cells import paint_cytoplasm
from services.training.phantom.profile import Profile
from services.training.phantom.scene import Scene
from services.training.phantom.texture import Floats, within
from services.training.phantom.wall import Wall


def paint_membrane(scene: Scene) -> None:
    """Membrane and matrix, which are of one grey, with paler faces."""
    wall, profile, style = scene.wall, scene.profile, scene.patient.style
    outer = wall.depth + wall.along(profile.outgrowth)
    filling = matrix_grey(scene)
    filling += np.float32(style.rara) * np.clip(1.0 - outer / 60.0, 0.0, 1.0)
    inner = np.abs(wall.depth - wall.along(profile.thickness))
    filling += np.float32(0.8 * style.rara) * np.clip(1.0 - inner / 50.0, 0.0, 1.0)
    scene.fill(filling, outer + scene.ragged(15.0, 300.0))


def matrix_grey(scene: Scene) -> Floats:
    """The grey [H, W] of membrane and matrix."""
    rng = scene.rng
    filling = scene.patient.greys.membrane + np.float32(rng.uniform(0.008, 0.03)) * scene.noise(
        400.0
    )
    return np.asarray(
        filling + np.float32(rng.uniform(0.005, 0.025)) * scene.noise(60.0), dtype=np.float32
    )


def stalk_depth(scene: Scene) -> Floats:
    """Depth inside the mesangium [H, W] in nm: within the wall, outside capillary territory."""
    wall = scene.wall
    inside = wall.depth - wall.along(scene.profile.inner)
    return within(inside, -scene.tuft.capillary)


def interpose(rng: np.random.Generator, wall: Wall, profile: Profile, site: Site) -> None:
    """Make room for a mesangial cell's arm between membrane and endothelium, as in MPGN."""
    centre = site.choose(rng, wall, site.capillary)
    if centre is not None:
        half = rng.uniform(*anatomy.INTERPOSED_HALF_NM)
        thick = np.float32(rng.uniform(*anatomy.INTERPOSED_NM))
        reach = lens(wall, centre, half, 6.0) * site.capillary
        profile.interposed = np.asarray(thick * reach, dtype=np.float32)


def paint_interposition(scene: Scene) -> None:
    """Inward of deposits: mesangial cytoplasm, then a second, thin membrane."""
    wall, profile = scene.wall, scene.profile
    if not profile.interposed.any():
        return
    start = wall.along(profile.thickness + profile.plaque)
    thick = wall.along(profile.interposed)
    inward = within(wall.depth - start, start + thick - wall.depth, thick - 60.0)
    scene.fill(matrix_grey(scene), inward)
    second = np.float32(scene.rng.uniform(*anatomy.GBM_NEW_NM))
    arm = within(inward, start + thick - second - wall.depth)
    paint_cytoplasm(scene, arm, scene.patient.greys.mesangial)
