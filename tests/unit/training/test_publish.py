"""A bundle is published whole, verified, and never over another."""

from pathlib import Path

import pytest

from services.common.errors import BundleError
from services.inference.bundle import load_bundle
from services.inference.manifest import CARD_FILE, MODEL_FILE, OutputMetrics
from services.inference.sealing import seal_bundle
from services.training.publish import PublishError, publish_bundle
from tests.bundles import write_null_bundle

METRICS = OutputMetrics(auc=0.9, auc_low=0.8, auc_high=0.95, accuracy=0.9, positives=5, negatives=5)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write_null_bundle(tmp_path / "built")
    manifest = load_bundle(tmp_path / "built").manifest
    evaluated = manifest.model_copy(update={"metrics": {"presence": METRICS}})
    seal_bundle(tmp_path / "built", evaluated)
    return tmp_path / "built"


def test_a_published_bundle_is_the_same_bundle(bundle: Path, tmp_path: Path) -> None:
    # Given a bundle and a repository that is not there yet
    # When it is published
    target = publish_bundle(bundle, tmp_path / "models")

    # Then it lies under name and version, is the same, and nothing lies beside it
    assert target == tmp_path / "models" / "null" / "0.0.1"
    assert load_bundle(target).identity == load_bundle(bundle).identity
    assert list(target.parent.iterdir()) == [target]


def test_a_version_is_never_overwritten(bundle: Path, tmp_path: Path) -> None:
    # Given a published bundle
    target = publish_bundle(bundle, tmp_path / "models")
    before = (target / "manifest.json").stat().st_mtime_ns

    # When it is published again
    # Then that is refused, and nothing was touched
    with pytest.raises(PublishError, match="never changed"):
        publish_bundle(bundle, tmp_path / "models")
    assert (target / "manifest.json").stat().st_mtime_ns == before


def test_a_damaged_bundle_is_not_published(bundle: Path, tmp_path: Path) -> None:
    # Given a bundle of which one byte was changed
    graph = bytearray((bundle / MODEL_FILE).read_bytes())
    graph[len(graph) // 2] ^= 1
    (bundle / MODEL_FILE).write_bytes(graph)

    # When it is published
    # Then that is refused, and the repository stays empty
    with pytest.raises(BundleError):
        publish_bundle(bundle, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_bundle_that_was_not_evaluated_is_not_published(bundle: Path, tmp_path: Path) -> None:
    # Given a bundle that verifies, but has neither metrics nor a card
    manifest = load_bundle(bundle).manifest
    (bundle / CARD_FILE).unlink()
    seal_bundle(bundle, manifest.model_copy(update={"metrics": {}}))

    # When it is published
    # Then that is refused, and the repository stays empty
    with pytest.raises(PublishError, match=r"no metrics and no MODEL_CARD\.md.*export it again"):
        publish_bundle(bundle, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_copy_that_fails_leaves_nothing_behind(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a repository in which copying breaks off
    def break_off(source: Path, target: Path) -> None:
        target.mkdir(parents=True)
        (target / "half").write_text(source.name)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("services.training.publish.shutil.copytree", break_off)

    # When a bundle is published
    # Then the error comes through, and no part lies about
    with pytest.raises(OSError, match="No space left"):
        publish_bundle(bundle, tmp_path / "models")
    assert list((tmp_path / "models" / "null").iterdir()) == []
