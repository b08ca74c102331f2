"""A loss is one number that says how far predictions are from targets; training makes it small.

Predictions and targets have the same shape: nothing is broadcast. Tensors and arrays are taken
whole; Values, and lists of them, one by one, so that the loss is a Value too. `reduction` is
"mean", "sum" or "none" (one loss for each element; for cross_entropy, for each sample).
"""

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
from autograd import ArgumentError, DtypeError, ShapeError, StorageError, Tensor, Value
from autograd.errors import describe
from autograd.storage import asarray, is_array, is_floating, namespace


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
    if _of_scalars(logits, target):
        return _cross_entropy_of_values(_nested(logits), target, reduction)
    logits, target = _array(logits), _array(target)
    if not 1 <= len(logits.shape) <= 2 or 0 in logits.shape:
        raise ShapeError(f"cross_entropy of logits of shape {_shape(logits)}",
                         "give shape (N, C), one row of C logits for each of N samples, or (C,)")
    logits = _floating(logits)
    numbers = _raw(logits)
    shifted = logits - namespace(numbers).max(numbers, axis=-1, keepdims=True)      # exp stays ≤ 1
    given = _shape(target) == _shape(logits)
    log_total = np.log(np.sum(np.exp(shifted), axis=-1, keepdims=given))
    if given:
        return _reduced(np.sum(_typed(target, logits) * (log_total - shifted), axis=-1), reduction)
    places = _class_indices(_raw(target), _shape(logits))
    if namespace(places) is not namespace(numbers):
        raise StorageError(f"cross_entropy: {describe(logits)} and class indices of another array "
                           f"library, {type(places).__module__.split('.')[0]}",
                           "make both of one library first")
    rows = (namespace(places).arange(places.shape[0]),) if places.shape else ()
    return _reduced(log_total - shifted[(*rows, places)], reduction)


# -- one loss for each element ---------------------------------------------------------------------

def _elementwise(name: str, formula: Callable[[Any, Any], Any], prediction: Any, target: Any,
                 reduction: str, check: Callable[[str, Any], None] | None = None) -> Any:
    """formula(prediction, target) for each element, reduced; `check` sees the targets first."""
    _check_reduction(reduction)
    if _of_scalars(prediction, target):
        prediction, target = _nested(prediction), _nested(target)
        _check_shapes(name, _shape(prediction), _shape(target))
        if check:
            check(name, asarray(_plain(target)))
        losses = [formula(p, t) for p, t in zip(_flat(prediction), _flat(target), strict=True)]
        return _reduced(losses, reduction) if isinstance(prediction, list) else losses[0]
    prediction, target = _array(prediction), _array(target)
    _check_shapes(name, _shape(prediction), _shape(target))
    if check:
        check(name, _raw(target))
    return _reduced(formula(prediction, _typed(target, prediction)), reduction)


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
    shape = _shape(logits)
    if not 1 <= len(shape) <= 2 or 0 in shape:
        raise ShapeError(f"cross_entropy of {describe(logits)}",
                         "give a list of Values, one logit for each class, or a list of such lists")
    target = _nested(target)
    if _shape(target) != shape:
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
    """The array of class indices, after checking that they pick one logit for each sample."""
    xp, shape, classes = namespace(target), tuple(target.shape), logits[-1]
    if shape != logits[:-1]:
        edit = f"give class indices of shape {logits[:-1]} or probabilities of shape {logits}"
        if shape == (*logits[:-1], 1):
            edit = "drop the last axis of the target, target[..., 0]"
        raise ShapeError(f"cross_entropy: logits of shape {logits} against target of shape {shape}",
                         edit)
    if not xp.isdtype(target.dtype, "integral"):
        first = xp.reshape(target, (-1,))[0]
        raise DtypeError(f"cross_entropy: class indices of dtype {target.dtype}, the first is "
                         f"{first}", "class indices are integers: target.astype('int64'); "
                         f"probabilities have the shape of the logits, {logits}")
    if int(xp.min(target)) < 0 or int(xp.max(target)) >= classes:
        value, place = _first(target, (target < 0) | (target >= classes))
        raise ArgumentError(f"cross_entropy: class index {value} at {place}, for {classes} classes",
                            f"class indices are 0 to {classes - 1}")
    return target


