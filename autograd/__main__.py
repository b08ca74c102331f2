"""`python -m autograd` reports the environment; `python -m autograd step FILE.py:NAME` steps."""

import argparse
import os
import sys

from .environment import report
from .errors import AutogradError


def main() -> int:
    """Print the report, or step through a program; the exit status."""
    parser = argparse.ArgumentParser("python -m autograd", description=__doc__)
    parser.add_argument("--deep", action="store_true",
                        help="import every storage found and Numba, list devices, time the BLAS")
    commands = parser.add_subparsers(dest="command", metavar="step")
    step = commands.add_parser("step", help="run a Python file and step through the gradient of a "
                                            "Value or Tensor in it")
    step.add_argument("target", metavar="FILE.py:NAME", help="as in example.py:loss")
    given = parser.parse_args()
    if given.command is None:
        print(report(deep=given.deep))
        return 0
    from .show.stepping import terminal

    try:
        terminal.step(given.target)
        sys.stdout.flush()
        return 0
    except AutogradError as error:
        print(f"autograd step: {error}", file=sys.stderr)
    except BrokenPipeError:                     # `... | head`: who read has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


if __name__ == "__main__":
    sys.exit(main())
