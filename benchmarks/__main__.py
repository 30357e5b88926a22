"""`python -m benchmarks`: see options.py for what can be asked for."""

import signal
import sys

from benchmarks import command, options, overload, profile, scale
from benchmarks.helper import BenchmarkError

INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Runs; 2 where it cannot, with a sentence that says why, and 130 after Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have told us to ignore the first
        signal.signal(number, signal.default_int_handler)  # both stop what was started
    try:
        if arguments[:1] == ["profile"]:
            return profile.run(profile.parse(arguments[1:]))
        if arguments[:1] == ["scale"]:
            return scale.run(scale.parse(arguments[1:]))
        if arguments[:1] == ["overload"]:
            return overload.run(overload.parse(arguments[1:]))
        return command.run(options.parse(arguments))
    except BenchmarkError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted; everything that was started is stopped.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
