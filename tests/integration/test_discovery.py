"""What a client can find out: services by reflection, models by ModelService."""

from typing import Any

import grpc
import pytest
from densa.v1 import model_service_pb2 as pb
from densa.v1 import model_service_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.integration.calls import field_of, reason_of, status_of
from tests.integration.conftest import WORKER_NAME


def _models(channel: grpc.aio.Channel) -> Any:
    return model_service_pb2_grpc.ModelServiceStub(channel)


async def _reflect(channel: grpc.aio.Channel, **request: str) -> Any:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
    call = stub.ServerReflectionInfo()
    await call.write(reflection_pb2.ServerReflectionRequest(**request))
    await call.done_writing()
    return await call.read()


async def test_reflection_lists_every_service(channel: grpc.aio.Channel) -> None:
    # When
    response = await _reflect(channel, list_services="")

    # Then
    assert {one.name for one in response.list_services_response.service} == {
        "densa.v1.ClassificationService",
        "densa.v1.JobService",
        "densa.v1.ModelAdminService",
        "densa.v1.ModelService",
        "densa.v1.OperationsService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }


async def test_reflection_describes_the_contract(channel: grpc.aio.Channel) -> None:
    # When
    response = await _reflect(channel, file_containing_symbol="densa.v1.ClassificationService")

    # Then
    files = b"".join(response.file_descriptor_response.file_descriptor_proto)
    assert b"ClassifyMicrographs" in files


async def test_the_model_that_serves_is_listed_with_its_worker(
    channel: grpc.aio.Channel,
) -> None:
    # When
    response = await _models(channel).ListModels(pb.ListModelsRequest())

    # Then
    (model,) = response.models
    assert (model.identity.name, model.identity.version) == ("tiny", "0.0.1")
    assert (model.input.size, model.input.pixel_size_nm) == (224, 46.0)
    assert model.input.max_image_bytes == 64 * 1024 * 1024
    assert len(model.outputs) == 5
    assert "Research Use Only" in model.notice
    (worker,) = model.workers
    assert (worker.name, worker.provider) == (WORKER_NAME, "cpu")


@pytest.mark.parametrize(
    ("name", "version"), [("", ""), ("tiny", ""), ("tiny", "0.0.1"), ("", "0.0.1")]
)
async def test_the_model_that_serves_can_be_asked_for(
    channel: grpc.aio.Channel, name: str, version: str
) -> None:
    # When
    response = await _models(channel).GetModel(pb.GetModelRequest(name=name, version=version))

    # Then
    assert response.model.identity.name == "tiny"


@pytest.mark.parametrize(("name", "version"), [("other", ""), ("tiny", "9.9.9")])
async def test_a_model_that_does_not_serve_is_not_found(
    channel: grpc.aio.Channel, name: str, version: str
) -> None:
    # When
    with pytest.raises(grpc.aio.AioRpcError, match=r"tiny 0\.0\.1") as caught:
        await _models(channel).GetModel(pb.GetModelRequest(name=name, version=version))

    # Then
    status = status_of(caught.value)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert (reason_of(status), field_of(status)) == ("MODEL_NOT_FOUND", "name")
