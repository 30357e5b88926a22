"""The probe looks for a report of this host's worker, not for a process."""

import pytest

from services.common import keys
from services.common.worker_report import REPORT_LIFETIME_SECONDS, WorkerReport, encode_report
from services.worker.probe import ask

NOW = 1_000_000.0


class Redis:
    """What the probe asks of Redis."""

    def __init__(self, *reports: bytes) -> None:
        self._reports = list(reports)

    def time(self) -> tuple[int, int]:
        """Seconds and microseconds."""
        return int(NOW), 0

    def hvals(self, key: str) -> list[bytes]:
        """The reports."""
        assert key == keys.WORKERS
        return self._reports


def report(name: str, age: float) -> bytes:
    return encode_report(
        WorkerReport(
            name=name,
            model_name="m",
            model_version="1",
            model_digest="sha256:0",
            provider="cpu",
            seen_at=NOW - age,
        )
    )


@pytest.mark.parametrize(
    ("reports", "consumes"),
    [
        ([report("here-1", 1.0)], True),
        ([b"of another version", report("here-1", 1.0)], True),
        ([], False),
        ([report("here-1", REPORT_LIFETIME_SECONDS + 1)], False),
        ([report("elsewhere-1", 1.0)], False),
        ([report("hereabouts-1", 1.0)], False),
    ],
)
def test_a_worker_consumes_where_one_of_this_host_reported_just_now(
    reports: list[bytes], *, consumes: bool
) -> None:
    # When
    found = ask(Redis(*reports), "here")  # type: ignore[arg-type]

    # Then
    assert (found == "consuming") is consumes
