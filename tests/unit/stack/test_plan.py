"""What is in the way is said before anything starts."""

import re
import socket
from pathlib import Path

import pytest

from services.stack.errors import StackError
from services.stack.plan import HOST, StackPlan, claim_port


def test_a_port_in_use_is_one_sentence_and_what_to_do() -> None:
    # Given
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        # When / Then
        with pytest.raises(
            StackError, match=re.escape(f"Port {port} on 127.0.0.1 is already in use.")
        ):
            claim_port(port)


def test_a_free_port_is_taken_as_it_is_and_0_is_any() -> None:
    # When
    port = claim_port(0)

    # Then
    assert port > 0
    assert claim_port(port) == port


def test_a_number_that_is_no_port_is_refused() -> None:
    with pytest.raises(StackError, match="cannot be used"):
        claim_port(70_000)


def test_a_missing_bundle_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=rf"no model bundle in {tmp_path}.*--bundle"):
        StackPlan(bundle=tmp_path).check()


def test_a_bundle_is_known_by_its_manifest(tmp_path: Path) -> None:
    # Given
    (tmp_path / "manifest.json").touch()

    # When / Then
    StackPlan(bundle=tmp_path).check()
