"""The weight of a row is how much its loss counts: 2 counts like two such rows, 0 like none."""

from collections.abc import Mapping
from typing import Any

import numpy

from autograd.errors import ArgumentError, ShapeError, describe

from .metrics import numbers


def row_weights(y: Any, class_weight: Mapping[Any, float] | None, sample_weight: Any) -> Any:
    """The weights of the rows with targets y, floats of shape (n,); None where none are given."""
    weights: Any = None
    if class_weight is not None:
        weights = _of_classes(numbers(y), class_weight)
    if sample_weight is not None:
        own = _checked("sample_weight", numbers(sample_weight))
        if own.shape != (n := numbers(y).shape[:1]):
            raise ShapeError(f"sample_weight of shape {own.shape} for {n[0]} rows",
                             "give one number for each row of x")
        weights = own if weights is None else weights * own
    return weights


def _of_classes(y: Any, class_weight: Any) -> Any:
    """The weight of the class of each row; 1 for a class that is not named."""
    if not isinstance(class_weight, Mapping):
        raise ArgumentError(f"class_weight is {describe(class_weight)}",
                            "give a dict with the weight of each class: {0: 1.0, 1: 5.0}")
    labels = y[:, 0] if y.shape[1:] == (1,) else y
    if labels.ndim == 2 and numpy.allclose(labels.sum(1), 1):
        labels = labels.argmax(1)
    if labels.ndim != 1:
        raise ShapeError(f"class_weight with targets of shape {y.shape}",
                         "targets of classes have shape (n,), or (n, classes) if probabilities")
    found = set(labels.tolist())
    for name in class_weight:
        if name not in found:
            some = ", ".join(map(str, sorted(found)[:10])) + ", ..." * (len(found) > 10)
            raise ArgumentError(f"class_weight names the class {name!r}, the targets are {some}",
                                "name classes as they are in y, such as {0: 1.0, 1: 5.0}")
    _checked("class_weight", numpy.asarray(list(class_weight.values())))
    return numpy.array([float(class_weight.get(label, 1.0)) for label in labels.tolist()])


def _checked(name: str, weights: Any) -> Any:
    """Weights as floats; ArgumentError unless all are finite and not negative."""
    if weights.dtype.kind not in "biuf":
        raise ArgumentError(f"{name} is {describe(weights)}", "give plain numbers")
    wrong = ~(numpy.isfinite(weights) & (weights >= 0))
    if wrong.any():
        raise ArgumentError(f"{name} has the weight {weights[wrong][0]}",
                            "weights are finite, and not negative")
    return weights.astype(float)
