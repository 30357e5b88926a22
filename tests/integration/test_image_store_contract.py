"""The fake image store, the directory and S3 keep the same promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.directory_store import DirectoryImageStore
from services.common.image_store import ImageStore, image_key
from services.common.s3_store import S3ImageStore
from tests.fakes.image_store import FakeImageStore
from tests.s3_server import S3Server, running_s3

KEY = image_key("0" * 32, "an image", "d" * 64)
OTHER = image_key("0" * 32, "another", "d" * 64)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with running_s3() as server:
        yield server


@pytest.fixture(params=["fake", "directory", "directory with fsync", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ImageStore:
    if request.param == "fake":
        return FakeImageStore()
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3")
        return S3ImageStore(f"{server.url}/{tmp_path.name}", server.settings())
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


def test_what_is_in_it_is_counted_and_listed_by_job(store: ImageStore) -> None:
    # Given
    store.put(KEY, b"one")
    store.put(OTHER, b"three")

    # Then
    use = store.use()
    assert (use.images, use.bytes) == (2, 8)
    assert sorted(store.older_than(-1)) == sorted([("0" * 32, KEY), ("0" * 32, OTHER)])


def test_names_may_be_deleted_while_they_are_listed(store: ImageStore) -> None:
    # Given
    for number in range(20):
        store.put(image_key("0" * 32, f"{number}", "d" * 64), b"image")

    # When
    for _, key in store.older_than(-1):
        store.delete(key)

    # Then
    assert store.use().images == 0
