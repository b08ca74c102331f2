"""A loss is one number that says how far predictions are from targets; training makes it small.

Predictions and targets have the same shape: nothing is broadcast. Tensors and arrays are taken
whole; Values, and lists of them, one by one, so that the loss is a Value too. `reduction` is
"mean", "sum" or "none" (one loss for each element; for cross_entropy, for each sample).

Targets out of range raise where the numbers are at hand, over NumPy. Over any other storage to
look at them would be to wait for the device in every step: there they make the loss nan.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy

import autograd.numpy as np
from autograd import ArgumentError, DtypeError, ShapeError, Value
from autograd.errors import describe
from autograd.storage import arange, asarray, is_integer, is_numpy, namespace

from .given import as_array, flat, floating, nested, of_scalars, plain, raw, shape_of, typed
from .moving import apart, together


def mse_loss(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """The squared error, (prediction - target)²."""
    return _elementwise("mse_loss", lambda p, t: np.square(p - t), prediction, target, reduction)


def l1_loss(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """The absolute error; its gradient is 0 where the prediction is exact."""
    return _elementwise("l1_loss", lambda p, t: np.abs(p - t), prediction, target, reduction)


def quadratic_loss(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """Half the squared error, so that its gradient is the error itself."""
    return _elementwise("quadratic_loss", lambda p, t: 0.5 * np.square(p - t), prediction, target,
                        reduction)


def huber_loss(prediction: Any, target: Any, delta: float = 1.0, reduction: str = "mean") -> Any:
    """½·err² up to |err| = delta, beyond delta·(|err| - ½·delta): a straight line.

    Huber 1964, "Robust estimation of a location parameter". Raises ArgumentError unless delta > 0.
    """
    if not delta > 0:
        raise ArgumentError(f"huber_loss with delta = {delta!r}", "delta must be above 0")

    def huber(p: Any, t: Any) -> Any:
        error = p - t
        inner = np.clip(error, -delta, delta)       # ½·err² and the line are inner·(err - ½·inner)
        return inner * (error - 0.5 * inner)

    return _elementwise("huber_loss", huber, prediction, target, reduction)


def hinge_loss(score: Any, target: Any, reduction: str = "mean") -> Any:
    """max(0, 1 - target·score) with targets -1 and 1. Raises ArgumentError on other targets."""
    return _elementwise("hinge_loss", lambda s, t: np.relu(1.0 - t * s), score, target, reduction,
                        check=_plus_minus_one)


def binary_cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> Any:
    """-t·log(σ(z)) - (1 - t)·log(1 - σ(z)) of logits z and targets t from 0 to 1.

    Written with softplus(z) = -log(1 - σ(z)), which is accurate where σ(z) rounds to 0 or 1. Raises
    ArgumentError on targets outside 0 to 1.
    """
    return _elementwise(
        "binary_cross_entropy",
        lambda z, t: t * np.softplus(-z) + (1.0 - t) * np.softplus(z), logits, target, reduction,
        check=_zero_to_one)


def cross_entropy(logits: Any, target: Any, reduction: str = "mean") -> Any:
    """-log(softmax(logits)) at the target class; for probabilities, its mean under them.

    `logits` have shape (N, C), or (C,) for one sample. `target` is class indices, integers of shape
    (N,) or (), or probabilities in the shape of the logits. A list of Values (or of such lists)
    with an index (or a list of them) gives a Value. Raises ShapeError, DtypeError on indices that
    are not integers, ArgumentError on indices out of range, with the value and its place.
    """
    _check_reduction(reduction)
    if of_scalars(logits, target):
        return _cross_entropy_of_values(nested(logits), target, reduction)
    logits, target = as_array(logits, target), as_array(target, logits)
    if not 1 <= len(logits.shape) <= 2 or 0 in logits.shape:
        raise ShapeError(f"cross_entropy of logits of shape {shape_of(logits)}",
                         "give shape (N, C), one row of C logits for each of N samples, or (C,)")
    logits = floating(logits)
    numbers = raw(logits)
    if not together(numbers, raw(target)):
        raise apart("cross_entropy", "logits", numbers, "targets", raw(target))
    shifted = logits - namespace(numbers).max(numbers, axis=-1, keepdims=True)      # exp stays ≤ 1
    given = shape_of(target) == shape_of(logits)
    log_total = np.log(np.sum(np.exp(shifted), axis=-1, keepdims=given))
    if given:
        return _reduced(np.sum(typed(target, logits) * (log_total - shifted), axis=-1), reduction)
    places = _class_indices(raw(target), shape_of(logits))
    return _reduced(log_total - _chosen(shifted, places), reduction)


def _chosen(logits: Any, places: Any) -> Any:
    """The logit of each row at its place; nan, over other storages than NumPy, outside the row."""
    if is_numpy(places):
        rows = (arange(places, places.shape[0]),) if places.shape else ()
        return logits[(*rows, places)]
    xp, classes = namespace(places), arange(places, logits.shape[-1])
    places = xp.astype(places, classes.dtype, copy=False)
    chosen = xp.expand_dims(places, axis=-1) == classes
    found = np.sum(np.where(chosen, logits, 0.0), axis=-1)
    return np.where((places >= 0) & (places < logits.shape[-1]), found, math.nan)


# -- one loss for each element ---------------------------------------------------------------------

def _elementwise(name: str, formula: Callable[[Any, Any], Any], prediction: Any, target: Any,
                 reduction: str, check: Callable[[str, Any], Any] | None = None) -> Any:
    """formula(prediction, target) for each element, reduced; `check` sees the targets first.

    It raises, or says which are right: of the others nothing can be said but nan.
    """
    _check_reduction(reduction)
    if of_scalars(prediction, target):
        prediction, target = nested(prediction), nested(target)
        _check_shapes(name, shape_of(prediction), shape_of(target))
        if check:
            check(name, asarray(plain(target)))
        losses = [formula(p, t) for p, t in zip(flat(prediction), flat(target), strict=True)]
        return _reduced(losses, reduction) if isinstance(prediction, list) else losses[0]
    prediction, target = as_array(prediction, target), as_array(target, prediction)
    _check_shapes(name, shape_of(prediction), shape_of(target))
    right = check and check(name, raw(target))
    target = typed(target, prediction)
    if right is not None:
        target = np.where(right, target, math.nan)
    return _reduced(formula(prediction, target), reduction)


def _reduced(losses: Any, reduction: str) -> Any:
    """The mean or sum of a list or array of losses, or all of them."""
    if reduction == "none":
        return losses
    if not isinstance(losses, list):
        if 0 in losses.shape:
            raise ArgumentError("a loss of no predictions", "check where the data is read")
        return np.mean(losses) if reduction == "mean" else np.sum(losses)
    if not losses:
        raise ArgumentError("a loss of no predictions", "check where the data is read")
    total = sum(losses[1:], losses[0])
    return total / len(losses) if reduction == "mean" else total


def _cross_entropy_of_values(logits: Any, target: Any, reduction: str) -> Any:
    """cross_entropy of nested lists."""
    shape = shape_of(logits)
    if not 1 <= len(shape) <= 2 or 0 in shape:
        raise ShapeError(f"cross_entropy of {describe(logits)}",
                         "give a list of Values, one logit for each class, or a list of such lists")
    target = nested(target)
    if shape_of(target) != shape:
        target = _class_indices(asarray(target), shape).tolist()
    if len(shape) == 1:
        return _cross_entropy_of_row(logits, target)
    losses = [_cross_entropy_of_row(row, t) for row, t in zip(logits, target, strict=True)]
    return _reduced(losses, reduction)


def _cross_entropy_of_row(logits: list[Any], target: Any) -> Any:
    """cross_entropy of one sample: Values or numbers, and an index or probabilities."""
    top = max(z.data if isinstance(z, Value) else z for z in logits)
    shifted = [z - top for z in logits]
    exps = [np.exp(s) for s in shifted]
    log_total = np.log(sum(exps[1:], exps[0]))
    if not isinstance(target, list):
        return log_total - shifted[target]
    terms = [t * (log_total - s) for t, s in zip(target, shifted, strict=True)]
    return sum(terms[1:], terms[0])


# -- checks ----------------------------------------------------------------------------------------

def _check_reduction(reduction: str) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentError(f"no reduction {reduction!r}", "use 'mean', 'sum' or 'none'")


def _check_shapes(name: str, prediction: tuple[int, ...], target: tuple[int, ...]) -> None:
    """The same shape on both sides; (N, 1) beside (N,) would broadcast to N × N pairs."""
    if prediction == target:
        return
    edit = "predictions and targets must have the same shape; reshape one of them"
    if prediction == (*target, 1):
        edit = "drop the last axis of the prediction, prediction[..., 0], or add one to the " \
               "target, target[..., None]"
    elif target == (*prediction, 1):
        edit = "drop the last axis of the target, target[..., 0], or add one to the prediction, " \
               "prediction[..., None]"
    raise ShapeError(f"{name}: prediction of shape {prediction} against target of shape {target}",
                     edit)


def _class_indices(target: Any, logits: tuple[int, ...]) -> Any:
    """The array of class indices, after checking that there is one for each sample."""
    xp, shape, classes = namespace(target), tuple(target.shape), logits[-1]
    if shape != logits[:-1]:
        edit = f"give class indices of shape {logits[:-1]} or probabilities of shape {logits}"
        if shape == (*logits[:-1], 1):
            edit = "drop the last axis of the target, target[..., 0]"
        raise ShapeError(f"cross_entropy: logits of shape {logits} against target of shape {shape}",
                         edit)
    if not is_integer(target):
        first = xp.reshape(target, (-1,))[0]
        raise DtypeError(f"cross_entropy: class indices of dtype {target.dtype}, the first is "
                         f"{first}", "class indices are integers: target.astype('int64'); "
                         f"probabilities have the shape of the logits, {logits}")
    if is_numpy(target) and (target.min() < 0 or target.max() >= classes):
        value, place = _first(target, (target < 0) | (target >= classes))
        raise ArgumentError(f"cross_entropy: class index {value} at {place}, for {classes} classes",
                            f"class indices are 0 to {classes - 1}")
    return target


def _plus_minus_one(name: str, target: Any) -> Any:
    return _all(name, target, (target == 1) | (target == -1),
                "targets are -1 and 1; of classes 0 and 1 make 2 * target - 1")


def _zero_to_one(name: str, target: Any) -> Any:
    if namespace(target).isdtype(target.dtype, "bool"):
        return None
    return _all(name, target, (target >= 0) & (target <= 1),
                "targets are probabilities, from 0 to 1; only predictions are logits")


def _all(name: str, target: Any, right: Any, edit: str) -> Any:
    """Over NumPy ArgumentError unless all targets are right; elsewhere which are."""
    if not is_numpy(target):
        return right
    if not right.all():
        value, place = _first(target, ~right)
        raise ArgumentError(f"{name}: target {value} at {place}", edit)
    return None


def _first(array: Any, wrong: Any) -> tuple[Any, str]:
    """The first element that is wrong, and its place, in a NumPy array."""
    index = tuple(int(i) for i in numpy.argwhere(wrong)[0])
    return array[index], f"[{', '.join(map(str, index))}]"
