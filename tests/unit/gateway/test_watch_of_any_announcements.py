"""A watch against announcements that are lost, repeated and reordered at will."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.result_reader import PAGE, Watch
from tests.unit.gateway.results_world import ResultsWorld, expected
from tests.waiting import settled, until


class Announcer:
    """Writes results, and tells a watch of them well or badly. A step is a method's name."""

    def __init__(self, world: ResultsWorld, watch: Watch) -> None:
        self._world = world
        self._watch = watch
        self.unheard = False
        """Whether the last results are known to nobody."""

    def announced(self, count: int) -> None:
        """Tells of each."""
        for item in self._written(count):
            self._watch.announce(*item)
        self.unheard = False

    def reversed(self, count: int) -> None:
        """Tells of the last one first."""
        for item in reversed(self._written(count)):
            self._watch.announce(*item)
        self.unheard = False

    def lost(self, count: int) -> None:
        """Tells of none."""
        self._written(count)
        self.unheard = True

    def repeated(self, position: int) -> None:
        """Tells again of one that is there."""
        if position <= len(self._world.results):
            self._watch.announce(position, b"result %d" % position)

    def confirmed(self, _: int = 0) -> None:
        """The subscription was made again."""
        self._watch.catch_up()
        self.unheard = False

    def _written(self, count: int) -> list[tuple[int, bytes]]:
        first = len(self._world.results) + 1
        self._world.write(count)
        return expected(first, len(self._world.results))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["announced", "reversed", "lost"]), st.integers(1, 3)),
        st.tuples(st.just("announced"), st.just(PAGE + 3)),
        st.tuples(st.just("repeated"), st.integers(1, 20)),
        st.tuples(st.just("confirmed"), st.just(0)),
        st.tuples(st.just("turns"), st.integers(1, 4)),
    ),
    max_size=30,
)


@given(STEPS, st.integers(0, 3))
async def test_every_result_comes_once_in_order_whatever_is_lost_repeated_or_reordered(
    steps: list[tuple[str, int]], position: int
) -> None:
    # Given
    world = ResultsWorld()
    world.write(position)
    watch = world.watch(position)
    announcer = Announcer(world, watch)
    seen: list[tuple[int, bytes]] = []

    async def collect() -> None:
        while True:
            seen.append(await anext(watch))

    collecting = asyncio.create_task(collect())

    # When
    for step, count in steps:
        if step == "turns":
            await settled(count)
        else:
            getattr(announcer, step)(count)
    if announcer.unheard:  # only the connection that is made again tells of them
        announcer.confirmed()
    last = len(world.results)
    await until(lambda: watch.position == last, limit=5)
    await settled()
    collecting.cancel()

    # Then
    assert seen == expected(position + 1, last)
