"""Which images go to the service together, when a case is closed, and what becomes of failures."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from services.client import AsyncDensaClient, CaseResult, Image, MicrographResult
from services.client.errors import InvalidRequest, Unavailable
from services.web import dispatcher
from services.web.cases import Cases
from services.web.changes import Changes
from services.web.dispatcher import Dispatcher
from services.web.records import NewImage, Records
from services.web.round import Memory
from tests.waiting import settled, until

LONG = 3600.0
SHORT = 0.01


@dataclass
class FakeDensa:
    """Fails each image at once, and answers a case over those that it was sent."""

    jobs: list[list[str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    refusals: int = 0

    async def classify_cases(
        self, images: AsyncIterable[Image], *, provisional: bool
    ) -> AsyncGenerator[MicrographResult | CaseResult, None]:
        """As the client does."""
        job: list[str] = []
        self.jobs.append(job)
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("It is away.")
        case_id = ""
        async for image in images:
            job.append(image.image_id)
            case_id = image.case_id
            yield MicrographResult(image.image_id, case_id, error=InvalidRequest("No image."))
            if provisional and case_id:
                yield self._case(case_id, job, final=False)
        self.closed.append(case_id)
        if case_id:
            yield self._case(case_id, job, final=True)

    def _case(self, case_id: str, job: list[str], *, final: bool) -> CaseResult:
        return CaseResult(case_id, final, len(job), len(job), None, {}, (), True, "")


class Scene:
    """A dispatcher that runs, and what it works on."""

    def __init__(self, records: Records, cases: Cases, files: Path) -> None:
        self.densa = FakeDensa()
        self.records, self.cases, self.changes = records, cases, Changes()
        self._memory = Memory(records, cases, files, self.changes)
        self.busy = False

    def add(self, image: str, case_id: str = "") -> None:
        """As an upload does."""
        self.records.add(NewImage(image, image, case_id))
        self.changes.notify()

    @asynccontextmanager
    async def running(self, quiet_seconds: float) -> AsyncIterator[None]:
        """For as long as the context lasts."""
        densa = cast("AsyncDensaClient", self.densa)
        work = Dispatcher(densa, self._memory, quiet_seconds, lambda: self.busy)
        task = asyncio.create_task(work.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def result(self, image: str) -> Any:
        """Of an image."""
        return {one["id"]: one["result"] for one in self.records.all()}[image]


@pytest.fixture
def scene(records: Records, cases: Cases, tmp_path: Path) -> Scene:
    return Scene(records, cases, tmp_path)


async def test_a_case_stays_open_while_images_come_and_is_told_of_so_far(scene: Scene) -> None:
    # When
    async with scene.running(LONG):
        scene.add("a", "C1")
        await until(lambda: scene.result("a"))
        scene.add("b", "C1")
        await until(lambda: scene.result("b"))
        await settled()

    # Then
    assert scene.densa.jobs == [["a", "b"]]
    assert scene.densa.closed == []
    (known,) = scene.cases.all()
    assert (known["due"], known["result"]["final"], known["result"]["images"]) == (True, False, 2)


async def test_a_quiet_case_is_closed_and_a_later_image_makes_a_new_job_of_all(
    scene: Scene,
) -> None:
    # When
    async with scene.running(SHORT):
        scene.add("a", "C1")
        await until(lambda: not scene.cases.wanting())
        scene.add("b", "C1")
        await until(lambda: not scene.cases.wanting())

    # Then
    assert scene.densa.jobs == [["a"], ["a", "b"]]
    assert scene.densa.closed == ["C1", "C1"]
    (known,) = scene.cases.all()
    assert (known["due"], known["result"]["final"], known["result"]["images"]) == (False, True, 2)


async def test_a_case_is_not_closed_while_a_file_is_on_its_way(scene: Scene) -> None:
    # Given
    scene.busy = True

    # When
    async with scene.running(0.0):
        scene.add("a", "C1")
        await until(lambda: scene.result("a"))
        await settled()
        assert scene.densa.closed == []
        scene.busy = False
        scene.changes.notify()

        # Then
        await until(lambda: scene.densa.closed == ["C1"])


async def test_cases_have_jobs_of_their_own_and_an_idle_one_makes_room(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    monkeypatch.setattr(dispatcher, "MOST_ROUNDS", 2)

    # When
    async with scene.running(LONG):
        for name in ("a", "b", "c"):
            scene.add(name, f"C{name}")
        await until(lambda: all(scene.result(name) for name in ("a", "b", "c")))

    # Then
    assert scene.densa.jobs == [["a"], ["b"], ["c"]]
    assert scene.densa.closed


async def test_a_service_that_is_away_is_asked_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    monkeypatch.setattr(dispatcher, "PAUSE_SECONDS", 0.0)
    scene.densa.refusals = 3

    # When
    async with scene.running(SHORT):
        scene.add("a")
        await until(lambda: scene.result("a"))

    # Then
    assert scene.densa.jobs == [[], [], [], ["a"]]


async def test_a_page_that_starts_again_sends_what_has_no_answer(scene: Scene) -> None:
    # Given: images of a page that was killed
    scene.add("a", "C1")
    scene.add("b")

    # When
    async with scene.running(SHORT):
        await until(lambda: not scene.cases.wanting())

    # Then
    assert sorted(scene.densa.jobs) == [["a"], ["b"]]


async def test_a_case_that_lost_its_last_image_is_not_asked_about(scene: Scene) -> None:
    # Given
    async with scene.running(SHORT):
        scene.add("a", "C1")
        await until(lambda: not scene.cases.wanting())

        # When
        scene.records.delete("a")
        scene.changes.notify()
        await until(lambda: not scene.cases.wanting())

    # Then
    assert scene.densa.jobs == [["a"]]
    assert scene.cases.result("C1") is None


@pytest.mark.parametrize("case_id", ["", "C1"])
async def test_an_image_that_is_asked_about_again_goes_into_another_job(
    scene: Scene, case_id: str
) -> None:
    # Given: a job that is open
    async with scene.running(LONG):
        scene.add("a", case_id)
        scene.add("b", case_id)
        await until(lambda: scene.result("a") and scene.result("b"))

        # When
        scene.records.ask_again("a")
        scene.changes.notify()
        await until(lambda: len(scene.densa.jobs) == 2 and scene.result("a"))

    # Then: of a case with the others, for its answer
    assert scene.densa.jobs == [["a", "b"], ["a", "b"] if case_id else ["a"]]


async def test_answers_that_cannot_be_kept_are_asked_for_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given: a disk that is full once
    monkeypatch.setattr(dispatcher, "PAUSE_SECONDS", 0.0)
    kept, full = scene.records.finish, [sqlite3.OperationalError("database or disk is full")]

    def finish(image: str, result: Any) -> None:
        if full:
            raise full.pop()
        kept(image, result)

    monkeypatch.setattr(scene.records, "finish", finish)

    # When
    async with scene.running(SHORT):
        scene.add("a")
        await until(lambda: scene.result("a"))

    # Then
    assert scene.densa.jobs == [["a"], ["a"]]
