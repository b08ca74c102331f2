"""What a loss is given: arrays and Tensors, or nested lists of Values and numbers."""

from typing import Any

import autograd.numpy as np
from autograd import ShapeError, Tensor, Value
from autograd.storage import device_of, is_array, is_floating, namespace


def of_scalars(x: Any, y: Any) -> bool:
    """Whether to take elements one by one: Values on either side, or no array on any."""
    if _holds_values(x) or _holds_values(y):
        return True
    return not (isinstance(x, Tensor) or isinstance(y, Tensor) or is_array(x) or is_array(y))


def _holds_values(x: Any) -> bool:
    while isinstance(x, (list, tuple)) and x:
        x = x[0]
    return isinstance(x, Value)


def nested(x: Any) -> Any:
    """Nested lists of Values and numbers; Tensors give Values where they require a gradient."""
    if isinstance(x, (list, tuple)):
        return [nested(item) for item in x]
    if is_array(x):
        x = Tensor(x)
    if isinstance(x, Tensor):
        return x.values() if x.requires_grad else x.tolist()
    return x


def plain(x: Any) -> Any:
    """Nested lists with numbers in place of Values."""
    if isinstance(x, list):
        return [plain(item) for item in x]
    return x.data if isinstance(x, Value) else x


def flat(x: Any) -> list[Any]:
    """The leaves of nested lists."""
    return [leaf for item in x for leaf in flat(item)] if isinstance(x, list) else [x]


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of an array, or of nested lists of equal lengths."""
    if not isinstance(x, list):
        return tuple(x.shape) if isinstance(x, Tensor) or is_array(x) else ()
    shapes = {shape_of(item) for item in x}
    if len(shapes) > 1:
        raise ShapeError(f"a list of unlike parts, of shapes {', '.join(map(str, sorted(shapes)))}",
                         "give lists of equal lengths")
    return (len(x), *(shapes.pop() if shapes else ()))


def raw(x: Any) -> Any:
    """The array of a Tensor."""
    return x.data if isinstance(x, Tensor) else x


def as_array(x: Any, other: Any) -> Any:
    """x as it is, or lists and numbers as a Tensor where the other is."""
    if isinstance(x, Tensor) or is_array(x):
        return x
    return np.asarray(x, device=device_of(raw(other)) if is_array(raw(other)) else None)


def floating(x: Any) -> Any:
    """x as floats."""
    return x if is_floating(raw(x)) else np.astype(x, float)


def typed(target: Any, prediction: Any) -> Any:
    """The target in the dtype of the prediction, so that float32 stays float32."""
    t, p = raw(target), raw(prediction)
    if namespace(t) is not namespace(p) or not is_floating(p) or t.dtype == p.dtype:
        return target
    return np.astype(target, p.dtype)
