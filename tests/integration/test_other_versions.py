"""One version apart: what the version before wrote is understood, and what it reads is written.

tests/data/messages/VERSION holds what a version wrote into Redis, and its scripts.
docs/operations/upgrade.md states the rule.
"""

import base64
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
import redis

from services.common import keys, scripts
from services.common.messages import (
    WAKE_UP,
    check_wake_up,
    decode_outcome,
    decode_record,
    encode_outcome,
)
from services.common.worker_report import decode_report
from tests.integration.calls import Stream, stub_of
from tests.integration.job_calls import get, job_stub_of, watched
from tests.integration.processes import Service
from tests.integration.queue_world import QueueOf
from tests.recorded_messages import (
    ANNOUNCED,
    FINISHED,
    FOLDER,
    GOOD,
    UNREADABLE,
    WAITING,
    record,
    recorded,
    restore,
    versions,
)
from tests.redis_server import RedisServer

IMAGES = {*GOOD, UNREADABLE}

pytestmark = pytest.mark.parametrize("version", versions())


def _job(dumped: dict[str, Any]) -> str:
    (name,) = dumped["densa:jobs"]["value"]
    return str(name)


def _with_a_field_more(text: str) -> str:
    """A record as a version after this one may write it."""
    return json.dumps({**json.loads(text), "a_field_of_tomorrow": {"any": ["thing"]}})


def test_each_recorded_record_is_read_and_unknown_fields_are_ignored(version: str) -> None:
    # Given
    waiting, finished = recorded(version, WAITING), recorded(version, FINISHED)
    job = keys.job(_job(finished))

    # Then: records of images
    for text in waiting[f"{job}:images"]["value"].values():
        head, details = text[: text.index("{")], text[text.index("{") :]
        newer = head + _with_a_field_more(details)
        assert decode_record(text.encode()) == decode_record(newer.encode())

    # Then: outcomes, in the stream and as they are announced
    outcomes = [fields["outcome"] for _, fields in finished[f"{job}:results"]["value"]]
    said = [text.split(" ", 1) for text in recorded(version, ANNOUNCED)]
    assert said == [[f"{n}", text] for n, text in enumerate(outcomes, start=1)]
    for text in outcomes:
        newer = decode_outcome(_with_a_field_more(text).encode())
        assert decode_outcome(text.encode()) == newer
        assert newer.image_id in IMAGES

    # Then: reports of workers
    for text in finished["densa:workers"]["value"].values():
        assert decode_report(text.encode()) == decode_report(_with_a_field_more(text).encode())

    # Then: wake-ups
    message, *_ = waiting["densa.classify"]["value"]
    (argument,), *_ = json.loads(base64.b64decode(json.loads(message)["body"]))
    check_wake_up(argument)
    check_wake_up({**argument, "a_field_of_tomorrow": 1})
    assert json.loads(message)["headers"]["task"] == "densa.classify"
    assert argument.items() <= WAKE_UP.items()


def test_an_outcome_with_a_finding_of_tomorrow_is_still_an_answer(version: str) -> None:
    # Given
    finished = recorded(version, FINISHED)
    text = finished[f"{keys.job(_job(finished))}:results"]["value"][0][1]["outcome"]
    outcome = json.loads(text)
    outcome["classification"]["findings"].append({"code": "TOMORROW", "message": "New."})

    # When
    read = decode_outcome(json.dumps(outcome).encode())

    # Then
    assert read.classification is not None
    assert read.classification.findings[-1].message == "New."


async def test_this_version_goes_on_with_the_redis_of_that_one(
    version: str, lone_service: Service
) -> None:
    # Given: images that were accepted there; their pixels are gone with that version's store
    waiting = recorded(version, WAITING)
    job = _job(waiting)
    with lone_service.redis.client() as client:
        restore(client, waiting)
        client.zadd(keys.EXPIRY, {job: 4e9})
    gateway = lone_service.start_gateway()
    lone_service.start_worker()

    # When
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        results = await watched(job_stub_of(channel), job)
        found = await get(job_stub_of(channel), job)

    # Then: each has its one result
    assert sorted(one.result.image_id for one in results) == sorted(IMAGES)
    assert (found.accepted, found.finished) == (len(IMAGES), len(IMAGES))


async def test_finished_jobs_of_that_version_are_told_as_they_were(
    version: str, lone_service: Service
) -> None:
    # Given
    finished = recorded(version, FINISHED)
    job = _job(finished)
    with lone_service.redis.client() as client:
        restore(client, finished)
        client.zadd(keys.EXPIRY, {job: 4e9})

    # When
    gateway = lone_service.start_gateway()
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        results = await watched(job_stub_of(channel), job)
        stream = Stream(stub_of(channel))
        await stream.open(job, cursor="1")
        await stream.finish()

    # Then
    texts = [fields["outcome"] for _, fields in finished[f"{keys.job(job)}:results"]["value"]]
    told = [one.result for one in results]
    assert [one.image_id for one in told] == [json.loads(text)["image_id"] for text in texts]
    assert told[0].classification.presence.probability == pytest.approx(
        json.loads(texts[0])["classification"]["presence"]["probability"]
    )
    assert stream.results == told[1:]


