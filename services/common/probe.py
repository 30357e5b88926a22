"""`python -I -S probe.py FILE`: 0 where FILE has a fresh sign of life, else 1 and why.

For the health checks of containers, which run every few seconds: it imports nothing of ours, and
takes 13 ms of CPU where asking over gRPC or Redis took 450 to 650.
"""

import sys
import time

OLDEST_SECONDS = 10.0


def ask(path: str, now: float) -> str:
    """Empty where the sign is fresh, else what is wrong. `now` is the host's monotonic clock."""
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123  # pathlib takes as long as the rest
            age = now - float(file.read())
    except FileNotFoundError:
        return "it does not do its work: there is no sign of life"
    except (OSError, ValueError) as error:
        return f"its sign of life cannot be read: {error}"
    if age < 0:
        return "its last sign of life is from before the host started"
    return "" if age <= OLDEST_SECONDS else f"its last sign of life is {age:.0f} s old"


def main() -> int:
    """Prints what was found."""
    wrong = ask(sys.argv[1], time.monotonic())
    sys.stdout.write(f"{wrong or 'alive'}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
