"""Settings of a channel that depend on where it goes."""

import pytest

from services.client.options import channel_options


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:50051", 0),
        ("localhost:1", 0),
        ("[::1]:1", 0),
        ("densa.hospital.example:443", None),
        ("10.0.0.7:50051", None),
    ],
)
def test_a_proxy_is_never_asked_for_this_machine(address: str, expected: int | None) -> None:
    assert dict(channel_options(address)).get("grpc.enable_http_proxy") == expected
