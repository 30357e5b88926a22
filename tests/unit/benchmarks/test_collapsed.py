"""Reading collapsed stacks."""

import pytest

from benchmarks.collapsed import read_collapsed


def test_lines_of_a_function_and_threads_of_a_pool_are_put_together() -> None:
    # Given
    lines = [
        "thread (11): store_0;run (threading.py:982);keep (intake.py:5) 3",
        "thread (12): store_1;run (threading.py:982);keep (intake.py:9) 1",
        "thread (11): MainThread;loop (events.py:80);loop (events.py:90) 4",
    ]
    # When
    profile = read_collapsed(lines)
    # Then
    assert profile.threads == {"store": 4, "MainThread": 4}
    assert profile.own == {"keep (intake.py)": 4, "loop (events.py)": 4}
    assert profile.total["run (threading.py)"] == 4
    assert profile.total["loop (events.py)"] == 4


def test_shares_are_of_all_samples() -> None:
    # Given
    profile = read_collapsed(["thread (1): A;f (x.py:1) 3", "thread (2): B;g (x.py:2) 1"])
    # When
    ((name, share),) = profile.largest(profile.own, 1)
    # Then
    assert name == "f (x.py)"
    assert share == pytest.approx(0.75)


def test_a_thread_without_python_has_its_time_too() -> None:
    assert read_collapsed(["thread (7): event_engine 5"]).own == {"(no Python)": 5}
