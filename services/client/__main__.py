"""`densa`, also as `python -m services.client`."""

from services.client.allocation import keep_freed_memory
from services.client.app import make_app


def main() -> None:
    """Run the command that was typed."""
    keep_freed_memory()
    make_app()(prog_name="densa")


if __name__ == "__main__":
    main()
