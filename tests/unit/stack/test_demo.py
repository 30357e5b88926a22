"""The demo's table, over a service that is not there."""

import io
from pathlib import Path
from typing import Self

import pytest
from rich.console import Console

from services.client import MicrographResult, results
from services.client.errors import InvalidRequest
from services.client.results import Assessment, Classification, Location
from services.stack import demo
from services.stack.errors import StackError
from services.stack.samples import load_samples

CSV = """name,pixel_size_nm,presence,mesangial,subepithelial,intramembranous,subendothelial
a.png,12.5,1,0,1,0,0
b.png,,0,0,0,0,0
"""


class FakeClient:
    """Answers 0.9 for presence and subepithelial, whatever the image; b.png cannot be read."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def classify_many(self, images):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """A result for each image."""
        for image in images:
            if image.image_id == "b.png":
                error = InvalidRequest("It ends early.", reason="TRUNCATED_IMAGE")
                yield MicrographResult(image.image_id, "", error=error)
            else:
                yield MicrographResult(image.image_id, "", _answer())


def _answer() -> Classification:
    positive, negative = Assessment(0.9, "positive"), Assessment(0.1, "negative")
    return Classification(
        presence=positive,
        locations={
            location: positive if location is Location.SUBEPITHELIAL else negative
            for location in Location
        },
        findings=(results.Finding("BANNER", "A banner."),),
        input=results.InputSummary("PNG", 9, 9, 9, 8, "grey", 1, 12.5, "request", 1),
        model=results.ModelIdentity("fake", "1", "sha256:0"),
        timing=results.Timing(queue=0.012, decode=0.001, inference=0.034),
        notice="For Research Use Only.",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "samples.csv").write_text(CSV)
    return tmp_path


async def test_a_row_per_sample_shows_answer_and_truth(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    monkeypatch.setattr(demo, "AsyncDensaClient", FakeClient)
    console = Console(file=io.StringIO(), width=80)

    # When
    answers = await demo.classify_samples("fake:1", load_samples(folder), console)

    # Then
    text = console.file.getvalue()  # type: ignore[attr-defined]
    row = next(line for line in text.splitlines() if "a.png" in line)
    assert row.split() == [
        *("a.png", "0.90", "+*", "0.10", "0.90", "+*", "0.10", "0.10", "BANNER", "12+34"),
    ]
    assert "TRUNCATED_IMAGE" in next(line for line in text.splitlines() if "b.png" in line)
    assert "b.png: It ends early." in text
    assert max(map(len, text.splitlines())) <= 80
    assert "agree with what was drawn in 5 of 5 outputs" in text
    assert "\x1b" not in text
    assert [answer.image_id for answer in answers] == ["a.png", "b.png"]


async def test_rows_appear_where_there_is_a_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    monkeypatch.setattr(demo, "AsyncDensaClient", FakeClient)
    console = Console(file=io.StringIO(), width=80, force_terminal=True)

    # When
    await demo.classify_samples("fake:1", load_samples(folder), console)

    # Then
    assert "a.png" in console.file.getvalue()  # type: ignore[attr-defined]


def test_samples_carry_their_truth_and_scale(folder: Path) -> None:
    # When
    first, second = load_samples(folder)

    # Then
    assert first.image.pixel_size_nm == 12.5
    assert first.image.path == str(folder / "a.png")
    assert first.drawn == {"subepithelial"}
    assert second.image.pixel_size_nm is None
    assert second.drawn == frozenset()


def test_missing_samples_are_said(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="install it again"):
        load_samples(tmp_path)
