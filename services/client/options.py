"""How a client behaves: deadlines, retries, bounds. Every number has a unit and a reason."""

import ipaddress
from dataclasses import dataclass
from typing import Literal

Lane = Literal["STAT", "ROUTINE", "BULK"]
"""Lanes of the service."""

DEFAULT_ADDRESS = "127.0.0.1:50051"


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """Behaviour of a client. The defaults suit a service on the same network."""

    deadline: float = 120.0
    """Seconds for the classification of one image, waiting in the queue included."""

    longest_silence: float = 600.0
    """Seconds without a word from a stream while answers are outstanding. Long:
    the work of others may be ahead in the queue."""

    query_deadline: float = 5.0
    """Seconds for a question about the service itself: health, models."""

    lane: Lane = "ROUTINE"
    """How urgent it is: STAT overtakes, BULK takes what the others leave and never less than a
    fifth."""

    in_flight: int = 64
    """Images sent and not answered yet. More keeps more workers busy."""

    unacknowledged: int = 8
    """Images sent and not yet accepted: these are held in memory, to be sent
    again should the connection break. Accepting takes milliseconds, so a few
    are enough to fill the line."""

    attempts: int = 4
    """How often a single call is tried where the service is unavailable or full."""

    reconnect_for: float = 120.0
    """Seconds without any progress after which a broken stream is given up: longer
    than a gateway, worker or Redis needs to restart, shorter than patience."""

    first_backoff: float = 0.2
    """Seconds before the first retry; doubled for each further one."""

    longest_backoff: float = 5.0
    """Seconds that the doubling stops at."""


def channel_options(address: str) -> list[tuple[str, int]]:
    """Settings of gRPC itself for a channel to an address."""
    options = [
        # The service says what is too large and why; gRPC would only say no.
        ("grpc.max_send_message_length", -1),
        ("grpc.max_receive_message_length", 64 * 1024 * 1024),
        # A connection that a firewall dropped without a word is noticed while
        # waiting for an answer, not when the deadline ends.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        # Retries are ours: gRPC's would not know which images were accepted.
        ("grpc.enable_retries", 0),
        # gRPC waits up to two minutes before it dials again, longer than we do.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 2_000),
    ]
    if _is_loopback(address):
        # A proxy from the environment would be asked for its own 127.0.0.1.
        options.append(("grpc.enable_http_proxy", 0))
    return options


def _is_loopback(address: str) -> bool:
    host = address.removeprefix("dns:///").rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
