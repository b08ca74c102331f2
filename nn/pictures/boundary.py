"""A decision boundary is where a model changes its mind: the classes it gives to a plane of inputs.

Every point of the plane has the colour of its class, the paler the less sure the model is of it:
white where all classes are equally likely. One score s is read as the scores 0 and s of two
classes, and scores become probabilities by softmax; for logits these are the model's own.
"""

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy

import autograd.numpy as np
from autograd import Tensor, no_grad
from autograd.errors import ArgumentError, ShapeError, describe
from autograd.storage import asarray, device, is_floating, namespace, quiet

from ..data import check_data
from ..evaluation import is_scalar, predict
from ..metrics import numbers
from ..module import Module
from ..neuron import MLP
from .paper import COLOURS, axes_for, plain

MARKERS = "os^DvP*X<>"
_FINE, _COARSE = (320, 240), (80, 60)   # points of the plane: in batches, and one after another
_PIECE = 20_000                         # points in a batch: wide layers must fit into memory


class Plane(NamedTuple):
    """A grid of inputs: `across` (w,), `up` (h,), and the model's `scores` (h, w, classes)."""

    across: Any
    up: Any
    scores: Any


def plot_boundary(model: Any, x: Any, y: Any, features: tuple[int, int] = (0, 1), at: Any = None,
                  classes: Sequence[str] | None = None, ax: Any = None) -> Any:
    """The classes that a model gives to the plane of two features of x, with the rows of x on it.

    x is (n, inputs); the other features stay as in the row `at`, or at their means. The model gives
    one score or logit a row, positive for the second class, or a score for each class, and y is the
    classes as for `accuracy`. It is asked in eval mode and put back. A plain function will do, and
    Sequential(standardiser.transform, model) draws in the units of x. Returns the Axes. Raises
    ShapeError and ArgumentError for what does not fit, ImportError without Matplotlib.
    """
    check_data(x, y)
    scored, rows = plane(model, x, features, at), numbers(x)
    labels, names = _labels(numbers(y), scored.scores.shape[-1])
    if classes is not None:
        if len(classes) != len(names):
            raise ArgumentError(f"{len(classes)} names for {len(names)} classes: {list(classes)}",
                                "name each class that the model has a score for, in their order")
        names = [plain(name) for name in classes]
    ax = axes_for("plot_boundary", ax)
    _shade(ax, scored)
    _points(ax, rows[:, list(features)], labels, names)
    if rows.shape[1] > 2:
        where = "at their means" if at is None else "held at values given"
        ax.set_title(f"other features {where}", fontsize="medium")
    ax.set(xlabel=f"feature {features[0]}", ylabel=f"feature {features[1]}")
    return ax


