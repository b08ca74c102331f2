"""What the networks must show, measured: a line for each figure, its bar, and whether it is met.

    python3 run.py learning                 all of it
    python3 run.py learning clustering      one piece, or several

A piece is a function that yields rows (what, figure, bar, met); met is None where a figure is
reported as it is. The exit status is 1 where a bar is not met.
"""

import argparse
import contextlib
import io
import sys
import time

import numpy as np

from nn.jobs import clustering as clusters, regression as curves
from nn.jobs.digit_data import digits
from nn.jobs.options import read

SEEDS = range(5)


def regression():
    """A curve, by a deep net and by one linear layer."""
    given = read(curves.parser(), [])
    errors = np.array([curves.learn_curve(seed, given).errors for seed in SEEDS])
    linear, deep = errors.mean(axis=0)
    yield "linear layer: test MSE on the curve", f"{linear:.4f}", "", None
    yield "deep net: test MSE on the curve", f"{deep:.4f}", "≤ 1/20 of that", deep <= linear / 20
    worst = min(linear / deep for linear, deep in errors)
    yield "the worst seed", f"1/{worst:.1f}", "≤ 1/20", worst >= 20


def clustering():
    """Digits through a code of ten numbers, and through ten principal components."""
    given = read(clusters.parser(), [])
    found = [clusters.find(*digits(), seed, given) for seed in SEEDS]
    code, pca = np.mean([one.errors for one in found], axis=0)
    yield "reconstruction error of PCA-10, held out", f"{pca:.5f}", "", None
    yield "of the 10-d code", f"{code:.5f}", "≤ 0.8 of that", code <= 0.8 * pca
    worst = max(one.errors[0] / one.errors[1] for one in found)
    yield "the worst seed", f"{worst:.3f}", "≤ 0.8", worst <= 0.8
    indices = np.mean([one.indices for one in found], axis=0)
    for name, index in zip(("the code", "raw pixels", "PCA-10"), indices, strict=True):
        yield f"adjusted Rand index of {name}", f"{index:.3f}", "as it is", None


PIECES = {piece.__name__: piece for piece in (regression, clustering)}


def main(words):
    """Measure the pieces named, or all; 1 where a bar is not met."""
    parser = argparse.ArgumentParser(prog="run.py learning", description=__doc__.partition("\n")[0])
    parser.add_argument("pieces", nargs="*", metavar="PIECE", help=", ".join(PIECES))
    names, missed = parser.parse_args(words).pieces or list(PIECES), 0
    if unknown := set(names) - set(PIECES):
        parser.error(f"no piece {unknown.pop()!r}; there are: {', '.join(PIECES)}")
    for name in names:
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            rows = list(PIECES[name]())
        print(f"\n{name}, in {time.perf_counter() - start:.0f} s: {PIECES[name].__doc__}")
        for what, figure, bar, met in rows:
            print(f"  {what:<42} {figure:>8}  {bar:<14}  {verdict(met)}".rstrip(), flush=True)
            missed += met is not None and not met
    print(f"\n{missed} bars missed" if missed else "\nevery bar is met")
    return int(missed > 0)


def verdict(met):
    """Whether a bar is met, in a word; nothing where there is none."""
    return "" if met is None else "met" if met else "MISSED"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
