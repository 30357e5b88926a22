"""What Redis alone can carry: the scripts of an image's life, with nobody else in the way."""

import time
from dataclasses import dataclass
from typing import cast

import redis

from services.common.messages import ImageDetails, ImageRef, encode_details
from services.common.scripts import script
from services.common.settings import LeaseSettings
from services.worker.job_ledger import RedisJobLedger

IMAGES = 20_000
AT_ONCE = 100
"""Registrations in one pipeline, so that this process is not what is measured."""

OUTCOME = b'{"image_id":"00000000","classification":{"presence":' + b"0" * 1150 + b"}}"
"""Of the size of a real one."""


@dataclass(frozen=True)
class RedisLimit:
    """Per image, a backlog being worked off in micro-batches of `batch`."""

    batch: int
    cpu_ms: float
    """Of Redis."""
    append_only_bytes: float

    @property
    def images_per_second(self) -> float:
        """With one core to itself, of which Redis's scripts use no more."""
        return 1000.0 / self.cpu_ms


def measure(url: str, batch: int, images: int = IMAGES) -> RedisLimit:
    """Registers, claims and finishes so many images of a job, and forgets them."""
    with redis.Redis.from_url(url) as client:
        scripts = {
            name: client.register_script(script(name)) for name in ("open", "outcome", "forget")
        }
        register = client.script_load(script("register"))
        outcome = client.script_load(script("outcome"))
        client.config_set("auto-aof-rewrite-percentage", 0)  # its size is to tell what was written
        job = f"{time.time_ns():032x}"
        scripts["open"](args=[job, "BULK", "benchmark", 1000])
        cpu, written = _cpu_seconds(client), _append_only_bytes(client)
        for start in range(0, images, AT_ONCE):
            with client.pipeline(transaction=False) as pipe:
                for number in range(start, start + AT_ONCE):
                    details = encode_details(ImageDetails(f"{number:032x}", "", 10.0))
                    about = [job, f"{number:08d}", "0" * 64, 200_000, "", details]
                    limits = [10**9, 10**15, "densa.classify", "", "", "", ""]
                    pipe.evalsha(register, 0, *about, *limits)
                pipe.execute()
        ledger = RedisJobLedger(
            client, client, batch_size=batch, threads=1, leases=LeaseSettings(seconds=600)
        )
        left = images
        while left:
            claim = ledger.claim(exclusive=False)
            with client.pipeline(transaction=False) as pipe:
                for one in claim.images:
                    image: ImageRef = one.image
                    pipe.evalsha(outcome, 0, image.job, image.image_id, OUTCOME, "")
                pipe.execute()
            left -= len(claim.images)
        used = _cpu_seconds(client) - cpu
        grown = _append_only_bytes(client) - written
        scripts["forget"](args=[job])
    return RedisLimit(batch, 1000.0 * used / images, grown / images)


def _cpu_seconds(client: redis.Redis) -> float:
    cpu = cast("dict[str, float]", client.info("cpu"))
    return cpu["used_cpu_user_main_thread"] + cpu["used_cpu_sys_main_thread"]


def _append_only_bytes(client: redis.Redis) -> int:
    return int(cast("dict[str, int]", client.info("persistence")).get("aof_current_size", 0))
