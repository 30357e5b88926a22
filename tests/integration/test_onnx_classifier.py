"""The classifier on ONNX Runtime: every image gets its own answer, whoever it is run with."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from services.common.classification import Call, Classification, Location
from services.common.errors import InternalError
from services.inference.bundle import load_classifier
from services.inference.classifier import Classifier, PreparedImage
from services.inference.golden import probabilities
from services.inference.grey import standardise
from services.inference.manifest import OUTPUTS
from services.inference.onnx_classifier import OnnxClassifier
from services.inference.settings import InferenceSettings
from tests.bundles import (
    NULL_PROBABILITIES,
    TINY_SHARES,
    Constants,
    make_graph,
    write_convolving_bundle,
    write_graph_bundle,
    write_null_bundle,
    write_tiny_bundle,
)
from tests.images import draw_texture, png_bytes

#: How much a probability may differ between batches on the CPU: sums of a convolution may be
#: taken in another order at another batch size.
BATCH_TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> OnnxClassifier:
    path = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_bundle(path)
    return load_classifier(path, InferenceSettings(max_batch=4))


@pytest.fixture(scope="module")
def convolving(tmp_path_factory: pytest.TempPathFactory) -> OnnxClassifier:
    path = tmp_path_factory.mktemp("models") / "convolving"
    write_convolving_bundle(path)
    return load_classifier(path, InferenceSettings(max_batch=7))


def even(level: int, height: int = 224, width: int = 224) -> bytes:
    """An image of one grey."""
    return png_bytes(np.full((height, width), level, np.uint8))


def prepare(classifier: Classifier, *images: bytes) -> list[PreparedImage]:
    return [classifier.prepare(image, 46.0) for image in images]


def values(classification: Classification) -> list[float]:
    return list(probabilities(classification).values())


def test_the_null_bundle_says_the_same_about_everything(tmp_path: Path) -> None:
    # Given the bundle that does not look
    write_null_bundle(tmp_path / "null")
    classifier = load_classifier(tmp_path / "null", InferenceSettings())

    # When two images are classified
    answers = classifier.classify(prepare(classifier, even(0), even(255)))

    # Then both get its constants, in the order of the outputs
    for answer in answers:
        assert values(answer) == pytest.approx(NULL_PROBABILITIES)


def test_answers_come_in_the_order_of_the_images(tiny: OnnxClassifier) -> None:
    # Given more images than fit into a batch, each of another grey
    levels = [10, 200, 30, 180, 90, 250, 0, 120, 60, 220, 140]

    # When they are classified together
    answers = tiny.classify(prepare(tiny, *map(even, levels)))

    # Then each has its own grey for an answer
    found = [answer.presence.probability for answer in answers]
    assert found == pytest.approx([level / 255 for level in levels], abs=1e-4)


def test_an_image_of_many_windows_gets_the_highest_of_each_output(tiny: OnnxClassifier) -> None:
    # Given a wide image that brightens from left to right, between two small ones
    ramp = np.tile(np.linspace(0, 255, 224 * 6).astype(np.uint8), (224, 1))
    images = prepare(tiny, even(40), png_bytes(ramp), even(80))
    assert images[1].summary.windows == 6

    # When they are classified in batches that cut through it
    answers = tiny.classify(images)

    # Then its answer is that of its brightest window, and its neighbours' are their own
    brightest = float(standardise(ramp)[:, -224:].mean()) / 255
    assert [answer.presence.probability for answer in answers] == pytest.approx(
        [40 / 255, brightest, 80 / 255], abs=1e-3
    )
    assert answers[1].input.windows == 6


def test_locations_are_marginal_and_called_by_their_thresholds(tiny: OnnxClassifier) -> None:
    # Given an image for which presence is 0.8
    answer = tiny.classify(prepare(tiny, even(204)))[0]

    # When its locations are read, then they are parts of presence, in their order
    expected = dict(zip(Location, (0.8 * share for share in TINY_SHARES), strict=True))
    for location, assessment in answer.locations.items():
        assert assessment.probability == pytest.approx(expected[location], abs=1e-5)
        assert assessment.call is (Call.POSITIVE if expected[location] >= 0.5 else Call.NEGATIVE)
    assert answer.presence.call is Call.POSITIVE
    assert answer.notice.startswith("For Research Use Only")


def test_no_location_is_called_where_no_deposit_is(tiny: OnnxClassifier) -> None:
    # Given thresholds that the numbers alone could contradict
    thresholds = {**tiny.manifest.thresholds, "presence": 0.9, "mesangial": 0.1}
    manifest = tiny.manifest.model_copy(update={"thresholds": thresholds})
    strict = replace(tiny, manifest=manifest)

    # When
    absent, present = strict.classify(prepare(strict, even(204), even(250)))

    # Then
    assert absent.presence.call is Call.NEGATIVE
    assert absent.locations[Location.MESANGIAL].probability > 0.1
    assert {each.call for each in absent.locations.values()} == {Call.NEGATIVE}
    assert present.locations[Location.MESANGIAL].call is Call.POSITIVE


def test_batch_mates_do_not_change_an_answer(convolving: OnnxClassifier) -> None:
    # Given images of different content and number of windows
    images = [png_bytes(draw_texture(224, 224 * (1 + seed % 3), seed)) for seed in range(9)]
    prepared = prepare(convolving, *images)

    # When each is classified alone, all together, and all in another order
    alone = [values(convolving.classify([image])[0]) for image in prepared]
    together = [values(answer) for answer in convolving.classify(prepared)]
    reverse = [values(answer) for answer in convolving.classify(prepared[::-1])][::-1]

    # Then the answers differ between images, and not between batches
    assert np.ptp([each[0] for each in alone]) > 100 * BATCH_TOLERANCE
    np.testing.assert_allclose(together, alone, rtol=0, atol=BATCH_TOLERANCE)
    np.testing.assert_allclose(reverse, alone, rtol=0, atol=BATCH_TOLERANCE)


def test_threads_that_share_a_classifier_get_their_own_answers(
    convolving: OnnxClassifier,
) -> None:
    # Given many images, and their answers one by one
    images = [png_bytes(draw_texture(224, 224, seed)) for seed in range(12)]
    expected = [values(each) for each in convolving.classify(prepare(convolving, *images))]

    # When threads prepare and classify them at once
    def work(image: bytes) -> list[float]:
        return values(convolving.classify(prepare(convolving, image))[0])

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(work, images * 4))

    # Then every answer is that of its image, whether its run was alone or among others
    np.testing.assert_allclose(found, expected * 4, rtol=0, atol=BATCH_TOLERANCE)


def test_the_time_of_an_image_is_that_of_the_runs_it_was_in(tiny: OnnxClassifier) -> None:
    # Given five images in batches of four
    # When they are classified
    answers = tiny.classify(prepare(tiny, *[even(level) for level in range(0, 250, 50)]))

    # Then the first four share a run, and the last has its own
    seconds = [answer.inference_seconds for answer in answers]
    assert len(set(seconds[:4])) == 1
    assert seconds[4] != seconds[0]
    assert all(second > 0 for second in seconds)
    assert all(answer.decode_seconds > 0 for answer in answers)


def test_no_images_are_no_answers(tiny: OnnxClassifier) -> None:
    # Given nothing
    # When it is classified, then nothing comes back
    assert tiny.classify([]) == []


def test_a_probability_that_is_no_number_is_never_an_answer(tmp_path: Path) -> None:
    # Given a graph that divides by the grey of an image
    constants: Constants = {
        "zero": np.array(0.0, np.float32),
        "one": np.array([[1, 1, 1, 1]], np.float32),
        "maps": np.zeros((1, 5, 1, 1), np.float32),
        "axis": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["grey"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["grey"], ["brightest"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Div", ["brightest", "brightest"], ["presence"]),
        helper.make_node("Unsqueeze", ["presence", "axis"], ["column"]),
        helper.make_node("Mul", ["column", "one"], ["locations"]),
        helper.make_node("Mul", ["grey", "maps"], ["activation_maps"]),
        helper.make_node("Identity", ["presence"], ["ood_score"]),
    ]
    write_graph_bundle(tmp_path / "dividing", "dividing", make_graph(nodes, constants))
    classifier = load_classifier(tmp_path / "dividing", InferenceSettings())

    # When a black image is classified, then it is an error and not a NaN
    with pytest.raises(InternalError, match="not a number"):
        classifier.classify(prepare(classifier, even(0)))
    with pytest.raises(InternalError, match="not a number"):
        classifier.look_closer(*prepare(classifier, even(0)))


def test_looking_closer_gives_the_same_answer_and_shows_where(tiny: OnnxClassifier) -> None:
    # Given a field of many windows, more than one run takes, dark but for its lower right
    field = np.zeros((900, 900), np.uint8)
    field[700:, 700:] = 255
    (prepared,) = prepare(tiny, png_bytes(field))

    # When its windows are looked at one by one
    found = tiny.look_closer(prepared)

    # Then their maximum is what a service would answer, and the map shows the bright place
    assert len(prepared.windows.boxes) > tiny.settings.max_batch
    assert found.probabilities.max(axis=0) == pytest.approx(values(tiny.classify([prepared])[0]))
    brightest = np.unravel_index(found.maps[:, 0].argmax(), found.maps[:, 0].shape)
    assert brightest[0] == len(prepared.windows.boxes) - 1
    assert found.maps.shape[1] == 5


@pytest.mark.parametrize("graph", ["fp32", "int8"])
def test_heat_maps_come_from_the_same_run_and_change_no_probability(
    graph: Literal["fp32", "int8"],
) -> None:
    # Given the model that ships, and images of one window and of several
    bundle = Path(__file__).parents[2] / "models/densa-resnet18/0.3.0"
    classifier = load_classifier(bundle, InferenceSettings(graph=graph, max_batch=4))
    images = [png_bytes(draw_texture(224, 224 * (1 + seed), seed)) for seed in range(3)]
    prepared = prepare(classifier, *images)
    plain = classifier.classify(prepared)
    runs: list[int] = []
    run = classifier.model.run

    def count(windows: NDArray[np.uint8], outputs: Sequence[str]) -> list[NDArray[np.float32]]:
        runs.append(len(windows))
        return run(windows, outputs)

    # When some ask for maps
    classifier.model.run = count  # type: ignore[method-assign,assignment]
    asked = classifier.classify(prepared, [("mesangial",), (), OUTPUTS])

    # Then: not one bit of an answer differs, no run was added, and who asked has maps
    assert [values(answer) for answer in asked] == [values(answer) for answer in plain]
    assert [one.findings for one in asked] == [one.findings for one in plain]
    assert runs == [4, 2]
    assert [[each.output for each in answer.heat_maps or ()] for answer in asked] == [
        ["mesangial"],
        [],
        list(OUTPUTS),
    ]
    alone = classifier.look_closer(prepared[2])
    assert (asked[2].heat_maps or ())[0].highest == pytest.approx(alone.maps[:, 0].max(), abs=1e-3)
