"""`python -m autograd.testing fuzz` compares random programs with other libraries."""

import argparse
import sys

from ..errors import AutogradError


def main() -> int:
    """Fuzz; the exit status is 1 where something was found, 2 where it cannot be done."""
    parser = argparse.ArgumentParser("python -m autograd.testing", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fuzzing = commands.add_parser("fuzz", help="until time is up; what differs is kept as files")
    fuzzing.add_argument("--minutes", type=float, default=1.0)
    fuzzing.add_argument("--against", default="torch,jax,numpy", metavar="torch,jax,numpy")
    fuzzing.add_argument("--seeds", default="0:", metavar="FIRST:LAST")
    fuzzing.add_argument("--folder", default="findings", help="where findings are written")
    given = parser.parse_args()
    from .fuzz import fuzz

    first, _, last = given.seeds.partition(":")
    try:
        done = fuzz(given.minutes, tuple(filter(None, given.against.split(","))), int(first),
                    int(last) if last else None, given.folder)
    except (AutogradError, ImportError, ValueError) as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return 2
    print(f"{done.programs} programs, seeds {first}:{done.seed}, {len(done.findings)} findings")
    print(*done.findings, sep="\n", end="\n" if done.findings else "")
    return bool(done.findings)


if __name__ == "__main__":
    sys.exit(main())