def plane(model: Any, x: Any, features: tuple[int, int] = (0, 1), at: Any = None,
          size: tuple[int, int] | None = None) -> Plane:
    """The model's scores on a grid around the rows of x; `size` is (width, height) in points."""
    check_data(x)
    rows = numbers(x)
    first, second = _checked(rows, features)
    held = rows.mean(0) if at is None else numbers(at)
    if held.shape != rows.shape[1:]:
        raise ShapeError(f"at has shape {held.shape}, a row of x {rows.shape[1:]}",
                         "give a whole row, such as x[0]; its two features of the plane are not "
                         "used")
    model, quick = _batched(model)
    width, height = size or (_FINE if quick else _COARSE)
    low, high = rows.min(0), rows.max(0)
    margin = numpy.where(high > low, 0.1 * (high - low), 0.5)
    across = numpy.linspace(low[first] - margin[first], high[first] + margin[first], width)
    up = numpy.linspace(low[second] - margin[second], high[second] + margin[second], height)
    grid = numpy.tile(held.astype(float), (height, width, 1))
    grid[..., first], grid[..., second] = numpy.meshgrid(across, up)
    pieces = numpy.array_split(grid.reshape(width * height, -1), -(-width * height // _PIECE))
    scores = numpy.concatenate([_scores(model, _like(x, piece), len(piece)) for piece in pieces])
    return Plane(across, up, scores.reshape(height, width, -1))


def _checked(rows: Any, features: Any) -> tuple[int, int]:
    """The two features as indices of columns."""
    if rows.ndim != 2 or rows.shape[1] < 2:
        raise ShapeError(f"a decision boundary over x of shape {rows.shape}",
                         "give rows of two features or more: (n, inputs)")
    try:
        first, second = map(operator.index, features)
    except (TypeError, ValueError):
        first = second = -1
    if first == second or not (0 <= first < rows.shape[1] and 0 <= second < rows.shape[1]):
        raise ArgumentError(f"features={features!r} of x with {rows.shape[1]} columns",
                            f"give two different columns, from 0 to {rows.shape[1] - 1}")
    return first, second


# -- asking the model ------------------------------------------------------------------------------

def _batched(model: Any) -> tuple[Any, bool]:
    """The model, an MLP of Values as its matrices, and whether it takes many rows at once."""
    if isinstance(model, MLP):
        try:
            return model.vectorize(), True
        except ArgumentError:                           # neurons that differ
            return model, False
    return model, not (isinstance(model, Module) and is_scalar(model))


def _scores(model: Any, rows: Any, count: int) -> Any:
    """The model's scores, (n, classes), with no trace left in it: no gradient, no mode changed."""
    with no_grad(), quiet():
        given = numbers(predict(model, rows) if isinstance(model, Module) else model(rows))
    scores = given[:, None] if given.ndim == 1 else given
    if scores.ndim != 2 or scores.shape[0] != count or not scores.size or scores.dtype.kind != "f":
        raise ShapeError(f"the model gave {describe(given)} for {count} rows of inputs",
                         "let it give floats: one score a row, or one for each class")
    if scores.shape[1] == 1:
        scores = numpy.concatenate([numpy.zeros_like(scores), scores], axis=1)
    return numpy.clip(scores.astype(float), -1e300, 1e300)


def _like(x: Any, grid: Any) -> Any:
    """The grid as the kind of array that x is, on its device."""
    array = x.data if isinstance(x, Tensor) else asarray(x)
    options = {"dtype": array.dtype} if is_floating(array) else {}
    made = namespace(array).asarray(grid, device=device(array), **options)
    return Tensor(made) if isinstance(x, Tensor) else made


# -- drawing ---------------------------------------------------------------------------------------

def _labels(y: Any, count: int) -> tuple[Any, list[str]]:
    """The class of each row as an index, and what the classes are called in y."""
    if y.ndim == 2 and y.shape[1] in (1, count):
        y = y[:, 0] if y.shape[1] == 1 else y.argmax(1)
    names = ["-1", "1"] if count == 2 and (y == -1).any() else [str(i) for i in range(count)]
    wrong = y[~numpy.isin(y, [int(name) for name in names])] if y.ndim == 1 else y
    if y.ndim != 1:
        raise ShapeError(f"y has shape {y.shape}", "give one class a row: (n,)")
    if wrong.size:
        raise ArgumentError(f"y holds {wrong[0]}, the model's {count} classes are "
                            f"{', '.join(names)}", "number the classes from 0; two may be -1 and 1")
    return numpy.searchsorted([int(name) for name in names], y), names


def _shade(ax: Any, scored: Plane) -> None:
    """Colour the plane by class, paler where unsure, with a line between any two classes."""
    across, up, scores = scored
    count = scores.shape[-1]
    with quiet():
        likely = np.softmax(scores, axis=-1)
        sure = (likely.max(-1) - 1 / count) / (1 - 1 / count)
    colours = numpy.array([_rgb(i) for i in range(count)])[scores.argmax(-1)]
    image = 1 - 0.55 * sure[..., None] * (1 - colours)
    image[numpy.isnan(sure)] = 0.6                      # no class: the scores are nan
    halves = [(axis[1] - axis[0]) / 2 for axis in (across, up)]
    ax.imshow(image, origin="lower", aspect="auto", interpolation="nearest", zorder=0,
              extent=(across[0] - halves[0], across[-1] + halves[0],
                      up[0] - halves[1], up[-1] + halves[1]))
    for i in range(count if count > 2 else 1):
        ahead = scores[..., i] - numpy.delete(scores, i, axis=-1).max(-1)
        if (ahead > 0).any() and (ahead < 0).any():
            ax.contour(across, up, ahead, levels=[0.0], colors="0.25", linewidths=1.0, zorder=1)
    ax.set(xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))


def _points(ax: Any, points: Any, labels: Any, names: list[str]) -> None:
    """The rows of x, each class with a colour and a marker of its own."""
    size = min(30.0, max(6.0, 9000 / len(points)))
    for i, name in enumerate(names):
        ax.scatter(*points[labels == i].T, s=size, color=[_rgb(i)], label=name, zorder=2,
                   marker=MARKERS[i % len(MARKERS)], edgecolors="white", linewidths=0.6)
    ax.legend(framealpha=0.9)


def _rgb(i: int) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    return to_rgb(COLOURS[i % len(COLOURS)])
