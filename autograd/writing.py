"""Writing to a Tensor: recorded writes move the handle to a new node, others change the array.

Either way whoever looks at the same memory sees it, as in NumPy (see `views`); and what has been
recorded before keeps the numbers it was recorded with (see `keeping`).
"""

import operator
from typing import Any, Self

from .composite.base import cast
from .composite.shapes import stack
from .errors import (
    AutogradError,
    DtypeError,
    GraphError,
    ShapeError,
    describe,
    mixed,
    operands_do_not_fit,
)
from .handle import Handle
from .inputs import beside, numbers_array, settle
from .keeping import keep
from .modes import bridging, no_grad, recording
from .node import Node, Operand
from .ops import indexing
from .primitive import NUMBERS, raw
from .storage import (
    asarray,
    can_hold,
    copy,
    immutable,
    indexing as by_index,
    is_array,
    is_floating,
    is_numpy,
    namespace,
    shares_memory,
    writable,
)
from .views import check_recorded, check_unrecorded, is_part, rewrite, shared_by_memory


class Writing(Handle):
    """Reading and writing elements, and the in-place operators."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Self:
        return indexing.getitem(self, index=plain_index(index, self.tracked))

    def __setitem__(self, index: Any, value: Any) -> None:
        taped = recording()
        index = plain_index(index, taped)
        plain, moves = value, self.tracked
        if type(value) not in NUMBERS:
            if isinstance(value, Handle) and is_part(value, self, index):
                return                                  # what x[i] += v ends with
            value = self._beside(value)
            plain, moves = raw(value), moves or getattr(value, "tracked", False)
        if not can_hold(self.data, plain):
            raise DtypeError(f"a write of {describe(value)} into dtype {self.dtype}",
                             "convert one of them with astype() first")
        if taped and moves:
            check_recorded(self)
            rewrite(self, cast(indexing.setitem(self, value, index=index), self.dtype), True)
        else:
            self._write(index, plain)

    def __delitem__(self, index: Any) -> None:
        raise GraphError("elements of a Tensor cannot be deleted",
                         "join what stays: concat([x[:i], x[i + 1:]])")

    def _write(self, index: Any, new: Any) -> None:
        """An unrecorded write, for all that looks at the memory."""
        check_unrecorded(self)
        if writable(self.data) and shared_by_memory(self):
            keep(self.data)
            if is_array(new) and not is_numpy(new) and shares_memory(new, self.data) is not False:
                new = copy(new)                         # only NumPy sees to overlaps
            try:
                by_index.write(namespace(self.data), self.data, new, index)
            except (AutogradError, Warning):
                raise
            except Exception as error:
                raise operands_do_not_fit("setitem", (self.data, new), {"index": index},
                                          error) from error
        elif writable(self.data) or immutable(self.data):
            with no_grad():
                rewrite(self, indexing.setitem(self, new, index=index), False)
        else:
            raise GraphError("this array is read-only", "write to a copy: x = x + 0")

    def _beside(self, value: Any) -> Any:
        """What is to be written, in this one's storage: a Tensor, an array or a number."""
        if isinstance(value, (list, tuple)):
            if any(isinstance(x, Operand) for x in value):
                return stack(value)
            return namespace(self.data).asarray(numbers_array(value), device=self.device)
        if isinstance(value, Node) and isinstance(value, Operand):
            if recording() and not bridging():
                raise mixed(value, self)
            return value._with_axes() if recording() else value.data
        if not isinstance(value, Operand):
            value = beside(numbers_array(value), (self,))
        operands = [self, value if getattr(value, "tracked", False) else raw(value)]
        settle(indexing.setitem, (self, value), list(map(raw, operands)), operands)
        return operands[1]

    def _in_place(self, result: Any) -> Any:
        """`x op= y`: a recorded result moves the handle, an unrecorded one writes the array."""
        if result is NotImplemented:
            return result
        if not can_hold(self.data, result.data):
            raise DtypeError(f"in place, {self.dtype} cannot hold {result.dtype}",
                             "write x = x + y, or convert with astype() first")
        if tuple(result.shape) != self.shape:
            raise ShapeError(f"in place, shape {self.shape} cannot become {result.shape}",
                             "write x = x + y instead")
        if result.requires_grad or (self.requires_grad and recording()):
            check_recorded(self)
            rewrite(self, cast(result, self.dtype), True)
        else:
            self._write(..., result.data)
        return self


_BOUNDS = {int, type(None)}


def plain_index(index: Any, recorded: bool = False) -> Any:
    """An index of integers, slices, None, ... and arrays; copied where it will be recorded."""
    kind = type(index)
    if kind is int or index is None or index is Ellipsis or kind is bool:
        return index
    if kind is slice:
        parts = start, stop, step = index.start, index.stop, index.step
        if type(start) in _BOUNDS and type(stop) in _BOUNDS and type(step) in _BOUNDS:
            return index
        return slice(*(None if i is None else operator.index(i) for i in parts))
    if isinstance(index, tuple):
        return tuple([plain_index(i, recorded) for i in index])
    given, index = index, raw(index)
    if isinstance(index, list):
        index = asarray(index) if index else asarray([], "int64")
    if not is_array(index) or is_floating(index) or index.dtype == object:
        raise DtypeError(f"an index that is {describe(given)}",
                         "use integers, booleans, slices, or arrays of them")
    return copy(index) if recorded else index


def _updater(name: str) -> Any:
    def method(self: Any, other: Any) -> Any:
        return self._in_place(getattr(self, name)(other))

    method.__name__ = method.__qualname__ = f"__i{name[2:]}"
    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or",
              "xor", "lshift", "rshift"):
    setattr(Writing, f"__i{_name}__", _updater(f"__{_name}__"))
