"""Bridges between the two engines: Values make a Tensor, a Tensor makes Values, with gradients."""

from typing import Any

from . import composite
from .array_node import ArrayNode
from .node import recording
from .primitive import Primitive
from .storage import asarray, namespace
from .tensor import Tensor
from .value import Value


class _Element(Primitive):
    """The one element of a 0-d Tensor as a Value."""

    def __call__(self, tensor: Any) -> Any:                                 # type: ignore
        return element(tensor)

    def pull(self, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
        return from_values(g) if isinstance(g, Value) else namespace(args[0]).full((), g)

    def push(self, i: int, t: Any, z: Any, args: Any, params: Any) -> Any:
        return element(t) if type(t) is Tensor else float(t)


class _FromValues(Primitive):
    """Values as a Tensor of one axis, or one Value as a 0-d Tensor."""

    def pull(self, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
        part = g[i] if len(g.shape) else g
        return element(part) if type(part) is Tensor else float(part)

    def push(self, i: int, t: Any, z: Any, args: Any, params: Any) -> Any:
        t = t if isinstance(t, Value) else float(t)
        return from_values(*(t if j == i else 0.0 for j in range(len(args))), scalar=not z.shape)


_element, _from_values = _Element("element"), _FromValues("from_values")


def element(tensor: Tensor) -> Value:
    """A 0-d Tensor as a Value; the gradient goes back to the Tensor."""
    value = Value(tensor.item())
    if tensor.requires_grad and recording():
        value.op, value.args = _element, (tensor.node,)
    return value


def from_values(*values: Any, scalar: bool = True) -> Any:
    """Values and numbers as a Tensor of shape (n,), one alone as a 0-d Tensor."""
    data = [v.data if isinstance(v, Value) else float(v) for v in values]
    array = asarray(data[0] if scalar and len(data) == 1 else data)
    if not recording() or not any(isinstance(v, Value) for v in values):
        return Tensor(array)
    return Tensor._of(ArrayNode(array, _from_values, values), True)


def stack(arrays: Any, axis: int = 0) -> Any:
    """Arrays, Tensors, or nested lists of Values joined along a new axis; gradients go through."""
    items = list(arrays)
    if items and any(isinstance(x, Value) for x in items):
        return from_values(*items, scalar=False)
    if items and isinstance(items[0], list):
        items = [stack(x) for x in items]
    return composite.stack(items, axis)
