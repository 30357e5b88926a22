"""What tests of several rooms need."""

from collections.abc import Iterator

import pytest

from tests.redis_server import RedisServer, running_redis

# A failure then tells what was wrong. Here, for other folders' tests use it too.
pytest.register_assert_rewrite("tests.faults.driving")


def pytest_configure(config: pytest.Config) -> None:
    """Names the marks that folders give their tests."""
    config.addinivalue_line("markers", "compose: needs a Docker engine; `make test-compose`")
    config.addinivalue_line("markers", "faults: breaks something on purpose; takes seconds")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis for the whole run. Whoever writes to it takes `clean_redis`."""
    with running_redis() as server:
        yield server


@pytest.fixture
def clean_redis(redis_server: RedisServer) -> RedisServer:
    """A real Redis in which nothing is left of other tests."""
    with redis_server.client() as client:
        client.flushall()
    return redis_server
