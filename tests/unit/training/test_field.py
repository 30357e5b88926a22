"""Drawn micrographs: the same from the same seed, and true to their masks."""

import numpy as np
import pytest

from services.common.classification import Location
from services.training.phantom import Patient, Pattern, draw_field
from services.training.phantom.field import MIN_VISIBLE_UM2, visible_locations


def test_the_same_seed_draws_the_same_pixels() -> None:
    # Given two patients of the same seed and number
    first, second = Patient.draw(5, 3), Patient.draw(5, 3)

    # When the same field of both is drawn
    one, other = (draw_field(patient, 2, 128, 160, 46.0) for patient in (first, second))

    # Then every pixel agrees
    assert one.image.shape == (128, 160)
    np.testing.assert_array_equal(one.image, other.image)
    np.testing.assert_array_equal(one.mask, other.mask)


def test_other_fields_and_other_seeds_are_other_pictures() -> None:
    # Given a field
    field = draw_field(Patient.draw(5, 3), 2, 128, 128, 46.0)

    # When the next field and the same field of another population are drawn
    others = [
        draw_field(Patient.draw(5, 3), 3, 128, 128, 46.0),
        draw_field(Patient.draw(6, 3), 2, 128, 128, 46.0),
    ]

    # Then they differ nearly everywhere
    for other in others:
        assert (field.image != other.image).mean() > 0.5


@pytest.mark.parametrize("pattern", list(Pattern))
def test_labels_are_what_the_mask_shows(pattern: Pattern) -> None:
    # Given a patient of each pattern
    patient = Patient.draw(11, 1, pattern)

    # When some fields are drawn
    fields = [draw_field(patient, number, 160, 160, 46.0) for number in range(4)]

    # Then a location is labelled exactly where enough of it lies in the mask
    for field in fields:
        for index, location in enumerate(Location):
            area = (field.mask == 1 + index).sum() * 0.046**2
            assert field.locations[location] == (area >= MIN_VISIBLE_UM2)
        assert field.presence == any(field.locations.values())


@pytest.mark.parametrize("pattern", [Pattern.NORMAL, Pattern.EFFACED])
def test_patterns_without_deposits_never_show_one(pattern: Pattern) -> None:
    # Given a patient without immune deposits
    patient = Patient.draw(12, 4, pattern)

    # When fields are drawn
    masks = [draw_field(patient, number, 128, 128, 46.0).mask for number in range(4)]

    # Then all masks are empty
    assert not any(mask.any() for mask in masks)


@pytest.mark.parametrize(
    ("pattern", "location"),
    [
        (Pattern.MEMBRANOUS, Location.SUBEPITHELIAL),
        (Pattern.HUMPS, Location.SUBEPITHELIAL),
        (Pattern.MEMBRANOUS_LATE, Location.INTRAMEMBRANOUS),
        (Pattern.DENSE_DEPOSIT, Location.INTRAMEMBRANOUS),
        (Pattern.WIRE_LOOP, Location.SUBENDOTHELIAL),
        (Pattern.MESANGIAL, Location.MESANGIAL),
    ],
)
def test_each_pattern_shows_its_location(pattern: Pattern, location: Location) -> None:
    # Given some patients of one disease
    patients = [Patient.draw(21, number, pattern) for number in range(6)]

    # When a field of each is drawn
    fields = [draw_field(patient, 0, 224, 224, 46.0) for patient in patients]

    # Then at least one of them shows the location of the disease
    assert any(field.locations[location] for field in fields)


def test_deposits_are_darker_than_the_image_around_them() -> None:
    # Given fields with membranous deposits
    patients = [Patient.draw(31, number, Pattern.MEMBRANOUS) for number in range(6)]
    fields = [draw_field(patient, 0, 224, 224, 46.0) for patient in patients]

    # When the grey under the mask is held against the rest
    differences = [
        field.image[field.mask == 0].mean() - field.image[field.mask > 0].mean()
        for field in fields
        if field.presence
    ]

    # Then it is darker, in all of them
    assert differences
    assert min(differences) > 10


def test_a_location_of_a_few_pixels_does_not_count() -> None:
    # Given a mask with a large and a tiny deposit
    mask = np.zeros((100, 100), np.uint8)
    mask[:20, :20] = 2
    mask[50, 50:53] = 4

    # When the label rule is applied at 46 nm
    seen = visible_locations(mask, 46.0)

    # Then only the large one counts
    assert seen == (False, True, False, False)


@pytest.mark.parametrize(("side", "pixel"), [(30, 46.0), (9000, 10.0)])
def test_impossible_fields_are_refused(side: int, pixel: float) -> None:
    # Given a patient
    patient = Patient.draw(1, 1)

    # When a field under 2 um or over 8192 pixels is asked for
    # Then the request is refused
    with pytest.raises(ValueError, match="field of"):
        draw_field(patient, 0, side, side, pixel)
