"""The page stands alone, shows every section that has numbers, and trusts no text."""

import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from services.training.evaluation import metrics_of, report_of
from services.training.report.estimates import to_json
from services.training.report.page import render
from tests.unit.training.evaluations import make_evaluation, make_record

NASTY = '<script>alert("x")</script>'


class Outside(HTMLParser):
    """Collects what a browser would fetch or run, and checks that tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it until it is closed."""
        if tag in {"script", "link", "img", "iframe", "object", "embed"}:
            self.found.append(tag)
        self.found += [
            str(value)
            for name, value in attrs
            if name in {"src", "href", "xlink:href", "srcset"} and not str(value).startswith("#")
        ]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """The last one opened closes first."""
        assert self.open.pop() == tag


def full_report(count: int = 120, levels: int = 2) -> dict[str, Any]:
    """A report with every section, readers and strata included."""
    plain = make_evaluation(count=count)
    rng = np.random.default_rng(0)
    records = [
        make_record(
            n,
            record.labels,
            patient=record.patient,
            microscope=f"{NASTY} {n % levels}",
            disease=f"disease {n // 2 % levels}",
            artefacts=(f"artefact {n % levels}",),
            format=f"format {n % levels}",
            origin="drawn",
            readers={f"reader {NASTY}": record.labels, "B": record.labels},
        )
        for n, record in enumerate(plain.records)
    ]
    hits = np.where(plain.truth.positive, (rng.random((count, 5)) < 0.8).astype(float), np.nan)
    sizes = rng.choice([8.0, 12.0, 18.0, 25.0, 40.0], count).tolist()
    evaluation = make_evaluation(
        count=count, records=records, hits=hits, chances=hits * 0 + 0.1, pixel_sizes_nm=sizes
    )
    return report_of(evaluation, metrics_of(evaluation))


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return full_report()


def test_a_page_needs_nothing_from_outside_and_escapes_what_it_is_given(
    report: dict[str, Any],
) -> None:
    # Given a report with markup in its names
    page = render(report)

    # When it is parsed
    outside = Outside()
    outside.feed(page)

    # Then nothing would be fetched or run, and every tag is closed
    assert outside.found == []
    assert outside.open == []
    assert "url(http" not in page
    assert "@import" not in page


def test_a_page_shows_every_section_and_a_picture_for_every_output(
    report: dict[str, Any],
) -> None:
    # Given a full report
    page = render(report)

    # When a reader looks for its parts
    # Then all are there
    sections = re.findall(r"<h2>(.*?)</h2>", page)
    assert sections == [
        "Summary",
        "Calls",
        "Calibration",
        "Curves",
        "Heat maps",
        "Readers and model against the reference",
        "By microscope, pixel size, disease, artefact and format",
    ]
    assert page.count("<svg") == 5
    assert "For Research Use Only" in page
    assert "Here every image is drawn" in page


def test_a_page_leaves_out_what_it_has_no_numbers_for() -> None:
    # Given a report without masks, readers and calibration, and with one class missing
    records = [make_record(n, (0,) * 5) for n in range(20)]
    evaluation = make_evaluation(count=20, records=records, uncalibrated=None)
    page = render(report_of(evaluation, metrics_of(evaluation)))

    # When a reader looks at it
    # Then there are no empty sections and no pictures, and dashes for what is undefined
    assert "Heat maps" not in page
    assert "Readers" not in page
    assert "<svg" not in page
    assert "&mdash;" in page


@pytest.mark.parametrize(("split", "warned"), [("all rows", True), ("split test", False)])
def test_figures_on_the_training_manifest_carry_a_warning(
    split: str, warned: bool, report: dict[str, Any]
) -> None:
    # Given a model that was trained on the evaluated manifest
    evaluated = report | {
        "trained_on": "sha256:1",
        "data": {"manifest": "m.csv", "digest": "sha256:1", "split": split},
    }

    # When the page is made
    # Then it says so, unless the rows are the manifest's own test split
    assert ("WARNING: the model was trained on this very manifest" in render(evaluated)) == warned


def test_the_model_is_named_by_its_graph(report: dict[str, Any]) -> None:
    # Given a report on a bundle
    # When the page is made
    page = render(report | {"graph_digest": "sha256:abc"})

    # Then it says of which file the digest is
    assert "Model: the graph model.onnx with sha256:abc." in page


def test_a_large_report_stays_below_200_kb() -> None:
    # Given 860 images of many microscopes, diseases and artefacts, and two readers
    report = full_report(count=860, levels=40)

    # When it is written as JSON
    # Then a bundle can carry it
    assert len(to_json(report).encode()) < 200_000


def test_the_same_report_is_the_same_page(report: dict[str, Any]) -> None:
    # Given a report
    # When its page is made twice
    # Then not a byte differs
    assert render(report) == render(report)
