"""Mistakes in what a model is given: shapes, labels, and the scale of features."""

import math
from collections.abc import Iterator

import numpy

from autograd.node import Node
from autograd.show.wording import number
from autograd.storage import to_numpy

from ..data import taken
from ..metrics import numbers
from .findings import Finding
from .trial import Trial

LARGE = 30.0                # a size of features, many times that of standardised ones
UNEQUAL = 100.0             # how many times wider one feature is than another


def shapes(trial: Trial) -> Iterator[Finding]:
    """(N, 1) against (N,): a loss refuses them, or takes every row with every other."""
    p, t = trial.found.shape, trial.targets.shape
    more = p == (*t, 1)
    if p == t or not (more or t == (*p[:-1], 1) or t == (*p, 1)):
        return
    if trial.refused:
        mended = trial.y[:, None] if more else trial.y[:, 0]
        now, other = (trial.value(z, mended) for z in (trial.found, 3 * trial.found + 1))
        if not math.isfinite(now) or now == other:      # cross_entropy of one logit is always 0
            return
    elif not _pairs(trial):
        return
    n = len(trial.all)
    seen = f"predictions of shape {(n, *p[1:])}, targets of shape {(n, *t[1:])}, "
    seen += "which the loss refuses" if trial.refused else f"a loss of {n} × {n} pairs"
    yield Finding(f"{_shape(p)} against {_shape(t)}", seen,
                  f"give the targets one axis {'more: y[:, None]' if more else 'less: y[:, 0]'}")


def _shape(shape: tuple[int, ...]) -> str:
    return f"(N{''.join(f', {n}' for n in shape[1:]) or ','})"


def _pairs(trial: Trial) -> bool:
    """Whether the loss of three rows is that of their nine pairs, and not that of the rows."""
    order = numpy.argsort(trial.targets, axis=0).reshape(-1)
    rows = [taken(trial.y, order[[i]]) for i in (0, len(order) // 2, -1)]
    given = [numpy.full((1, *trial.found.shape[1:]), z) for z in (0.2, 0.5, 0.9)]
    whole = trial.value(numpy.concatenate(given),
                        taken(trial.y, order[[0, len(order) // 2, -1]]))
    table = [[trial.value(z, row) for row in rows] for z in given]
    own, pairs = float(numpy.trace(table)), float(numpy.sum(table))
    return bool(numpy.isclose(whole, [pairs / 9, pairs]).any()
                and not numpy.isclose(whole, [own / 3, own]).any())


def labels(trial: Trial) -> Iterator[Finding]:
    """Labels that are counted from 1, where the outputs are counted from 0, or beyond the last."""
    y, p, axes = trial.all, trial.found.shape, trial.targets.ndim
    if y.dtype.kind not in "iu" or p[:axes] != trial.targets.shape:
        return
    low, high, outputs = int(y.min()), int(y.max()), p[-1] if len(p) > axes else 1
    edit = _renumbered(trial, low, high, outputs, len(p) > axes)
    if edit:
        yield Finding("labels shifted", f"labels from {low} to {high} for outputs from 0 to "
                      f"{outputs - 1 if len(p) > axes else 1}", edit)


def _renumbered(trial: Trial, low: int, high: int, outputs: int, several: bool) -> str:
    """How to number the labels, where that is wrong; else nothing."""
    found = numpy.unique(trial.all)
    if not several:                                     # one logit for each target, of 0 or 1
        shifted = (low, high) == (1, 2) and trial.refused and math.isfinite(
            trial.value(trial.found, trial.y - 1))
        return "number the labels from 0: y - 1" if shifted else ""
    if not math.isfinite(trial.value(trial.found, trial.y * 0)) or (
            outputs == 1 and not trial.refused):            # it takes no classes
        return ""
    if low < 0 or high >= outputs:
        if low == 0 and len(found) == high + 1:
            return f"give the last layer {len(found)} outputs"
        if high - low < outputs:
            return f"number the labels from 0: y {'-' if low > 0 else '+'} {abs(low)}"
        return ("number the labels from 0, y = numpy.unique(y, return_inverse=True)[1], and give "
                f"the last layer {len(found)} outputs")
    if low == 1 and len(found) == high == outputs - 1 > 1 and trial.all.size >= 10 * outputs:
        return f"number the labels from 0, y - 1, and give the last layer {high} outputs"
    return ""


def features(trial: Trial) -> Iterator[Finding]:
    """Features, as the first weights meet them, far from 0 or of very unequal width."""
    met = [to_numpy(arg) for node in trial.nodes() if node.op and node.op.name == "matrix_product"
           for arg in node.args if not isinstance(arg, Node)]
    for x in [numbers(trial.x)] if trial.scalar else met:
        x = numpy.asarray(x, float).reshape(-1, x.shape[-1] if x.ndim > 1 else 1)
        size, width = numpy.sqrt((x * x).mean(0)), x.std(0)
        often = (x == numpy.median(x, axis=0)).mean(0)      # as 0 is in the corner of an image
        moving = width[(width > 1e-6 * size) & (often < 0.5)]
        if size.max(initial=0.0) > LARGE:
            seen = f"column {size.argmax()} holds numbers of about {number(size.max())}"
            seen += f", column {size.argmin()} of about {number(size.min())}" * (len(size) > 1)
        elif moving.size and moving.max() > UNEQUAL * moving.min():
            seen = (f"one column has a standard deviation of {number(moving.max())}, another of "
                    f"{number(moving.min())}")
        else:
            continue
        yield Finding("unscaled features", seen, "bring each column to mean 0 and deviation 1: "
                      "x = nn.Standardiser().fit_transform(x); or divide pixels by 255")
        return
