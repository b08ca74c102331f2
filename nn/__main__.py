"""python -m nn JOB [options] runs a job; without a job, the list of them."""

import importlib
import os
import sys

from autograd import blas
from autograd.errors import AutogradError

from .jobs import JOBS


def main(words: list[str]) -> int:
    """Run one job; its exit status: 0 done, 1 failed, 2 wrong words, 130 interrupted."""
    name, *options = words or ["--help"]
    if name in ("-h", "--help"):
        print("usage: python -m nn JOB [options]\n")
        for job, text in JOBS.items():
            print(f"  {job:<10} {text}")
        print("\npython -m nn JOB --help lists the options of a job.")
        return 0
    if name not in JOBS:
        print(f"nn: no job {name!r}; there are: {', '.join(JOBS)}", file=sys.stderr)
        return 2
    try:
        status: int = importlib.import_module(f".jobs.{name}", __package__).main(options)
        sys.stdout.flush()
        return status
    except (AutogradError, ImportError) as error:
        print(f"nn {name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"nn {name}: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:             # `python -m nn penguins | head`: who read has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    blas.choose()
    sys.exit(main(sys.argv[1:]))