def _plus_minus_one(name: str, target: Any) -> None:
    wrong = (target != 1) & (target != -1)
    if namespace(target).any(wrong):
        value, place = _first(target, wrong)
        raise ArgumentError(f"{name}: target {value} at {place}",
                            "targets are -1 and 1; of classes 0 and 1 make 2 * target - 1")


def _zero_to_one(name: str, target: Any) -> None:
    xp = namespace(target)
    if xp.isdtype(target.dtype, "bool"):
        return
    right = (target >= 0) & (target <= 1)
    if not xp.all(right):
        value, place = _first(target, ~right)
        raise ArgumentError(f"{name}: target {value} at {place}",
                            "targets are probabilities, from 0 to 1; only predictions are logits")


def _first(array: Any, wrong: Any) -> tuple[Any, str]:
    """The first element that is wrong, and its place."""
    xp = namespace(array)
    i = int(xp.argmax(xp.astype(xp.reshape(wrong, (-1,)), xp.int64)))
    place = []
    for n in reversed(array.shape):
        place.append(i % n)
        i //= n
    index = tuple(reversed(place))
    return array[index], f"[{', '.join(map(str, index))}]"


# -- what came -------------------------------------------------------------------------------------

def _of_scalars(x: Any, y: Any) -> bool:
    """Whether to take elements one by one: Values on either side, or no array on any."""
    if _holds_values(x) or _holds_values(y):
        return True
    return not (isinstance(x, Tensor) or isinstance(y, Tensor) or is_array(x) or is_array(y))


def _holds_values(x: Any) -> bool:
    while isinstance(x, (list, tuple)) and x:
        x = x[0]
    return isinstance(x, Value)


def _nested(x: Any) -> Any:
    """Nested lists of Values and numbers; Tensors give Values where they require a gradient."""
    if isinstance(x, (list, tuple)):
        return [_nested(item) for item in x]
    if is_array(x):
        x = Tensor(x)
    if isinstance(x, Tensor):
        return x.values() if x.requires_grad else x.tolist()
    return x


def _plain(x: Any) -> Any:
    """Nested lists with numbers in place of Values."""
    if isinstance(x, list):
        return [_plain(item) for item in x]
    return x.data if isinstance(x, Value) else x


def _flat(x: Any) -> list[Any]:
    return [leaf for item in x for leaf in _flat(item)] if isinstance(x, list) else [x]


def _shape(x: Any) -> tuple[int, ...]:
    """The shape of an array, or of nested lists of equal lengths."""
    if not isinstance(x, list):
        return tuple(x.shape) if isinstance(x, Tensor) or is_array(x) else ()
    shapes = {_shape(item) for item in x}
    if len(shapes) > 1:
        raise ShapeError(f"a list of unlike parts, of shapes {', '.join(map(str, sorted(shapes)))}",
                         "give lists of equal lengths")
    return (len(x), *(shapes.pop() if shapes else ()))


def _raw(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x


def _array(x: Any) -> Any:
    return x if isinstance(x, Tensor) or is_array(x) else np.asarray(x)


def _floating(x: Any) -> Any:
    return x if is_floating(_raw(x)) else np.astype(x, namespace(_raw(x)).float64)


def _typed(target: Any, prediction: Any) -> Any:
    """The target in the dtype of the prediction, so that float32 stays float32."""
    t, p = _raw(target), _raw(prediction)
    if namespace(t) is not namespace(p) or not is_floating(p) or t.dtype == p.dtype:
        return target
    return np.astype(target, p.dtype)
