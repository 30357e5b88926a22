"""The manifests are what Kubernetes' schemas want; of operators', their documented fields alone."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from services.common.redis_clients import sentinel_address

FOLDER = Path(__file__).parents[3] / "deploy/kubernetes"
RESOURCES = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
OBJECTS: list[dict[str, Any]] = [
    one for name in RESOURCES for one in yaml.safe_load_all((FOLDER / name).read_text())
]
DEPLOYMENTS = [one for one in OBJECTS if one["kind"] == "Deployment"]


def test_every_file_is_a_resource() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(RESOURCES) == files


@pytest.mark.parametrize("one", OBJECTS, ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_an_object_is_valid(one: dict[str, Any]) -> None:
    if one["kind"].startswith("Redis"):  # of the operator no schema is here
        assert one["apiVersion"] == "redis.redis.opstreelabs.in/v1beta2"
        assert set(one["spec"]) <= {
            *("clusterSize", "podSecurityContext", "kubernetesConfig", "redisConfig", "storage"),
            *("pdb", "redisSentinelConfig"),
        }
    elif one["kind"] == "ScaledObject":  # no schema of KEDA's is here
        assert set(one["spec"]) <= {
            "scaleTargetRef", "minReplicaCount", "maxReplicaCount", "cooldownPeriod", "triggers"
        }  # fmt: skip
        assert one["spec"]["scaleTargetRef"]["name"] in {d["metadata"]["name"] for d in DEPLOYMENTS}
        for trigger in one["spec"]["triggers"]:
            assert trigger["type"] == "prometheus"
            assert trigger.get("metricType", "AverageValue") in {"AverageValue", "Value"}
            assert set(trigger["metadata"]) == {"serverAddress", "query", "threshold"}
            assert all(isinstance(value, str) for value in trigger["metadata"].values())
    else:
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda one: str(one["metadata"]["name"]))
def test_a_container_may_do_nothing_that_it_need_not(deployment: dict[str, Any]) -> None:
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    may = container["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert may["readOnlyRootFilesystem"]
    assert not may["allowPrivilegeEscalation"]
    assert may["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["limits"]["memory"]


def test_the_settings_name_the_sentinels_and_the_primary_of_the_manifests() -> None:
    # Given
    (settings,) = [one["data"] for one in OBJECTS if one["metadata"]["name"] == "densa-settings"]
    (sentinel,) = [one for one in OBJECTS if one["kind"] == "RedisSentinel"]

    # When
    address = sentinel_address(settings["DENSA_REDIS_URL"])

    # Then
    assert address is not None
    assert address.primary == sentinel["spec"]["redisSentinelConfig"]["masterGroupName"]
    name = f"{sentinel['metadata']['name']}-sentinel"
    assert [host for host, _ in address.sentinels] == [
        f"{name}-{number}.{name}-headless" for number in range(sentinel["spec"]["clusterSize"])
    ]


def test_kustomize_builds_all_of_it_into_one_namespace() -> None:
    # Given
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        message = "kubectl is missing: apt-get install kubernetes-client"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)

    # When
    command = [kubectl, "kustomize", str(FOLDER)]
    built = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    # Then
    objects = list(yaml.safe_load_all(built))
    assert len(objects) == len(OBJECTS)
    assert {one["metadata"]["namespace"] for one in objects} == {"densa"}
    images = {
        container["image"]
        for one in objects
        if one["kind"] == "Deployment"
        for container in one["spec"]["template"]["spec"]["containers"]
    }
    assert images == {f"densa/{role}:0.1.0" for role in ("gateway", "worker", "page")}
