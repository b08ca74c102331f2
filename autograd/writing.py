"""Writing to a Tensor: recorded writes move the handle to a new node, others change the array.

A view shares its base's memory. An unrecorded write goes through, and both see it; a recorded one
cannot, so it raises while the other is alive: a view holds its base, a base knows its views weakly.
"""

import weakref
from typing import Any, Self

from .composite import astype
from .errors import DtypeError, GraphError, ShapeError, describe, mixed
from .handle import Handle
from .modes import bridging, recording
from .node import Node, Operand
from .ops import indexing
from .primitive import raw
from .storage import (
    can_hold,
    constant,
    is_array,
    is_floating,
    is_numpy,
    is_view,
    shares_memory,
    writable,
)


class Writing(Handle):
    """Reading and writing elements, and the in-place operators."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Self:
        return indexing.getitem(self, index=plain_index(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        index = plain_index(index)
        if isinstance(value, Node) and isinstance(value, Operand) and recording():
            if not bridging():
                raise mixed(value, self)
            value = value._with_axes()
        taped = recording() and (self.requires_grad or getattr(value, "requires_grad", False))
        if not taped:
            self._write_through(index, value)
            return
        self._check_writable()
        if is_array(raw(value)) and not can_hold(self.data, raw(value)):
            raise DtypeError(f"a recorded write of {describe(value)} into dtype {self.dtype}",
                             "convert one of them with astype() first")
        result = indexing.setitem(self, value, index=index)
        if result.dtype != self.dtype:
            result = astype(result, self.dtype)
        self._rebind(result)

    def _write_through(self, index: Any, value: Any) -> None:
        new = raw(value) if isinstance(value, Operand) else constant(value)
        if writable(self.data):
            try:
                self.data[index] = new
            except (ValueError, IndexError) as error:
                raise ShapeError(f"x[{index}] = {describe(new)} on shape {self.shape}: {error}",
                                 "the value must broadcast to what the index selects") from error
        elif is_numpy(self.data):
            raise GraphError("this array is read-only", "write to a copy: Tensor(x.data.copy())")
        else:
            self._check_writable(views_only=True)
            self.node.data = self.data.at[index].set(new)

    def _check_writable(self, views_only: bool = False) -> None:
        if not views_only and self.is_leaf and self.requires_grad:
            raise GraphError("a leaf that requires a gradient cannot be written to while recording",
                             "do it inside `with autograd.no_grad():`, or on a copy: x = x + 0")
        live = [view() for view in self._views or ()]
        shared = next((kind for kind, other in (*(("a view of it", view) for view in live),
                                                ("its base", self._base))
                       if other is not None and shares_memory(other.data, self.data)), None)
        if shared:
            raise GraphError("a recorded write to a Tensor that shares its memory with "
                             f"{shared}: the other would not see it",
                             "write to a copy (x = x + 0), or let go of the view first; "
                             "for x[i] += y write x[i] = x[i] + y")

    def _rebind(self, result: Any) -> None:
        self.node = result.node
        self.tracked = result.tracked
        self._base = self._views = None

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
            self._check_writable()
            self._rebind(result if result.dtype == self.dtype
                         else astype(result, self.dtype))
        elif writable(self.data):
            self.data[...] = astype(result, self.dtype).data
        else:
            self.node.data = astype(result, self.dtype).data
        return self


def link(view: Any, base: Any) -> None:
    """Remember who may share memory: a view holds its base, the base knows its views weakly."""
    if is_view(view.data) or view.data is base.data:
        root = base if base._base is None else base._base
        view._base = root
        root._views = views = root._views or []
        if len(views) % 64 == 63:                       # now and then, forget those that are gone
            views[:] = [ref for ref in views if ref() is not None]
        views.append(weakref.ref(view))


def plain_index(index: Any) -> Any:
    """An index with the arrays of Tensors in place of the Tensors."""
    if isinstance(index, tuple):
        return tuple(plain_index(i) for i in index)
    if isinstance(index, Operand):
        if not is_array(raw(index)) or is_floating(raw(index)):
            raise DtypeError(f"an index that is {describe(index)}",
                             "use integers, booleans, slices, or arrays of them")
        return raw(index)
    return index


def _updater(name: str) -> Any:
    def method(self: Any, other: Any) -> Any:
        return self._in_place(getattr(self, name)(other))

    method.__name__ = method.__qualname__ = f"__i{name[2:]}"
    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Writing, f"__i{_name}__", _updater(f"__{_name}__"))
