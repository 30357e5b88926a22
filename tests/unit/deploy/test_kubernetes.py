"""The manifests are what Kubernetes' own schemas want; of KEDA's, its documented fields alone."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

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
    if one["kind"] == "ScaledObject":  # no schema of KEDA's is here
        assert set(one["spec"]) <= {
            "scaleTargetRef", "minReplicaCount", "maxReplicaCount", "cooldownPeriod", "triggers"
        }  # fmt: skip
        assert one["spec"]["scaleTargetRef"]["name"] in {d["metadata"]["name"] for d in DEPLOYMENTS}
        for trigger in one["spec"]["triggers"]:
            assert trigger["type"] == "prometheus"
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
