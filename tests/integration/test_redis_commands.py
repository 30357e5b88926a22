"""What a benchmark says that Redis was asked, held against what it was asked."""

from benchmarks.redis_commands import Counting
from services.common.scripts import script
from tests.redis_server import RedisServer


def test_commands_scripts_pipelines_and_transactions_are_counted(clean_redis: RedisServer) -> None:
    # Given
    with clean_redis.client() as client:
        forget = client.register_script(script("forget"))
        forget(args=["the first call loads it"])

        # When
        with Counting(clean_redis.url) as asked:
            client.set("a", 1)
            for _ in range(2):
                forget(args=["no such job"])
                client.get("a")
            with client.pipeline(transaction=True) as pipe:
                pipe.set("b", 2).get("b").execute()
            with client.pipeline(transaction=False) as pipe:
                pipe.get("a").get("a").get("a").execute()

    # Then
    del asked.commands["HELLO"]  # of the counter itself
    assert asked.commands == {"SET": 1, "forget.lua": 2, "GET": 5, "SET + GET": 1}
    assert asked.trips["GET"] == 3
    assert asked.trips["forget.lua"] == 2
    assert asked.inside > 2
