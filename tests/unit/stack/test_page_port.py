"""The page's port: the one that was asked for, or an error; without a wish any free one will do."""

import re
import socket
from pathlib import Path

import pytest

from services.stack.commands import PAGE_PORT, Wishes
from services.stack.errors import StackError
from services.stack.plan import HOST, claim_page_port


def _wishes(page_port: int | None, data: Path) -> Wishes:
    return Wishes(port=0, page_port=page_port, data=data, workers=1, bundle=None)


def test_a_port_that_was_asked_for_is_that_one_or_an_error(tmp_path: Path) -> None:
    # Given
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        # When / Then
        with pytest.raises(StackError, match=re.escape(f"Port {port}") + ".*--page-port PORT"):
            _wishes(port, tmp_path).plan()
    assert _wishes(port, tmp_path).plan().page_port == port


def test_without_a_wish_a_port_that_is_taken_is_replaced(tmp_path: Path) -> None:
    # Given
    assert _wishes(None, tmp_path).plan().page_port == PAGE_PORT
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        # When / Then
        assert claim_page_port(port) not in (0, port)
