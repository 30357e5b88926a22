"""Everything that stands in Redis, as text that can be kept in a file and put back.

`python -m tests.recorded_messages VERSION` records what this version writes, once per release,
into tests/data/messages/VERSION: later versions are tested against it.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import grpc
import redis
from densa.v1.micrograph_pb2 import Micrograph

from tests.bundles import write_tiny_bundle
from tests.integration.calls import Stream, grey, stub_of
from tests.integration.micrographs import PIXEL_SIZE_NM, micrograph
from tests.integration.processes import Service, running_service
from tests.waiting import until

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "data" / "messages"

WAITING, FINISHED, ANNOUNCED = "redis-waiting.json", "redis-finished.json", "announced.json"
"""Redis before and after a worker came, and what was said on the job's channel."""

GOOD, UNREADABLE = ("a", "b|c é"), "broken"
"""image_ids that are recorded; the pixels of the last are cut off."""


def dump(client: redis.Redis) -> dict[str, dict[str, Any]]:
    """Every key with its type and its value, texts as they are."""
    found = {}
    for key in sorted(cast("list[bytes]", client.keys("*"))):
        kind = cast("bytes", client.type(key)).decode()
        found[key.decode()] = {"type": kind, "value": _READ[kind](client, key)}
    return found


def restore(client: redis.Redis, dumped: dict[str, dict[str, Any]]) -> None:
    """The inverse of `dump`, into an empty Redis."""
    for key, entry in dumped.items():
        _WRITE[entry["type"]](client, key, entry["value"])


def recorded(version: str, name: str) -> Any:
    """A recorded file."""
    return json.loads((FOLDER / version / name).read_text())


def versions() -> list[str]:
    """The versions that were recorded."""
    return sorted(path.name for path in FOLDER.iterdir())


async def record(service: Service) -> dict[str, Any]:
    """What this version writes, by file name: a job of three images, from gateway and worker."""
    gateway = service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        stream = Stream(stub_of(channel))
        await stream.open()
        images = [grey(one, 100 + n, case_id="case 7") for n, one in enumerate(GOOD)]
        cut = micrograph(50)[:-40]
        images.append(Micrograph(image_id=UNREADABLE, image=cut, pixel_size_nm=PIXEL_SIZE_NM))
        await stream.send(*images)
        await stream.until(lambda s: len(s.accepted) == len(images))
        with service.redis.client() as client, client.pubsub() as listening:
            await until(lambda: client.llen("densa.classify"))
            waiting = dump(client)
            listening.subscribe(f"densa:job:{stream.job}:announce")
            worker = service.start_worker(DENSA_WORKER_NAME="w")
            await stream.until(lambda s: len(s.results) == len(images))
            finished = dump(client)
            said = []
            while (message := listening.get_message(timeout=1)) is not None:
                if message["type"] == "message":
                    said.append(message["data"].decode())
        await stream.finish()
    worker.stop()
    return {WAITING: waiting, FINISHED: finished, ANNOUNCED: said}


def _texts(values: Any) -> list[str]:
    return [value.decode() for value in values]


_READ: dict[str, Callable[[Any, Any], Any]] = {
    "string": lambda client, key: client.get(key).decode(),
    "hash": lambda client, key: {
        field.decode(): value.decode() for field, value in client.hgetall(key).items()
    },
    "list": lambda client, key: _texts(client.lrange(key, 0, -1)),
    "set": lambda client, key: sorted(_texts(client.smembers(key))),
    "zset": lambda client, key: {
        member.decode(): score for member, score in client.zrange(key, 0, -1, withscores=True)
    },
    "stream": lambda client, key: [
        [entry.decode(), {name.decode(): value.decode() for name, value in fields.items()}]
        for entry, fields in client.xrange(key)
    ],
}

_WRITE: dict[str, Callable[[Any, str, Any], object]] = {
    "string": lambda client, key, value: client.set(key, value),
    "hash": lambda client, key, value: client.hset(key, mapping=value),
    "list": lambda client, key, value: client.rpush(key, *value),
    "set": lambda client, key, value: client.sadd(key, *value),
    "zset": lambda client, key, value: client.zadd(key, value),
    "stream": lambda client, key, value: [
        client.xadd(key, fields, id=entry) for entry, fields in value
    ],
}


def main(version: str) -> None:
    """Records this version."""
    target = FOLDER / version
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        write_tiny_bundle(bundle)
        with running_service(Path(folder), bundle) as service:
            for name, content in asyncio.run(record(service)).items():
                text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
                (target / name).write_text(text + "\n")
    shutil.copytree(ROOT / "services" / "common" / "lua", target / "lua")


if __name__ == "__main__":
    main(sys.argv[1])