async def test_what_that_version_reads_is_still_written(
    version: str, lone_service: Service
) -> None:
    # When: the same job, with this version
    now = await record(lone_service)

    # Then
    for name in (WAITING, FINISHED):
        then = recorded(version, name)
        lacking = _lacking(_plain(now[name]), _plain(then), name)
        assert not lacking, lacking
    assert all(text.split(" ", 1)[1].startswith("{") for text in now[ANNOUNCED])


def _plain(dumped: dict[str, Any]) -> dict[str, Any]:
    """A dump without names that differ from run to run, JSON texts as what they say."""
    job = _job(dumped)
    kept = {
        key.replace(job, "JOB"): _shape(entry, key)
        for key, entry in dumped.items()
        if not key.startswith(("_kombu", "unacked", "densa:lane", "densa:job:JOB:attempts"))
    }
    kept.pop("densa:claims", None)
    return kept


def _shape(entry: dict[str, Any], key: str) -> Any:
    value = entry["value"]
    if entry["type"] == "hash":
        unnamed = key in ("densa:models", "densa:submitters")
        return {("*" if unnamed else field): _said(text) for field, text in value.items()}
    if entry["type"] == "stream":
        said = [_said(fields["outcome"]) for _, fields in value]  # in any order
        return {outcome["image_id"]: outcome for outcome in said}
    return entry["type"]


def _said(text: str) -> Any:
    """JSON, also after the other words of an image's record; else a text or a number."""
    head, brace, rest = text.partition("{")
    if brace:
        return {"head": len(head.split()), **json.loads(brace + rest)}
    return text


def _lacking(now: Any, then: Any, where: str) -> list[str]:
    """What the version of then wrote and that of now does not, or otherwise."""
    if isinstance(then, dict):
        if not isinstance(now, dict):
            return [f"{where}: {type(now).__name__} instead of an object"]
        return [
            line
            for name, value in then.items()
            for line in (
                _lacking(now[name], value, f"{where}.{name}")
                if name in now
                else [f"{where}.{name} is missing"]
            )
        ]
    same = type(now) is type(then) or {type(now), type(then)} <= {int, float}
    return [] if same else [f"{where}: {now!r} instead of {then!r}"]


def _scripts_of(version: str) -> Callable[[str], str]:
    folder: Path = FOLDER / version / "lua"
    return lambda name: (folder / "queue.lua").read_text() + (folder / f"{name}.lua").read_text()


@pytest.mark.parametrize("newer", ["gateway", "worker"])
async def test_scripts_of_two_versions_move_the_same_images(
    version: str, newer: str, queue_of: QueueOf, clean_redis: RedisServer
) -> None:
    # Given: a gateway of one version and a worker of the other on one Redis
    then, now = _scripts_of(version), scripts.script
    world = queue_of()
    _exchange(world.registry if newer == "worker" else world.ledger, then)

    # When: images are accepted, claimed, given back, lost with their worker, and finished
    images = await world.accept(4)
    assert world.claim() == images
    world.ledger.renew(images)
    world.ledger.release(images[:2])
    swept = world.die(images[2:])
    assert swept.queued_again == 2
    suspects = [*world.claim(exclusive=True), *world.claim(exclusive=True)]
    assert set(suspects) == set(images[2:])
    world.finish(suspects)
    assert world.claim() == images[:2]
    world.finish(images[:2])

    # Then: nothing is left, nothing is there twice, whichever version looks
    with clean_redis.client() as client:
        for text in (then("sweep"), now("sweep")):
            client.delete("densa:swept")
            assert client.eval(text, 0, "a queue", 6, 0.5) == [0, 0, 0]
        assert client.xlen(keys.results(images[0].job)) == len(images)
        assert world.load == {}
        text = then("forget") if newer == "worker" else now("forget")
        assert client.eval(text, 0, images[0].job) == 1
    assert world.traces - {b"densa:claims"} == set()  # 0.1.0 counts them there


def _exchange(side: object, script: Callable[[str], str]) -> None:
    """Gives one side the scripts of another version; the calls stay, with what they say."""
    for name, known in list(vars(side).items()):
        if isinstance(known, redis.commands.core.Script | redis.commands.core.AsyncScript):
            with contextlib.suppress(FileNotFoundError):  # that version had no such script
                text = script(name.removeprefix("_"))
                setattr(side, name, known.registered_client.register_script(text))


def test_outcomes_are_written_as_they_are_read(version: str) -> None:
    # Given
    finished = recorded(version, FINISHED)

    # Then: reading and writing again loses nothing that the version before wrote
    for _, fields in finished[f"{keys.job(_job(finished))}:results"]["value"]:
        again = json.loads(encode_outcome(decode_outcome(fields["outcome"].encode())))
        assert _lacking(again, json.loads(fields["outcome"]), "outcome") == []
