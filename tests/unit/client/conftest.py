"""A fake service in an event loop of its own, as a separate process would be."""

from collections.abc import Iterator

import pytest

from services.client.event_loop_thread import EventLoopThread
from services.client.options import ClientOptions
from tests.unit.client.fake_service import FakeServer, FakeService, start

IMPATIENT = ClientOptions(
    deadline=20, longest_silence=20, reconnect_for=20, first_backoff=0.001, longest_backoff=0.01
)
"""Waits hardly at all between attempts, and not long for a broken test."""


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def server(service: FakeService) -> Iterator[FakeServer]:
    thread = EventLoopThread()
    grpc_server, handle = thread.run(start(service))
    yield handle
    thread.run(grpc_server.stop(0))
    thread.close()
