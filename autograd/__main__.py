"""`python -m autograd` reports the environment: what a question about a machine needs to say."""

import argparse

from .environment import report


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser("python -m autograd", description="Report the environment.")
    parser.add_argument("--deep", action="store_true",
                        help="import every storage found, and list its devices")
    print(report(deep=parser.parse_args().deep))


if __name__ == "__main__":
    main()
