"""Who calls, by what it says or by where it calls from."""

from types import SimpleNamespace

import pytest

from services.gateway.callers import MAX_CHARACTERS, submitter_of


def _context(peer: str, **metadata: str | bytes) -> SimpleNamespace:
    pairs = [(key.replace("_", "-"), value) for key, value in metadata.items()]
    return SimpleNamespace(invocation_metadata=lambda: pairs, peer=lambda: peer)


@pytest.mark.parametrize(
    ("peer", "submitter"),
    [
        ("ipv4:10.0.0.7:51234", "ipv4:10.0.0.7"),
        ("ipv6:%5B::1%5D:51234", "ipv6:[::1]"),
        ("unix:", "unix:"),
    ],
)
def test_connections_of_one_address_are_one_submitter(peer: str, submitter: str) -> None:
    assert submitter_of(_context(peer)) == submitter  # type: ignore[arg-type]


def test_a_client_that_names_itself_is_known_by_that_wherever_it_calls_from() -> None:
    # Given
    contexts = [_context(peer, densa_client="lis") for peer in ("ipv4:1.2.3.4:5", "ipv4:6.7.8.9:1")]

    # Then
    assert {submitter_of(context) for context in contexts} == {"client:lis"}  # type: ignore[arg-type]


def test_a_name_is_cut_and_cannot_be_taken_for_an_address() -> None:
    # When
    submitter = submitter_of(_context("ipv4:1.2.3.4:5", densa_client="ipv4:" + "x" * 999))  # type: ignore[arg-type]

    # Then
    assert submitter.startswith("client:")
    assert len(submitter) == len("client:") + MAX_CHARACTERS
