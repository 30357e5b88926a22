"""Images in a directory: whole or not at all, and a reason when it cannot be."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.directory_store import DirectoryImageStore
from services.common.errors import DensaError, Overloaded, Unavailable
from services.common.image_store import image_key

DIGEST = "d" * 64
JOB = "0" * 32


def _files(root: Path) -> list[str]:
    return [path.name for path in root.rglob("*") if path.is_file()]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=128))
def test_a_key_is_a_plain_file_name_whatever_the_image_id_holds(image_id: str) -> None:
    # When
    key = image_key(JOB, image_id, DIGEST)

    # Then
    assert Path(key).name == key
    assert key.isascii()
    assert len(key) < 200


def test_other_bytes_another_id_or_another_job_make_another_key() -> None:
    # Given
    sent = [(JOB, "a", DIGEST), (JOB, "a", "e" * 64), (JOB, "b", DIGEST), ("1" * 32, "a", DIGEST)]

    # Then
    assert len({image_key(*one) for one in sent}) == len(sent)
    assert image_key(*sent[0]) == image_key(*sent[0])


def test_the_same_image_again_is_written_over(tmp_path: Path) -> None:
    # Given
    store = DirectoryImageStore(tmp_path)
    store.put("key", b"first")

    # When
    store.put("key", b"second")

    # Then
    assert store.get("key") == b"second"
    assert _files(tmp_path) == ["key"]


def test_a_reader_sees_an_image_whole_or_not_at_all(tmp_path: Path) -> None:
    # Given
    store = DirectoryImageStore(tmp_path)
    versions = [bytes([level]) * 200_000 for level in range(2)]
    store.put("key", versions[0])
    written = threading.Event()

    def write() -> None:
        for turn in range(100):
            store.put("key", versions[turn % 2])
        written.set()

    # When
    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not written.is_set():
        seen.add(store.get("key"))
    writer.join()

    # Then
    assert seen <= set(versions)


@pytest.mark.parametrize("fails", ["write", "replace"])
@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, Overloaded("", reason="STORE_FULL")),
        (errno.EDQUOT, Overloaded("", reason="STORE_FULL")),
        (errno.EIO, Unavailable("", reason="STORE_UNAVAILABLE")),
        (errno.EROFS, Unavailable("", reason="STORE_UNAVAILABLE")),
    ],
)
def test_a_failed_write_leaves_the_old_image_and_no_part_and_says_whether_it_is_full(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fails: str,
    number: int,
    error: DensaError,
) -> None:
    # Given
    store = DirectoryImageStore(tmp_path, fsync=True)
    store.put("key", b"old")

    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    if fails == "write":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)

    # When
    with pytest.raises(type(error)) as caught:
        store.put("key", b"new")

    # Then: full is not broken
    assert caught.value.reason == error.reason
    assert store.get("key") == b"old"
    assert _files(tmp_path) == ["key"]


def test_a_place_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    # Given: permissions do not stop root, a file in the way stops everybody
    (tmp_path / "file").write_text("in the way")

    # When
    with pytest.raises(Unavailable, match="DENSA_STORE_PATH") as caught:
        DirectoryImageStore(tmp_path / "file")

    # Then
    assert caught.value.reason == "STORE_UNAVAILABLE"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_without_permission_says_what_to_do(tmp_path: Path) -> None:
    # Given
    tmp_path.chmod(0o500)

    # Then
    with pytest.raises(Unavailable, match="write permission"):
        DirectoryImageStore(tmp_path / "images")


def test_a_directory_that_went_away_is_unavailable_for_each_operation(tmp_path: Path) -> None:
    # Given: a file where each shard was
    store = DirectoryImageStore(tmp_path)
    for shard in tmp_path.iterdir():
        shard.rmdir()
        shard.write_text("in the way")

    # Then
    attempts: list[Callable[[], object]] = [
        lambda: store.put("key", b"image"),
        lambda: store.get("key"),
        lambda: store.delete("key"),
    ]
    for attempt in attempts:
        with pytest.raises(Unavailable) as caught:
            attempt()
        assert caught.value.reason == "STORE_UNAVAILABLE"


def test_a_volume_that_is_not_mounted_is_unavailable_and_no_image_is_missing(
    tmp_path: Path,
) -> None:
    # Given
    store = DirectoryImageStore(tmp_path / "volume")
    (tmp_path / "volume").rename(tmp_path / "elsewhere")
    (tmp_path / "volume").mkdir()

    # Then
    with pytest.raises(Unavailable, match="mounted") as caught:
        store.get("key")
    assert caught.value.reason == "STORE_UNAVAILABLE"
