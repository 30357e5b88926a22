"""The models that serve now, in the contract's words, from what their workers wrote."""

import json
from typing import Any

from densa.v1 import classification_pb2, model_service_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.classification import Location
from services.common.errors import NotFound
from services.common.worker_report import WorkerReport
from services.gateway.converters import LOCATIONS
from services.gateway.readiness import Readiness
from services.gateway.redis_answers import redis_answers

FORMATS = ("JPEG", "PNG", "TIFF")


class ModelCatalog:
    """Answers ModelService."""

    def __init__(self, readiness: Readiness, *, max_image_bytes: int) -> None:
        self._readiness = readiness
        self._max_image_bytes = max_image_bytes

    async def models(self) -> list[model_service_pb2.Model]:
        """Every model that a worker serves now, by name and version."""
        by_digest: dict[str, list[WorkerReport]] = {}
        for report in self._readiness.workers:
            by_digest.setdefault(report.model_digest, []).append(report)
        models = []
        for digest, reports in by_digest.items():
            async with redis_answers():
                text = await self._readiness.manifest(digest)
            if text is not None:
                models.append(self._model(digest, json.loads(text), reports))
        return sorted(models, key=lambda m: (m.identity.name, version_key(m.identity.version)))

    async def model(self, name: str, version: str) -> model_service_pb2.Model:
        """One model: of that name and version, the newest of that name, or the only one.

        Raises:
            NotFound: no worker serves it, or no name was given and several serve.
        """
        models = await self.models()
        names = {model.identity.name for model in models}
        if not name and len(names) == 1:
            name = names.pop()
        found = [
            model
            for model in models
            if model.identity.name == name and version in ("", model.identity.version)
        ]
        if not found:
            serving = ", ".join(f"{m.identity.name} {m.identity.version}" for m in models)
            raise NotFound(
                f"No worker serves the model {name!r} {version}. Serving now: {serving or 'none'}.",
                reason="MODEL_NOT_FOUND",
                field="name",
            )
        return found[-1]

    def _model(
        self, digest: str, manifest: dict[str, Any], reports: list[WorkerReport]
    ) -> model_service_pb2.Model:
        created = Timestamp()
        created.FromJsonString(manifest["create_time"])
        return model_service_pb2.Model(
            identity=classification_pb2.ModelIdentity(
                name=manifest["name"], version=manifest["version"], digest=digest
            ),
            description=manifest["description"],
            create_time=created,
            input=model_service_pb2.InputContract(
                size=manifest["input"]["size"],
                pixel_size_nm=manifest["input"]["pixel_size_nm"],
                preprocessing=manifest["input"]["preprocessing"],
                max_image_bytes=self._max_image_bytes,
                formats=FORMATS,
            ),
            outputs=[_output(label, manifest) for label in ("presence", *Location)],
            calibration_method=manifest["calibration"]["method"],
            workers=[_worker(report) for report in reports],
            notice=manifest["notice"],
        )


def version_key(version: str) -> tuple[tuple[int, int | str], ...]:
    """Orders versions by their numbers: 0.10.0 after 0.9.0."""
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in version.split("."))


def _output(label: str, manifest: dict[str, Any]) -> model_service_pb2.ModelOutput:
    location = LOCATIONS[Location(label)] if label != "presence" else None
    metrics = manifest.get("metrics", {}).get(label)
    zone = manifest.get("abstain", {}).get(label)
    return model_service_pb2.ModelOutput(
        label=label,
        location=location,
        threshold=manifest["thresholds"][label],
        abstain=None if zone is None else model_service_pb2.AbstainZone(low=zone[0], high=zone[1]),
        metrics=None
        if metrics is None
        else model_service_pb2.ModelMetrics(
            auc=metrics["auc"],
            auc_low=metrics["auc_low"],
            auc_high=metrics["auc_high"],
            accuracy=metrics["accuracy"],
            positives=metrics["positives"],
            negatives=metrics["negatives"],
        ),
    )


def _worker(report: WorkerReport) -> model_service_pb2.ModelWorker:
    seen = Timestamp()
    seen.FromNanoseconds(int(report.seen_at * 1e9))
    return model_service_pb2.ModelWorker(
        name=report.name, provider=report.provider, last_seen_time=seen, problem=report.problem
    )
