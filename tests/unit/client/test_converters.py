"""Messages that are newer than this client are still read."""

import pytest
from densa.v1 import classification_pb2, lane_pb2, model_service_pb2

from services.client.converters import (
    to_classification,
    to_model,
    to_stream_request,
    to_unary_request,
)
from services.client.images import Image
from tests.unit.client.fake_service import classification


def test_values_without_a_name_here_read_as_their_numbers() -> None:
    # Given
    message = classification()
    message.findings.append(classification_pb2.Finding(code=99, message="New."))  # type: ignore[arg-type]
    message.locations.append(classification_pb2.LocationAssessment(location=98))  # type: ignore[arg-type]

    # When
    answer = to_classification(message)

    # Then
    assert answer.findings[-1].code == "99"
    assert list(answer.locations)[-1] == "98"


def test_what_is_known_about_an_image_is_sent_and_what_is_not_is_left_out() -> None:
    # When
    image = Image(
        *(b"", "id", "case", 4.5, 8000, {"stain": "OsO4"}), heat_maps=("presence", "mesangial")
    )
    full = to_stream_request(image, b"pixels").micrograph
    alone = to_unary_request(image, b"pixels", "STAT")
    bare = to_stream_request(Image(b"", "id"), b"pixels").micrograph

    # Then
    assert (full.image_id, full.image, full.case_id) == ("id", b"pixels", "case")
    assert (full.pixel_size_nm, full.magnification, full.labels["stain"]) == (4.5, 8000, "OsO4")
    assert full.heat_maps == [1, 2]
    assert alone.micrograph == full
    assert alone.lane == lane_pb2.LANE_STAT
    assert not bare.HasField("pixel_size_nm")
    assert not bare.HasField("magnification")


def test_a_model_without_figures_has_none() -> None:
    # Given
    message = model_service_pb2.Model(
        outputs=[
            model_service_pb2.ModelOutput(label="presence"),
            model_service_pb2.ModelOutput(
                label="mesangial", metrics=model_service_pb2.ModelMetrics(auc=0.95)
            ),
        ]
    )

    # When
    model = to_model(message)

    # Then
    assert [output.auc for output in model.outputs] == [None, 0.95]


@pytest.mark.parametrize(
    ("call", "word", "positive", "indeterminate"),
    [
        (classification_pb2.CALL_POSITIVE, "positive", True, False),
        (classification_pb2.CALL_NEGATIVE, "negative", False, False),
        (classification_pb2.CALL_INDETERMINATE, "indeterminate", False, True),
        (77, "77", False, False),
    ],
)
def test_a_call_keeps_its_word_and_only_one_of_them_is_positive(
    call: classification_pb2.Call, word: str, *, positive: bool, indeterminate: bool
) -> None:
    # Given an answer with a call, of which one is newer than this client
    message = classification_pb2.Classification(
        presence=classification_pb2.Assessment(probability=0.4, call=call)
    )

    # When it is read
    presence = to_classification(message).presence

    # Then the call is the word, and nothing but "positive" counts as one
    assert presence.call == word
    assert presence.positive is positive
    assert presence.indeterminate is indeterminate


def test_a_zone_without_calls_is_read_where_the_model_has_one() -> None:
    # Given a model whose presence output abstains, and another output that does not
    message = model_service_pb2.Model(
        outputs=[
            model_service_pb2.ModelOutput(
                label="presence", abstain=model_service_pb2.AbstainZone(low=0.3, high=0.6)
            ),
            model_service_pb2.ModelOutput(label="mesangial"),
        ]
    )

    # When it is read
    outputs = to_model(message).outputs

    # Then each says so
    assert [output.abstain for output in outputs] == [(0.3, 0.6), None]
