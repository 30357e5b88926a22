"""The exported graph answers as the network does, and the bundle as the service expects."""

import json
import shlex
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from services.inference.bundle import load_classifier
from services.inference.runtime import onnxruntime
from services.inference.settings import InferenceSettings
from services.training import cli
from services.training.calibration import Scaling
from services.training.familiarity import fit_feature_space
from services.training.graph import (
    INPUT,
    OUTPUTS,
    PARITY_TOLERANCE,
    ServingGraph,
    store_as_half,
    to_onnx,
)
from services.training.network import DensaNet
from tests.training_data import draw_data_set

SIZE = 64


@pytest.fixture(scope="module")
def graph() -> ServingGraph:
    torch.manual_seed(5)
    network = DensaNet()
    for _ in range(3):  # batch statistics that are not those of a new network
        network.train()(torch.rand(8, 1, SIZE, SIZE) * 255)
    space = fit_feature_space(np.random.default_rng(0).normal(size=(100, 960)))
    return ServingGraph(network.eval(), Scaling((0.7,) * 5, (0.1,) * 5), space)


@pytest.fixture(scope="module")
def model(graph: ServingGraph) -> onnx.ModelProto:
    return to_onnx(graph, SIZE)


@pytest.fixture
def images() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, size=(5, 1, SIZE, SIZE), dtype=np.uint8)


def run(model: onnx.ModelProto, images: object) -> list[NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return list(session.run(list(OUTPUTS), {INPUT: images}))


def type_command(line: str) -> Result:
    """Run the application with what a person would type after `densa`."""
    return CliRunner().invoke(cli.app, shlex.split(line))


def test_onnx_runtime_answers_as_torch_does(
    graph: ServingGraph,
    model: onnx.ModelProto,
    images: NDArray[np.uint8],
) -> None:
    # Given a network and its exported graph
    with torch.inference_mode():
        expected = graph(torch.from_numpy(images))

    # When ONNX Runtime runs the graph
    found = run(model, images)

    # Then probabilities, maps and score agree
    for one, other in zip(expected, found, strict=True):
        assert one.shape == other.shape
    for index in (0, 1):
        assert np.abs(expected[index].numpy() - found[index]).max() < PARITY_TOLERANCE
    for index in (2, 3):
        np.testing.assert_allclose(expected[index].numpy(), found[index], rtol=1e-3, atol=1e-3)


def test_the_batch_does_not_change_an_answer(
    model: onnx.ModelProto, images: NDArray[np.uint8]
) -> None:
    # Given a graph
    together = run(model, images)

    # When each image is run alone
    alone = [run(model, images[index : index + 1]) for index in range(len(images))]

    # Then it gets what it got among others
    for index, answer in enumerate(alone):
        assert np.abs(answer[0][0] - together[0][index]) < PARITY_TOLERANCE
        assert np.abs(answer[1][0] - together[1][index]).max() < PARITY_TOLERANCE


def test_half_storage_halves_the_file_and_hardly_moves_an_answer(
    model: onnx.ModelProto, images: NDArray[np.uint8]
) -> None:
    # Given a graph
    # When its weights are stored as float16
    half = store_as_half(model)

    # Then the file is about half as large, and probabilities move by less than 0.005
    assert len(half.SerializeToString()) < 0.52 * len(model.SerializeToString())
    full, stored = run(model, images), run(half, images)
    for index in (0, 1):
        assert np.abs(full[index] - stored[index]).max() < 0.005


def test_a_run_becomes_a_bundle_that_loads(tmp_path: Path) -> None:
    # Given a trained run on drawn data, and held-out drawn data
    training = draw_data_set(tmp_path / "training", patients=40)
    held_out = draw_data_set(tmp_path / "test", patients=10, seed=50)
    run_folder, models = tmp_path / "run", tmp_path / "models"
    trained = type_command(
        f"train --data {training} --run {run_folder} --epochs 1 --crop 64 --crop-epochs 1 "
        "--batch 16 --validation-share 0.5"
    )
    assert trained.exit_code == 0, trained.output

    # When it is exported
    result = type_command(
        f"export --run {run_folder} --data {training} --held-out {held_out} --out {models} "
        "--version 9.9.9"
    )

    # Then the service loads it, golden images included, and it says how it was made
    assert result.exit_code == 0, result.output
    bundle = models / "densa-resnet18" / "9.9.9"
    classifier = load_classifier(bundle, InferenceSettings(bundle=bundle))
    assert len(classifier.manifest.golden.images) == 5
    assert classifier.manifest.provenance["config"]["epochs"] == 1  # type: ignore[index,call-overload]
    assert json.loads((bundle / "evaluation.json").read_text())["micrographs"] == 20
    assert "For Research Use Only" in (bundle / "MODEL_CARD.md").read_text()
