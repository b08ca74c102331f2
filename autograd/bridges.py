"""Bridges between the two engines: Values make a Tensor, a Tensor makes Values, with gradients."""

from typing import Any

from . import composite
from .array_node import ArrayNode
from .errors import mixed
from .modes import bridging, recording
from .node import NOTHING
from .primitive import Primitive, as_operand, raw
from .storage import asarray, full, to_number
from .tensor import Tensor
from .value import Value


class _Element(Primitive):
    """The one element of a 0-d Tensor as a Value."""

    def __call__(self, tensor: Any) -> Any:
        return element(tensor)

    def pull(self, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
        return from_values(g) if isinstance(g, Value) else full(args[0], (), g)

    def push(self, i: int, t: Any, z: Any, args: Any, params: Any) -> Any:
        return element(t) if type(t) is Tensor else float(t)

    def on_floats(self, numbers: Any, params: Any) -> Any:
        return to_number(numbers[0])


class _FromValues(Primitive):
    """Values as a Tensor of one axis, or one Value as a 0-d Tensor."""

    def pull(self, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
        part = g[i] if len(g.shape) else g
        return element(part) if type(part) is Tensor else float(part)

    def push(self, i: int, t: Any, z: Any, args: Any, params: Any) -> Any:
        t = t if isinstance(t, Value) else float(t)
        part = from_values(*(t if j == i else 0.0 for j in range(len(args))), scalar=not z.shape)
        return part if isinstance(t, Value) else part.data

    def __call__(self, *values: Any) -> Any:
        return from_values(*values)

    def on_arrays(self, args: Any, params: Any) -> Any:
        return asarray(args if params["axis"] else args[0])


_element, _from_values = _Element("element"), _FromValues("from_values")


def element(tensor: Tensor) -> Value:
    """A 0-d Tensor as a Value; the gradient goes back to the Tensor."""
    if tensor.requires_grad and recording():
        return Value.recorded(tensor.item(), _element, (tensor.node,), NOTHING)
    return Value(tensor.item())


def from_values(*values: Any, scalar: bool = True) -> Any:
    """Values and numbers as a Tensor of shape (n,), one alone as a 0-d Tensor."""
    tensors = [v for v in values if type(v) is Tensor]
    if tensors:
        if not bridging():
            raise mixed(next(v for v in values if type(v) is Value), tensors[0])
        return composite.stack([as_operand(v) for v in values])
    data = [float(raw(v)) for v in values]
    params = {"axis": not scalar or len(data) != 1}
    array = _from_values.on_arrays(data, params)
    if not recording() or not any(isinstance(v, Value) for v in values):
        return Tensor(array)
    return Tensor._of(ArrayNode(array, _from_values, values, params), True)


def stack(arrays: Any, axis: int = 0) -> Any:
    """Arrays, Tensors, or nested lists of Values joined along a new axis; gradients go through."""
    items = list(arrays)
    if items and any(isinstance(x, Value) for x in items):
        return from_values(*items, scalar=False)
    if items and isinstance(items[0], list):
        items = [stack(x) for x in items]
    return composite.stack(items, axis)
