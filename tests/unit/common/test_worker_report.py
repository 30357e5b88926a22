"""What a worker says of itself."""

import pydantic
import pytest

from services.common.worker_report import WorkerReport, decode_report, encode_report


def test_a_report_survives_redis() -> None:
    # Given
    report = WorkerReport("w", "densa", "0.1.0", "sha256:0", "cpu", 1_700_000_000.25)

    # Then
    assert decode_report(encode_report(report)) == report


@pytest.mark.parametrize("text", [b"", b"{}", b'{"name": "w"}', b"\xff"])
def test_another_text_is_no_report(text: bytes) -> None:
    with pytest.raises(pydantic.ValidationError):
        decode_report(text)
