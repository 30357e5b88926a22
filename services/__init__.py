"""The rooms of Densa and the arrows between them.

    client -> stubs                  the asking side: SDK and the `densa` command
    gateway -> stubs, common         who asks, in what words, within which limits
    worker -> inference, common      when, in what group and with what retry work runs
    inference -> common              what pixels mean; knows no transport
    training -> inference, common    how a model came to be and how good it is
    stack -> client                  all of it on one machine, started as processes
    common -> nothing of ours        what two rooms must agree on
    web -> client                    the page for pathologists, a client like any other

The gateway reaches the worker by task name over the queue, never by import.
`make lint` fails when an import breaks one of these arrows.
"""
