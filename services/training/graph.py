"""The graph that serves: uint8 windows in, calibrated marginal probabilities out."""

import io
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from services.training.calibration import Scaling
from services.training.familiarity import FeatureSpace
from services.training.network import Network

OPSET = 17
INPUT = "image"
OUTPUTS = ("presence", "locations", "activation_maps", "ood_score")

PARITY_TOLERANCE = 1e-4
"""Largest difference of a probability between torch and ONNX Runtime, weights as float32."""

HALF_FROM = 256
"""Arrays of at least so many weights are stored as float16; the rest is not worth a node."""


class ServingGraph(nn.Module):
    """Network, calibration and familiarity as one module."""

    def __init__(self, network: Network, scaling: Scaling, space: FeatureSpace) -> None:
        super().__init__()
        self.network = network
        for name, values in {
            "slopes": scaling.slopes,
            "offsets": scaling.offsets,
            "mean": space.mean,
            "whitening": space.whitening,
        }.items():
            self.register_buffer(name, torch.tensor(np.asarray(values), dtype=torch.float32))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Presence [N], locations [N, 4], activation maps [N, 5, h, w], OOD score [N]."""
        evidence = self.network(image.to(torch.float32))
        slopes, offsets = self.get_buffer("slopes"), self.get_buffer("offsets")
        probability = torch.sigmoid(evidence.logits * slopes + offsets)
        presence = probability[:, 0]
        locations = probability[:, :1] * probability[:, 1:]
        centred = evidence.features - self.get_buffer("mean")
        whitened = centred @ self.get_buffer("whitening")
        score = torch.sqrt((whitened * whitened).mean(dim=1))
        return presence, locations, evidence.maps, score


def to_onnx(graph: ServingGraph, size: int) -> onnx.ModelProto:
    """Trace for windows of `size` pixels, any number of them."""
    buffer = io.BytesIO()
    example = torch.zeros((2, 1, size, size), dtype=torch.uint8)
    plain = graph.eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    with warnings.catch_warnings():
        # The newer exporter wants onnxscript; this one folds batch norms and needs nothing.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            plain,
            (example,),
            buffer,  # type: ignore[arg-type]
            input_names=[INPUT],
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "N"} for name in (INPUT, *OUTPUTS)},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load_from_string(buffer.getvalue())
    onnx.checker.check_model(model, full_check=True)
    return model


def store_as_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy whose weights lie as float16 behind a cast: half the bytes, float32 arithmetic.

    ONNX Runtime folds the casts when it loads, so that a run costs what it did.
    """
    smaller = onnx.ModelProto()
    smaller.CopyFrom(model)
    casts = []
    for weight in smaller.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < HALF_FROM:
            continue
        name = weight.name
        stored = numpy_helper.from_array(values.astype(np.float16), f"{name}.half")
        weight.CopyFrom(stored)
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *smaller.graph.node]
    del smaller.graph.node[:]
    smaller.graph.node.extend(nodes)
    onnx.checker.check_model(smaller, full_check=True)
    return smaller
