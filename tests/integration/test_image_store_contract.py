"""The fake image store and the directory keep the same promises."""

from pathlib import Path

import pytest

from services.common.image_store import DirectoryImageStore, ImageStore, image_key
from tests.fakes.image_store import FakeImageStore

KEY = image_key("0" * 32, "an image", "d" * 64)
OTHER = image_key("0" * 32, "another", "d" * 64)


@pytest.fixture(params=["fake", "directory", "directory with fsync"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ImageStore:
    if request.param == "fake":
        return FakeImageStore()
    return DirectoryImageStore(tmp_path / "images", fsync="fsync" in request.param)


@pytest.mark.parametrize("image", [b"", b"bytes", bytes(range(256)) * 10_000])
def test_what_is_kept_is_read_back(store: ImageStore, image: bytes) -> None:
    # When
    store.put(KEY, image)

    # Then
    assert store.get(KEY) == image


def test_what_was_never_kept_is_not_there(store: ImageStore) -> None:
    assert store.get(KEY) is None


def test_keeping_again_changes_nothing(store: ImageStore) -> None:
    # Given
    store.put(KEY, b"bytes")

    # When
    store.put(KEY, b"bytes")

    # Then
    assert store.get(KEY) == b"bytes"


def test_what_is_forgotten_is_not_there_and_others_are(store: ImageStore) -> None:
    # Given
    store.put(KEY, b"one")
    store.put(OTHER, b"two")

    # When
    store.delete(KEY)

    # Then
    assert store.get(KEY) is None
    assert store.get(OTHER) == b"two"


def test_forgetting_again_changes_nothing(store: ImageStore) -> None:
    # Given
    store.put(KEY, b"bytes")

    # When
    store.delete(KEY)
    store.delete(KEY)

    # Then
    assert store.get(KEY) is None


def test_what_was_forgotten_can_be_kept_again(store: ImageStore) -> None:
    # Given
    store.put(KEY, b"one")
    store.delete(KEY)

    # When
    store.put(KEY, b"two")

    # Then
    assert store.get(KEY) == b"two"
