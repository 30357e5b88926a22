"""How fast Densa is, as ratios to the same work done in one process without a service.

`python -m benchmarks --help` tells how to run it. Five kinds of processes take part:

    python -m benchmarks        keeps the order of things and prints the tables (session.py)
    Redis, worker, gateway      the service under test, started here (stack.py)
    python -m benchmarks.load   drives the gateway, closed loop (load.py, calls.py)
    python -m benchmarks.limit  the same images in one process, no network (limit.py)

Absolute figures of a shared machine say little. So the limit is measured before
and after each group of cells, and what is reported first is the ratio.
"""
