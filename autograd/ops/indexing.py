"""Indexing reads elements; its transpose adds to the places that were read."""

from typing import Any

from ..kinds import linear
from ..primitive import raw
from ..storage import indexing, namespace
from ..storage.scatter import scatter_add, scatter_along, scatter_take, take_along
from .elementwise import multiply

getitem = linear("getitem", lambda g, x, *, index: scatter(g, index=index, shape=x.shape),
                 forward=indexing.getitem)
getitem.view = True
scatter = linear("scatter", lambda g, *, index, shape: getitem(g, index=index), forward=scatter_add)

take = linear("take", lambda g, x, y, *, axis: put(g, y, axis=axis, size=x.shape[axis]), None,
              forward=lambda xp, x, indices, axis: xp.take(x, indices, axis=axis))
put = linear("put", lambda g, y, *, axis, size: take(g, y, axis=axis), None,
             forward=scatter_take)

take_along_axis = linear(
    "take_along_axis",
    lambda g, x, y, *, axis=-1: put_along_axis(g, y, axis=axis, size=x.shape[axis]), None,
    forward=take_along)
put_along_axis = linear(
    "put_along_axis", lambda g, y, *, axis, size: take_along_axis(g, y, axis=axis), None,
    forward=scatter_along)


def _overwritten(g: Any, y: Any, index: Any) -> Any:
    """The cotangent of the values written: of each place, for the last that wrote to it."""
    mask = indexing.last_writes(namespace(raw(g)), raw(g), index)
    part = getitem(g, index=index)
    return part if mask is None else multiply(part, mask)


setitem = linear("setitem",                         # x with x[index] = y, as a new array
                 lambda g, *, index: setitem(g, 0.0, index=index),
                 lambda g, y, *, index: _overwritten(g, y, index), forward=indexing.setitem)
