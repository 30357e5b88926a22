"""The exported graph answers as the network does, and the bundle as the service expects."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from services.inference.bundle import load_bundle, load_classifier
from services.inference.manifest import OUTPUTS as OUTPUT_NAMES
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
from services.training.int8 import quantise
from services.training.manifest_check import read_manifest
from services.training.network import CascadeNet, DensaNet
from services.training.prepare_run import open_run
from tests.training_data import TINY, write_square_set

SIZE = 64


@pytest.fixture(scope="module", params=[DensaNet, CascadeNet])
def graph(request: pytest.FixtureRequest) -> ServingGraph:
    torch.manual_seed(5)
    network: DensaNet | CascadeNet = request.param()
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


def test_the_int8_graph_answers_nearly_as_the_reference(
    model: onnx.ModelProto, images: NDArray[np.uint8]
) -> None:
    # Given a graph
    # When it is quantised
    int8 = quantise(model, images)

    # Then it is a good half smaller than as float16, and answers alike
    stored = store_as_half(int8)
    half = store_as_half(model)
    assert len(stored.SerializeToString()) < 0.55 * len(half.SerializeToString())
    full, other = run(model, images), run(stored, images)
    for index in (0, 1):
        assert np.abs(full[index] - other[index]).max() < 0.1

    # Then heads and what follows them are not quantised
    kinds = {node.name: node.op_type for node in int8.graph.node}
    heads = [name for name in kinds if "presence/Conv" in name or "locations/Conv" in name]
    quantised = {
        each for node in int8.graph.node if "Quantize" in node.op_type for each in node.input
    }
    assert heads
    assert not [name for name in quantised if "presence" in name or "locations" in name]


def test_a_run_becomes_a_bundle_that_loads_and_can_be_published(tmp_path: Path) -> None:
    # Given a trained run
    data = write_square_set(tmp_path / "data", patients=80)
    run_folder, models, served = tmp_path / "run", tmp_path / "models", tmp_path / "served"
    trained = type_command(
        f"train --data {data} --run {run_folder} --epochs 1 --crop-epochs 0 --size 64 --batch 16 "
        "--validation-share 0.2 --calibration-share 0.2 --test-share 0.2"
    )
    assert trained.exit_code == 0, trained.output

    # When it is exported and published
    exported = type_command(
        f"export --run {run_folder} --data {data} --out {models} --version 9.9.9"
    )
    bundle = models / "densa-resnet18" / "9.9.9"
    published = type_command(f"publish {bundle} --to {served}")

    # Then the service loads it, golden images included, with either graph
    assert exported.exit_code == 0, exported.output
    assert published.exit_code == 0, published.output
    target = served / "densa-resnet18" / "9.9.9"
    for graph in ("fp32", "int8"):
        settings = InferenceSettings(bundle=target, graph=graph)
        assert len(load_classifier(target, settings).manifest.golden.images) == 5

    # Then its manifest says how it was made, where it abstains and what is unfamiliar to it
    manifest = load_bundle(target).manifest
    assert manifest.provenance["config"]["epochs"] == 1  # type: ignore[index, call-overload]
    assert set(manifest.abstain) == set(OUTPUT_NAMES)
    assert manifest.ood_threshold is not None
    assert manifest.int8 is not None
    assert manifest.int8.probability_change < 0.2
    assert set(manifest.int8.auc_change) == set(OUTPUT_NAMES)
    assert json.loads((target / "evaluation.json").read_text())["micrographs"] == 32
    assert "For Research Use Only" in (target / "MODEL_CARD.md").read_text()


def test_a_run_without_calibration_patients_asks_for_others(tmp_path: Path) -> None:
    # Given a run that held out nobody to calibrate on
    data = write_square_set(tmp_path / "data", patients=40)
    run_folder = tmp_path / "run"
    open_run(
        run_folder,
        replace(TINY, validation_share=0.25, calibration_share=0.0, test_share=0.0),
        data,
        read_manifest(data),
    )

    # When it is exported, and with a patient that was trained on to calibrate
    command = f"export --run {run_folder} --data {data} --out {tmp_path} --version 1.0.0"
    without, with_known = type_command(command), type_command(f"{command} --calibration {data}")

    # Then both are refused with what to do, and no bundle is begun
    assert without.exit_code == with_known.exit_code == 1
    assert "--calibration" in without.output
    assert "was also used for training" in with_known.output
    assert not (tmp_path / "densa-resnet18").exists()
