"""A stack's data directory from a backup."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from services.stack.backup import HOLD, IMAGES, PAGE, REDIS
from services.stack.data_directory import DataDirectory
from services.stack.errors import StackError
from services.stack.page_backup import DATABASE, restore_page
from services.stack.redis_server import find_redis_server
from services.stack.running_redis import RedisCli

LOAD_SECONDS = 600.0
"""How long Redis may take to load what it held and to write it down again."""

POLL_SECONDS = 0.1


def restore(source: Path, data: DataDirectory) -> int:
    """Makes the data directory hold what the backup does; how many images wait in it.

    Raises StackError: `source` is no backup, or `data` holds something already.
    """
    if not (source / REDIS).is_file() or not (source / IMAGES).is_dir():
        raise StackError(f"{source} is no backup: it needs {REDIS} and {IMAGES}/.")
    with data.locked():
        kept = any(data.redis.iterdir()) or any(data.images.iterdir())
        if kept or (data.page / DATABASE).exists():
            raise StackError(
                f"{data.path} holds data already, which a restore would mix up. Move it away, or "
                "name another directory with --data DIR."
            )
        try:
            shutil.copytree(source / IMAGES, data.images, dirs_exist_ok=True)
            restore_page(source / PAGE, data.page)
            shutil.copy2(source / REDIS, data.redis / "dump.rdb")
            with data.socket_directory() as sockets:
                _make_append_only(data.redis, sockets / "redis.sock")
        except OSError as error:
            raise StackError(f"{data.path} cannot be written: {error}") from error
    return sum(path.is_file() for path in data.images.rglob("*"))


def _make_append_only(directory: Path, socket: Path) -> None:
    """Redis starts with its append-only file, and empty without one: it is made from the RDB."""
    server = find_redis_server()
    process = subprocess.Popen(
        [*server.command(directory, socket), "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        redis = RedisCli(socket)
        _wait(process, lambda: redis.ask("PING") == "PONG")
        redis.ask("DEL", HOLD)
        redis.ask("CONFIG", "SET", "appendonly", "yes")
        _wait(
            process,
            lambda: (
                (
                    redis.info("aof_rewrite_in_progress"),
                    redis.info("aof_rewrite_scheduled"),
                    redis.info("aof_last_bgrewrite_status"),
                )
                == ("0", "0", "ok")
            ),
        )
    finally:
        process.terminate()
        process.wait()
    (directory / "dump.rdb").unlink(missing_ok=True)


def _wait(process: subprocess.Popen[bytes], condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LOAD_SECONDS
    while True:
        try:
            if condition():
                return
        except StackError:
            pass
        if process.poll() is not None:
            raise StackError(
                "Redis ended at once: is the backup whole, and of this Redis or an older?"
            )
        if time.monotonic() > end:
            raise StackError(f"Redis did not load the backup in {LOAD_SECONDS:.0f} s.")
        time.sleep(POLL_SECONDS)
