"""What the published figures can be compared with is said plainly."""

import pytest

from services.training.report.published import describe_published


@pytest.mark.parametrize(
    ("drawn", "real", "unknown", "expected"),
    [
        (3, 0, 0, "Here every image is drawn"),
        (0, 3, 0, "Here every image is real, but of other patients"),
        (2, 1, 0, "2 drawn, 1 real"),
        (0, 0, 3, "3 not stated"),
    ],
)
def test_what_is_not_comparable_depends_on_where_the_images_come_from(
    drawn: int, real: int, unknown: int, expected: str
) -> None:
    # Given images of such origins
    found = describe_published({"drawn": drawn, "real": real, "not stated": unknown})

    # When a reader asks what can be compared
    # Then the sentence fits, and always names the published split
    assert expected in found["comparable"]
    assert "split by image" in found["comparable"]


def test_published_accuracies_have_the_intervals_of_860_images() -> None:
    # Given the published accuracy of presence
    found = describe_published({"drawn": 1, "real": 0, "not stated": 0})["outputs"]["presence"]

    # When its interval is read
    # Then it is Wilson's
    assert (found["accuracy"], found["auc"]) == (0.899, 0.959)
    assert (found["low"], found["high"]) == pytest.approx((0.877, 0.917), abs=6e-4)
