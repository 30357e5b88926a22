"""Heat maps end to end: asked for through the SDK, the model's own numbers in the answer."""

import numpy as np

from services.client import DensaClient, Image
from services.client.results import OUTPUTS
from tests.images import draw_texture, png_bytes
from tests.integration.processes import Gateway

IMAGE = png_bytes(draw_texture(448, 672))


def test_only_who_asks_gets_heat_maps_and_they_point_where_the_evidence_is(
    gateway: Gateway,
) -> None:
    # Given
    plain = Image(IMAGE, "plain", pixel_size_nm=46.0)
    asked = Image(IMAGE, "asked", pixel_size_nm=46.0, heat_maps=OUTPUTS)

    # When
    with DensaClient(gateway.address) as densa:
        results = {one.image_id: one.classification for one in densa.classify_many([plain, asked])}

    # Then
    before, after = results["plain"], results["asked"]
    assert before is not None
    assert after is not None
    assert before.heat_maps == ()
    assert before.presence == after.presence
    assert [one.output for one in after.heat_maps] == list(OUTPUTS)
    for one in after.heat_maps:
        assert len(one.values) == one.rows * one.columns
        assert one.columns / one.rows == 672 / 448
        assert np.frombuffer(one.values, np.uint8).max() in (0, 255)
