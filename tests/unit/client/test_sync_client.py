"""The same without an event loop of one's own."""

import signal
import threading
from collections.abc import Iterator

import pytest

from services.client import DensaClient, DensaError
from tests.unit.client.conftest import IMPATIENT
from tests.unit.client.fake_service import FakeServer, FakeService


def test_one_and_many_are_classified(server: FakeServer) -> None:
    # When
    with DensaClient(server.address, IMPATIENT) as densa:
        one = densa.classify(b"pixels")
        many = list(densa.classify_many([b"one", b"two", b"bad"]))
        status = densa.status()
        models = densa.models()

    # Then
    assert one.presence.positive
    assert sorted(result.image_id for result in many) == ["image", "image~2", "image~3"]
    assert [result.error.reason for result in many if result.error] == ["UNSUPPORTED_FORMAT"]
    assert status.serving
    assert status.models == models


def test_leaving_the_loop_ends_the_stream(server: FakeServer, service: FakeService) -> None:
    # Given
    def endless() -> Iterator[bytes]:
        while True:
            yield b"pixels"

    # When
    with DensaClient(server.address, IMPATIENT) as densa:
        for _ in densa.classify_many(endless()):
            break

        # Then
        assert service.all_closed.wait(timeout=20)


def test_ctrl_c_while_waiting_ends_the_stream(server: FakeServer, service: FakeService) -> None:
    # Given a service that never answers
    service.mute = True
    main = threading.main_thread().ident
    assert main is not None

    def press_when_stored() -> None:
        while not service.reached["accepted"]:
            service.all_closed.wait(0.001)
        signal.pthread_kill(main, signal.SIGINT)

    with DensaClient(server.address, IMPATIENT) as densa:
        # When
        threading.Thread(target=press_when_stored).start()
        with pytest.raises(KeyboardInterrupt):
            list(densa.classify_many([b"pixels"]))

        # Then
        assert service.all_closed.wait(timeout=20)


def test_an_error_of_the_service_reaches_the_caller() -> None:
    with (
        DensaClient("127.0.0.1:1", IMPATIENT) as densa,
        pytest.raises(DensaError, match="No Densa service"),
    ):
        list(densa.classify_many([b"pixels"]))


def test_a_client_is_used_inside_its_block() -> None:
    with pytest.raises(RuntimeError, match="inside `with`"):
        DensaClient("127.0.0.1:1").classify(b"pixels")
