"""Info bars are found; tissue, holes and bright spaces at the lower border are left alone."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from services.inference.banner import find_banner
from tests.images import draw_texture

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"


def add_banner(image: NDArray[np.uint8], rows: int, background: int, ink: int) -> NDArray[np.uint8]:
    """`image` with an info bar of text and a scale bar below."""
    banner = np.full((rows, image.shape[1]), background, np.uint8)
    for line in range(1, 1 + rows // 40):
        at = (12, 40 * line - 8)
        cv2.putText(banner, "Mag 8000x  80 kV  2 um", at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, ink, 2)
    banner[rows // 2 : rows // 2 + 6, image.shape[1] // 4 : -image.shape[1] // 8] = ink
    return np.vstack([image, banner])


@pytest.mark.parametrize("rows", [40, 120, 160])
@pytest.mark.parametrize(("background", "ink"), [(255, 0), (0, 255), (236, 20), (128, 255)])
def test_a_banner_is_found_to_the_row(rows: int, background: int, ink: int) -> None:
    # Given an image of 800 rows with an info bar below
    image = add_banner(draw_texture(800, 900), rows, background, ink)

    # When the banner is looked for, then it begins where the image ends
    assert find_banner(image) == 800


@pytest.mark.parametrize("quality", [50, 75, 95])
def test_a_banner_is_found_through_jpeg_compression(quality: int) -> None:
    # Given an image with an info bar, saved as JPEG
    image = add_banner(draw_texture(803, 900), 120, 255, 0)
    encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
    assert decoded is not None

    # When the banner is looked for, then it is found to within a block of the compression
    assert abs(find_banner(np.asarray(decoded)) - 803) <= 8


def test_a_banner_is_found_in_sixteen_bits() -> None:
    # Given a 16-bit image of few values, and a white bar of the highest
    image = add_banner(draw_texture(800, 900), 120, 255, 0).astype(np.uint16)
    image[:800] += 3000
    image[800:] *= 257

    # When the banner is looked for, then it is found
    assert find_banner(image) == 800


def test_a_banner_below_a_bright_space_is_found() -> None:
    # Given a field whose lower part is nearly as bright as the bar below it
    rng = np.random.default_rng(0)
    field = draw_texture(800, 900)
    field[600:] = np.clip(rng.normal(243, 5, (200, 900)), 0, 255)

    # When the banner is looked for, then the bright space stays
    assert find_banner(add_banner(field, 120, 255, 0)) == 800


def test_an_image_without_a_banner_is_whole() -> None:
    # Given plain texture
    # When a banner is looked for, then none is found
    assert find_banner(draw_texture(800, 900)) == 800


def test_a_hole_with_a_curved_edge_is_no_banner() -> None:
    # Given a section torn along its lower border: pure white below a wavy edge
    image = draw_texture(800, 900)
    edge = 700 + 25 * np.sin(np.arange(900) / 120)
    image[np.arange(800)[:, None] > edge[None, :]] = 255

    # When a banner is looked for, then none is found
    assert find_banner(image) == 800


@pytest.mark.parametrize("level", [12, 225])
def test_a_dark_cell_or_a_bright_space_at_the_border_is_no_banner(level: int) -> None:
    # Given an even region over the whole width, with the noise every camera has
    rng = np.random.default_rng(1)
    image = draw_texture(800, 900)
    image[690:] = np.clip(rng.normal(level, 4, (110, 900)), 0, 255)

    # When a banner is looked for, then none is found
    assert find_banner(image) == 800


def test_a_blank_image_is_no_banner() -> None:
    # Given an image of one grey
    # When a banner is looked for, then none is found: it would be all there is
    assert find_banner(np.full((800, 900), 255, np.uint8)) == 800


def test_a_half_of_one_grey_is_too_much_for_a_banner() -> None:
    # Given an image whose lower half is one grey
    image = draw_texture(800, 900)
    image[400:] = 255

    # When a banner is looked for, then none is found
    assert find_banner(image) == 800


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample micrographs are not here")
def test_real_micrographs_without_a_banner_are_whole() -> None:
    # Given real micrographs, one with labels burned into its field
    paths = [*SAMPLES.glob("*.png"), *SAMPLES.glob("*.jpg")]
    assert paths

    for path in paths:
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        assert image is not None

        # When a banner is looked for, then none is found
        assert find_banner(np.asarray(image)) == image.shape[0], path.name
