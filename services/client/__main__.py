"""`densa`, also as `python -m services.client`."""

from services.client.app import make_app


def main() -> None:
    """Run the command that was typed."""
    make_app()(prog_name="densa")


if __name__ == "__main__":
    main()
