"""The models that serve, as the manifests of their workers say."""

import json
from typing import Any

import pytest
from densa.v1 import classification_pb2 as pb

from services.common.errors import NotFound
from services.common.worker_report import WorkerReport
from services.gateway.model_catalog import ModelCatalog, version_key
from tests.fakes.classifier import manifest


class Reports:
    """What readiness knows."""

    def __init__(self) -> None:
        self.workers: list[WorkerReport] = []
        self.manifests: dict[str, dict[str, Any]] = {}

    def add(self, worker: str, name: str, version: str, **fields: object) -> None:
        """A worker that serves a model."""
        digest = f"sha256:{name}-{version}"
        self.workers.append(WorkerReport(worker, name, version, digest, "cpu", 1_700_000_000.25))
        said = json.loads(manifest().model_dump_json())
        self.manifests[digest] = {**said, "name": name, "version": version, **fields}

    async def manifest(self, digest: str) -> bytes | None:
        """See Readiness."""
        said = self.manifests.get(digest)
        return None if said is None else json.dumps(said).encode()

    def catalog(self) -> ModelCatalog:
        """A catalog of them."""
        return ModelCatalog(self, max_image_bytes=1234)  # type: ignore[arg-type]


async def test_a_model_says_everything_of_its_manifest() -> None:
    # Given
    reports = Reports()
    metrics = {
        "auc": 0.9,
        "auc_low": 0.8,
        "auc_high": 0.95,
        "accuracy": 0.85,
        "positives": 10,
        "negatives": 20,
    }
    thresholds = {**manifest().thresholds, "mesangial": 0.25}
    reports.add("w", "densa", "0.1.0", metrics={"mesangial": metrics}, thresholds=thresholds)

    # When
    (model,) = await reports.catalog().models()

    # Then
    assert (model.identity.name, model.identity.version) == ("densa", "0.1.0")
    assert model.identity.digest == "sha256:densa-0.1.0"
    assert model.description == "A stand-in."
    assert model.create_time.ToJsonString() == "2026-01-01T00:00:00Z"
    assert (model.input.size, model.input.pixel_size_nm) == (224, 46.0)
    assert model.input.max_image_bytes == 1234
    assert list(model.input.formats) == ["JPEG", "PNG", "TIFF"]
    assert [output.label for output in model.outputs] == [
        "presence",
        "mesangial",
        "subepithelial",
        "intramembranous",
        "subendothelial",
    ]
    presence, mesangial = model.outputs[:2]
    assert presence.location == pb.LOCATION_UNSPECIFIED
    assert not presence.HasField("metrics")
    assert (mesangial.location, mesangial.threshold) == (pb.LOCATION_MESANGIAL, 0.25)
    assert (mesangial.metrics.auc, mesangial.metrics.negatives) == (0.9, 20)
    assert [(worker.name, worker.provider) for worker in model.workers] == [("w", "cpu")]
    assert model.workers[0].last_seen_time.ToMicroseconds() == pytest.approx(
        1_700_000_000_250_000, abs=1
    )
    assert "Research Use Only" in model.notice


async def test_workers_of_one_model_are_listed_with_it() -> None:
    # Given
    reports = Reports()
    reports.add("w1", "densa", "0.1.0")
    reports.add("w2", "densa", "0.1.0")

    # When
    (model,) = await reports.catalog().models()

    # Then
    assert [worker.name for worker in model.workers] == ["w1", "w2"]


async def test_models_are_listed_by_name_and_by_version_as_numbers() -> None:
    # Given
    reports = Reports()
    for name, version in (("b", "0.1.0"), ("a", "0.10.0"), ("a", "0.9.0")):
        reports.add(f"{name}{version}", name, version)

    # When
    models = await reports.catalog().models()

    # Then
    assert [(m.identity.name, m.identity.version) for m in models] == [
        ("a", "0.9.0"),
        ("a", "0.10.0"),
        ("b", "0.1.0"),
    ]


async def test_a_model_whose_manifest_is_not_there_yet_is_left_out() -> None:
    # Given
    reports = Reports()
    reports.add("w", "densa", "0.1.0")
    reports.manifests.clear()

    # Then
    assert await reports.catalog().models() == []


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [("a", "0.9.0", "0.9.0"), ("a", "", "0.10.0"), ("", "", "0.10.0"), ("", "0.9.0", "0.9.0")],
)
async def test_a_model_is_found_by_name_and_version_or_as_the_only_or_newest_one(
    name: str, version: str, expected: str
) -> None:
    # Given
    reports = Reports()
    reports.add("w1", "a", "0.9.0")
    reports.add("w2", "a", "0.10.0")

    # Then
    assert (await reports.catalog().model(name, version)).identity.version == expected


@pytest.mark.parametrize(("name", "version"), [("c", ""), ("a", "7.0.0"), ("", "")])
async def test_a_model_that_nobody_serves_is_not_found_and_those_that_serve_are_named(
    name: str, version: str
) -> None:
    # Given: two names, so that none is not enough
    reports = Reports()
    reports.add("w1", "a", "0.9.0")
    reports.add("w2", "b", "0.1.0")

    # When
    with pytest.raises(NotFound, match=r"a 0\.9\.0, b 0\.1\.0") as caught:
        await reports.catalog().model(name, version)

    # Then
    assert (caught.value.reason, caught.value.field) == ("MODEL_NOT_FOUND", "name")


async def test_without_workers_no_model_serves() -> None:
    with pytest.raises(NotFound, match="none"):
        await Reports().catalog().model("", "")


def test_versions_with_words_can_be_ordered_too() -> None:
    versions = ["1.0.0", "0.9.0-rc1", "0.10.0", "0.9.0"]
    assert sorted(versions, key=version_key) == ["0.9.0", "0.9.0-rc1", "0.10.0", "1.0.0"]
