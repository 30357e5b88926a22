"""A graph that does not have the signature of the contract is refused before it runs."""

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper

from services.common.errors import BundleError
from services.inference.onnx_model import OnnxModel
from services.inference.settings import InferenceSettings
from tests.bundles import SIZE, Constants, make_graph

SETTINGS = InferenceSettings()


def make_model(locations: int = 4) -> ModelProto:
    """A graph of the contract's signature, but for the number of locations."""
    constants: Constants = {
        "axis": np.array([1], np.int64),
        "zeros": np.zeros((1, locations), np.float32),
        "maps": np.zeros((1, 5, 1, 1), np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["grey"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["grey"], ["presence"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["presence", "axis"], ["column"]),
        helper.make_node("Mul", ["column", "zeros"], ["locations"]),
        helper.make_node("Mul", ["grey", "maps"], ["activation_maps"]),
        helper.make_node("Identity", ["presence"], ["ood_score"]),
    ]
    return make_graph(nodes, constants, locations)


def refused(model: ModelProto) -> BundleError:
    """The error that `model` is refused with."""
    with pytest.raises(BundleError) as caught:
        OnnxModel(model.SerializeToString(), SIZE, SETTINGS)
    return caught.value


def test_the_signature_of_the_contract_is_accepted() -> None:
    # Given a graph as the contract wants it
    model = OnnxModel(make_model().SerializeToString(), SIZE, SETTINGS)

    # When it runs, then the outputs have one row per image
    presence, locations = model.run(np.zeros((3, 1, SIZE, SIZE), np.uint8))
    assert (presence.shape, locations.shape) == ((3,), (3, 4))


def test_the_activation_maps_can_be_had() -> None:
    # Given a graph
    model = OnnxModel(make_model().SerializeToString(), SIZE, SETTINGS)

    # When its maps are asked for, then there are five per image
    (maps,) = model.run(np.zeros((2, 1, SIZE, SIZE), np.uint8), ["activation_maps"])
    assert maps.shape[:2] == (2, 5)


def test_another_number_of_locations_is_refused() -> None:
    # Given a graph of three locations
    error = refused(make_model(locations=3))

    # When it is loaded, then the output is named
    assert error.reason == "BUNDLE_INVALID"
    assert "locations" in error.message


def test_a_graph_of_one_fixed_batch_size_is_refused() -> None:
    # Given a graph for one image at a time
    model = make_model()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1

    # When it is loaded, then the input is named
    assert "image" in refused(model).message


def test_another_window_size_is_refused() -> None:
    # Given a graph for windows of another size than the manifest says
    # When it is loaded, then the input is named
    with pytest.raises(BundleError, match="image is"):
        OnnxModel(make_model().SerializeToString(), SIZE // 2, SETTINGS)


def test_floating_point_input_is_refused() -> None:
    # Given a graph that wants its pixels scaled by the caller
    model = make_model()
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT

    # When it is loaded, then the input is named
    assert "tensor(uint8)" in refused(model).message


def test_an_output_of_another_name_is_refused() -> None:
    # Given a graph whose presence is called otherwise
    model = make_model()
    for node in model.graph.node:
        node.input[:] = ["other" if name == "presence" else name for name in node.input]
        node.output[:] = ["other" if name == "presence" else name for name in node.output]
    model.graph.output[0].name = "other"

    # When it is loaded, then the missing output is named
    assert "presence is missing" in refused(model).message
