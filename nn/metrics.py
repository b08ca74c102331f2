"""Metrics are plain numbers about predictions; no gradient goes through them.

Each is called as a loss is, metric(predictions, targets), on arrays, Tensors or lists of Values.
What is on one device is compared there, and a number or two is read; the rest meets in NumPy.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy

from autograd import Tensor, Value
from autograd.errors import ArgumentError, ShapeError
from autograd.storage import (
    is_array,
    is_complex,
    is_floating,
    is_numpy,
    library_of,
    namespace,
    to_number,
    to_numpy,
)

from .moving import together

_TABLE = 30                             # classes; the counts of more are shown as a picture
_SHADES = "178,24,43", "33,102,172"      # of what was taken for another class, and of what was not


def accuracy(predictions: Any, targets: Any) -> float:
    """The share of rows whose class is right.

    Predictions of shape (n, classes) are scores, the greatest counts; targets are class indices,
    (n,), or probabilities, (n, classes). Floats of shape (n,) or (n, 1) are logits of two classes,
    positive for the second; targets, of either shape, are 0 and 1, or −1 and 1. Integers of shape
    (n,) are classes. Raises ShapeError for other shapes.
    """
    found, truth = _classes("accuracy", predictions, targets)
    return int(namespace(found).count_nonzero(found == truth)) / found.shape[0]


class ConfusionMatrix:
    """How often each true class (row) was taken for each class (column): `counts`, integers."""

    def __init__(self, counts: Any, classes: Sequence[str]) -> None:
        self.counts, self.classes = counts, list(classes)

    def __getitem__(self, index: Any) -> Any:
        return self.counts[index]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return numpy.array(self.counts, dtype=dtype, copy=copy)

    def _names(self) -> list[str]:
        from autograd.show.wording import short

        return [short(name) for name in self.classes]

    def __repr__(self) -> str:
        names = self._names()
        cells = [["true \\ predicted", *names]]
        cells += [[name, *map(str, row)]
                  for name, row in zip(names, self.counts.tolist(), strict=True)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
        return "\n".join("  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in cells)

    def _repr_html_(self) -> str:
        from autograd.show.cards import TABLE, cell, row
        from autograd.show.heat import image

        names = list(map(escape, self._names()))
        if len(names) > _TABLE:
            return f"<div>{len(names)} classes: true down, predicted across<br>{image(self)}</div>"
        rows = [row("true \\ predicted", *names, "recall", tag="th")]
        for i, (name, counts) in enumerate(zip(names, self.counts.tolist(), strict=True)):
            total = sum(counts)
            cells = [cell(name, "left", "th")]
            for j, count in enumerate(counts):      # half clear: on any theme the text is readable
                shade = 0.6 * count / (total or 1)
                cells.append(cell(f"{count:,}", colour=f"rgba({_SHADES[i == j]},{shade:.2f})"))
            cells.append(cell(f"{counts[i] / total:.3f}" if total else "–"))
            rows.append(f"<tr>{''.join(cells)}</tr>")
        return f"{TABLE}{''.join(rows)}</table>"


def confusion_matrix(predictions: Any, targets: Any,
                     classes: Sequence[str] | None = None) -> ConfusionMatrix:
    """Counts of (true class, predicted class), with the names of the classes in their order.

    Predictions and targets as in `accuracy`, classes integers from 0. ShapeError if they differ in
    length, ArgumentError for a class beyond the names.
    """
    found, truth = (to_numpy(x).astype(int)
                    for x in _classes("confusion_matrix", predictions, targets))
    n = max(int(found.max()), int(truth.max())) + 1 if classes is None else len(classes)
    for name, labels in (("predictions", found), ("targets", truth)):
        if labels.min() < 0 or labels.max() >= n:
            raise ArgumentError(f"{name} have classes from {labels.min()} to {labels.max()}, "
                                f"{n} are named", "number the classes from 0, and name them all")
    counts = numpy.zeros((n, n), int)
    numpy.add.at(counts, (truth, found), 1)
    return ConfusionMatrix(counts, [str(i) for i in range(n)] if classes is None else classes)


def r2_score(predictions: Any, targets: Any) -> float:
    """1 − Σ (target − prediction)² / Σ (target − mean)²: 1 is perfect, 0 no better than the mean.

    Constant targets give 1 if all predictions are exact and 0 otherwise, as in scikit-learn.
    """
    found, truth = _pair(predictions, targets)
    if tuple(found.shape) != tuple(truth.shape):
        raise _unlike("r2_score", found, truth)
    _some("r2_score", found)
    found, truth, xp = _floats(found), _floats(truth), namespace(truth)
    left = float(to_number(xp.sum((truth - found) ** 2)))
    spread = float(to_number(xp.sum((truth - xp.mean(truth)) ** 2)))
    return 1 - left / spread if spread else float(left == 0)


def _classes(name: str, predictions: Any, targets: Any) -> tuple[Any, Any]:
    """The classes that were predicted and the true ones, both of shape (n,)."""
    scores, given = _pair(predictions, targets)
    found, truth, xp = scores, given, namespace(scores)
    shape = tuple(scores.shape)
    if is_floating(scores) and not is_complex(scores) and (len(shape) == 1 or shape[1:] == (1,)):
        found, truth = (x[:, 0] if tuple(x.shape[1:]) == (1,) else x for x in (scores, given))
        found, truth = found > 0, _second(name, truth)
    elif len(shape) == 2 and shape[1] > 1:
        found = xp.argmax(scores, axis=1)
        truth = xp.argmax(given, axis=1) if tuple(given.shape) == shape else given
    if tuple(found.shape) != tuple(truth.shape) or len(found.shape) != 1:
        raise _unlike(name, scores, given)
    _some(name, found)
    if is_floating(truth):
        return _floats(found), truth
    return found, truth if is_numpy(truth) else xp.astype(truth, found.dtype, copy=False)


def _second(name: str, truth: Any) -> Any:
    """Which targets of one logit are the second class."""
    if namespace(truth).isdtype(truth.dtype, "bool"):
        return truth
    xp = namespace(truth)
    if 0 not in truth.shape:
        low, high = to_number(xp.min(truth)), to_number(xp.max(truth))
        if not -1 <= low <= high <= 1:
            raise ArgumentError(f"{name}: one logit a row, and targets from {low} to {high}",
                                "one logit tells two classes, 0 and 1; give a logit for each class")
    return truth > (0.5 if is_floating(truth) else 0)


def _unlike(name: str, predictions: Any, targets: Any) -> ShapeError:
    edit = "give one prediction for each target"
    for x, word in ((targets, "targets"), (predictions, "predictions")):
        if tuple(x.shape[1:]) == (1,):
            edit = f"drop the axis of 1: {word}[:, 0]"
            break
    return ShapeError(f"{name}: predictions of shape {tuple(predictions.shape)}, targets of shape "
                      f"{tuple(targets.shape)}", edit)


def _some(name: str, predictions: Any) -> None:
    if 0 in predictions.shape:
        raise ArgumentError(f"{name} of no rows", "give at least one")


def _pair(x: Any, y: Any) -> tuple[Any, Any]:
    """Both as arrays: where they are if that is one place, else as NumPy's."""
    x, y = (a.data if isinstance(a, Tensor) else a if is_array(a) else numbers(a) for a in (x, y))
    return (x, y) if together(x, y) else (to_numpy(x), to_numpy(y))


def _floats(x: Any) -> Any:
    """x as floats, in its storage."""
    library: Any = library_of(x)
    return x if is_floating(x) else library.xp.astype(x, library.dtype(float))


def numbers(x: Any) -> Any:
    """The plain NumPy array of a Tensor, an array, or nested lists of Values and numbers."""
    if isinstance(x, Tensor) or is_array(x):
        return to_numpy(x.data if isinstance(x, Tensor) else x)
    return numpy.asarray(_plain(x))


def _plain(x: Any) -> Any:
    if isinstance(x, Value):
        return x.data
    if isinstance(x, Tensor):
        return x.tolist()
    return [_plain(item) for item in x] if isinstance(x, list | tuple) else x
