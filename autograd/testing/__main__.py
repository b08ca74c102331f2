"""`python -m autograd.testing fuzz` compares random programs with other libraries."""

import argparse
import importlib
import re
import sys

from ..errors import ArgumentError, AutogradError


def main() -> int:
    """Fuzz; the exit status is 1 where something was found, 2 where it cannot be done."""
    parser = argparse.ArgumentParser("python -m autograd.testing", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fuzzing = commands.add_parser("fuzz", help="until time is up; what differs is kept as files",
                                  formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    fuzzing.add_argument("--minutes", type=float, default=1.0, help="how long")
    fuzzing.add_argument("--against", default="torch,jax,numpy", metavar="ENGINES",
                         help="libraries to compare with; numpy means differences")
    fuzzing.add_argument("--seeds", default="0:", metavar="FIRST:LAST",
                         help="the programs to draw, LAST left out")
    fuzzing.add_argument("--ops", metavar="NAMES", help="operations and groups to draw from, such "
                         "as sin,linalg; the usual if not given")
    fuzzing.add_argument("--import", dest="module", metavar="MODULE",
                         help="imported before, to register your own operations")
    fuzzing.add_argument("--folder", default="findings", help="where findings are written")
    given = parser.parse_args()
    from .fuzz import fuzz

    try:
        first, last = _seeds(given.seeds)
        if given.module:
            importlib.import_module(given.module)
        done = fuzz(given.minutes, _list(given.against), first, last, given.folder,
                    given.ops and _list(given.ops))
    except (AutogradError, ImportError) as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return 2
    rate = done.programs / max(done.seconds, 1e-9)
    print(f"{done.programs} programs, {rate:.1f} a second, seeds {first}:{done.seed}, "
          f"{len(done.findings)} findings")
    print(*done.findings, sep="\n", end="\n" if done.findings else "")
    return bool(done.findings)


def _seeds(text: str) -> tuple[int, int | None]:
    if not re.fullmatch(r"\d+:\d*", text):
        raise ArgumentError(f"--seeds {text}", "write FIRST:LAST or FIRST:, such as 0:2000")
    first, _, last = text.partition(":")
    return int(first), int(last) if last else None


def _list(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


if __name__ == "__main__":
    sys.exit(main())
