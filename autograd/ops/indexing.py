"""Indexing reads elements; its transpose adds to the places that were read."""

from typing import Any

from ..kinds import linear
from ..primitive import raw
from ..storage import namespace, scatter_add, writable
from ..storage.scatter import last_writes, scatter_along, scatter_take
from .elementwise import multiply

getitem = linear("getitem", lambda g, x, *, index: scatter(g, index=index, shape=x.shape),
                 forward=lambda xp, x, index: x[index])
getitem.view = True
scatter = linear("scatter", lambda g, *, index, shape: g[index],
                 forward=lambda xp, x, index, shape: scatter_add(xp, x, index, shape))

take = linear("take", lambda g, x, y, *, axis: put(g, y, axis=axis, size=x.shape[axis]), None,
              forward=lambda xp, x, indices, axis: xp.take(x, indices, axis=axis))
put = linear("put", lambda g, y, *, axis, size: take(g, y, axis=axis), None,
             forward=lambda xp, x, indices, axis, size: scatter_take(xp, x, indices, axis, size))

take_along_axis = linear(
    "take_along_axis",
    lambda g, x, y, *, axis=-1: put_along_axis(g, y, axis=axis, size=x.shape[axis]), None,
    forward=lambda xp, x, indices, axis: xp.take_along_axis(x, indices, axis=axis))
put_along_axis = linear(
    "put_along_axis", lambda g, y, *, axis, size: take_along_axis(g, y, axis=axis), None,
    forward=lambda xp, x, indices, axis, size: scatter_along(xp, x, indices, axis, size))


def _setitem(xp: Any, x: Any, v: Any, index: Any) -> Any:
    result = xp.asarray(x, copy=True)
    if not writable(result):                            # immutable, as JAX's
        return x.at[index].set(v)
    result[index] = v
    return result


def _overwritten(g: Any, y: Any, index: Any) -> Any:
    """The cotangent of the values written: of each place, for the last that wrote to it."""
    mask = last_writes(namespace(raw(g)), raw(g), index)
    part = g[index]
    return part if mask is None else multiply(part, mask)


setitem = linear("setitem",                         # x with x[index] = y, as a new array
                 lambda g, *, index: setitem(g, 0.0, index=index),
                 lambda g, y, *, index: _overwritten(g, y, index), forward=_setitem)
