"""Model bundles for tests and benchmarks: the real signature, graphs that cost nothing to run.

The null bundle says the same about every image; the tiny bundle says how
bright an image is, so that answers given to the wrong image are seen.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from services.common.classification import Location
from services.inference.manifest import (
    MODEL_FILE,
    OUTPUTS,
    BundleManifest,
    Calibration,
    Golden,
    GoldenImage,
    InputContract,
    digest_files,
)
from services.inference.preprocessing import VERSION
from services.inference.sealing import seal_bundle

SIZE = 224
PIXEL_SIZE_NM = 46.0

#: Constants of a graph by name.
Constants = dict[str, NDArray[Any]]

#: What the null bundle answers, in the order of OUTPUTS.
NULL_PROBABILITIES = (0.75, 0.6, 0.45, 0.3, 0.15)

#: Marginal location probabilities of the tiny bundle, as parts of its presence probability,
#: which is the mean grey of the window divided by 255.
TINY_SHARES = (0.9, 0.7, 0.5, 0.3)

_OPSET, _IR = 17, 9


def write_null_bundle(path: Path) -> str:
    """A valid bundle whose graph does not look at the pixels; returns its digest."""
    constants: Constants = {
        "one_presence": np.array(NULL_PROBABILITIES[:1], np.float32),
        "one_locations": np.array([NULL_PROBABILITIES[1:]], np.float32),
        "one_maps": np.zeros((1, 5, 7, 7), np.float32),
        "one_ood": np.zeros(1, np.float32),
        "four": np.array([4], np.int64),
        "map_shape": np.array([5, 7, 7], np.int64),
    }
    nodes = [
        helper.make_node("Shape", ["image"], ["batch"], start=0, end=1),
        helper.make_node("Concat", ["batch", "four"], ["batch_four"], axis=0),
        helper.make_node("Concat", ["batch", "map_shape"], ["batch_maps"], axis=0),
        helper.make_node("Expand", ["one_presence", "batch"], ["presence"]),
        helper.make_node("Expand", ["one_locations", "batch_four"], ["locations"]),
        helper.make_node("Expand", ["one_maps", "batch_maps"], ["activation_maps"]),
        helper.make_node("Expand", ["one_ood", "batch"], ["ood_score"]),
    ]
    return _write(path, "null", nodes, constants)


def write_tiny_bundle(path: Path, version: str = "0.0.1", shade: float = 1.0) -> str:
    """A valid bundle whose answers tell the mean grey of the image, times `shade`; its digest."""
    constants: Constants = {
        "white": np.array(255.0 / shade, np.float32),
        "shares": np.array([TINY_SHARES], np.float32),
        "pixel_axes": np.array([1, 2, 3], np.int64),
        "last_axis": np.array([1], np.int64),
        "five": np.array([1, 5, 1, 1], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["grey"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["grey", "white"], ["light"]),
        helper.make_node(
            "AveragePool", ["light"], ["map"], kernel_shape=[32, 32], strides=[32, 32]
        ),
        helper.make_node("Tile", ["map", "five"], ["activation_maps"]),
        helper.make_node("ReduceMean", ["light"], ["presence"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["presence", "last_axis"], ["column"]),
        helper.make_node("Mul", ["column", "shares"], ["locations"]),
        helper.make_node("Identity", ["presence"], ["ood_score"]),
    ]
    return write_graph_bundle(path, "tiny", make_graph(nodes, constants), version)


def write_convolving_bundle(path: Path) -> str:
    """A valid bundle that convolves as a network does, with fixed random weights; its digest."""
    rng = np.random.default_rng(0)
    constants: Constants = {
        "mean": np.array(128.0, np.float32),
        "first": (rng.normal(0, 0.01, (32, 1, 7, 7))).astype(np.float32),
        "second": (rng.normal(0, 0.1, (64, 32, 3, 3))).astype(np.float32),
        "head": (rng.normal(0, 0.3, (5, 64, 1, 1))).astype(np.float32),
        "presence_index": np.array(0, np.int64),
        "location_index": np.array([1, 2, 3, 4], np.int64),
        "last_axis": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["grey"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["grey", "mean"], ["centred"]),
        helper.make_node("Conv", ["centred", "first"], ["c1"], kernel_shape=[7, 7], strides=[4, 4]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "second"], ["c2"], kernel_shape=[3, 3], strides=[4, 4]),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("Conv", ["r2", "head"], ["activation_maps"], kernel_shape=[1, 1]),
        helper.make_node("ReduceMean", ["activation_maps"], ["logits"], axes=[2, 3], keepdims=0),
        helper.make_node("Sigmoid", ["logits"], ["outputs"]),
        helper.make_node("Gather", ["outputs", "presence_index"], ["presence"], axis=1),
        helper.make_node("Gather", ["outputs", "location_index"], ["given_presence"], axis=1),
        helper.make_node("Unsqueeze", ["presence", "last_axis"], ["column"]),
        helper.make_node("Mul", ["given_presence", "column"], ["locations"]),
        helper.make_node("Identity", ["presence"], ["ood_score"]),
    ]
    return _write(path, "convolving", nodes, constants)


def write_graph_bundle(
    path: Path, name: str, graph: onnx.ModelProto, version: str = "0.0.1"
) -> str:
    """A valid bundle around `graph`; returns its digest."""
    (path / "golden").mkdir(parents=True)
    onnx.save(graph, path / MODEL_FILE)
    (path / "MODEL_CARD.md").write_text(f"# {name}\n\nA graph for tests. It classifies nothing.\n")
    (path / "golden" / "ramp.png").write_bytes(_ramp())
    golden = GoldenImage(
        file="golden/ramp.png",
        pixel_size_nm=PIXEL_SIZE_NM,
        probabilities=dict.fromkeys(OUTPUTS, 0.0),
    )
    draft = BundleManifest(
        name=name,
        version=version,
        description="A graph for tests. It classifies nothing.",
        create_time=datetime(2026, 1, 1, tzinfo=UTC),
        input=InputContract(size=SIZE, pixel_size_nm=PIXEL_SIZE_NM, preprocessing=VERSION),
        thresholds=dict.fromkeys(OUTPUTS, 0.5),
        calibration=Calibration(method="none", parameters={}),
        files=digest_files(path),
        golden=Golden(tolerance=1e-5, images=(golden,)),
        metrics={},
        provenance={"data": "none"},
    )
    return seal_bundle(path, draft)


def _write(path: Path, name: str, nodes: Sequence[onnx.NodeProto], constants: Constants) -> str:
    return write_graph_bundle(path, name, make_graph(nodes, constants))


def make_graph(
    nodes: Sequence[onnx.NodeProto], constants: Constants, locations: int = len(Location)
) -> onnx.ModelProto:
    """A graph of the signature that every bundle has."""
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", 1, SIZE, SIZE])
    shapes: dict[str, list[str | int]] = {
        "presence": ["N"],
        "locations": ["N", locations],
        "activation_maps": ["N", 5, "h", "w"],
        "ood_score": ["N"],
    }
    outputs = [
        helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)
        for output, shape in shapes.items()
    ]
    initializers = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(list(nodes), "densa", [image], outputs, initializers)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def _ramp() -> bytes:
    """A PNG that goes from black to white, of the size of one window."""
    ramp = np.tile(np.linspace(0, 255, SIZE).astype(np.uint8), (SIZE, 1))
    return bytes(cv2.imencode(".png", ramp)[1])
