"""The names in Redis."""

from services.common import keys


def test_the_keys_of_a_job_are_its_own_and_begin_with_its_name() -> None:
    # When
    names = [
        name("j1") for name in (keys.job, keys.images, keys.outcomes, keys.results, keys.channel)
    ]

    # Then
    assert len(set(names)) == len(names)
    assert all(name.startswith("densa:job:j1") for name in names)
