"""Reading and writing by index as NumPy does it, over any library.

The standard has integers, slices, one mask alone and one integer array for each axis. What a
library does not take is done on positions: they say where each element of the result lies. An
integer beyond the end is an IndexError; in an array it is one too, but JAX takes the last element
there, CuPy counts on from the first, and neither can be asked without waiting for the device.
"""

import math
from typing import Any

import numpy

from ..errors import StorageError
from .libraries import library_of
from .memory import immutable

_INTEGERS = (int, numpy.integer)
_BASIC = (int, numpy.integer, slice, type(None), type(Ellipsis))
_PLAIN = {int, slice, type(None), type(Ellipsis)}


def getitem(xp: Any, x: Any, index: Any) -> Any:
    """x[index]; it shares memory where NumPy's does, but for negative steps over PyTorch."""
    if isinstance(x, numpy.ndarray):
        return x[index]
    parts = _entries(xp, x, index)
    if not _takes(xp, x, parts):
        places = _positions(xp, x, parts)
        picked = xp.take(xp.reshape(x, (-1,)), xp.reshape(places, (-1,)), axis=0)
        return xp.reshape(picked, tuple(places.shape))
    result = x[tuple(parts)]
    return result if immutable(x) or is_view(index, result) else xp.asarray(result, copy=True)


def setitem(xp: Any, x: Any, value: Any, index: Any) -> Any:
    """x with x[index] = value, as a new array; of places written twice the last value counts."""
    if not immutable(x):
        result = xp.asarray(x, copy=True)
        write(xp, result, value, index)
        return result
    parts = _entries(xp, x, index)
    if not hasattr(x, "at"):
        return _placed(xp, x, value, parts)
    return x.at[tuple(parts)].set(_winning(xp, x, value, parts))


def write(xp: Any, x: Any, value: Any, index: Any) -> None:
    """x[index] = value in x itself; of places written twice the last value counts."""
    if isinstance(x, numpy.ndarray):
        x[index] = value
        return
    parts = _entries(xp, x, index)
    if _takes(xp, x, parts, write=True):
        x[tuple(parts)] = _winning(xp, x, value, parts)
    else:
        x[...] = _placed(xp, x, value, parts)


def positions(xp: Any, x: Any, index: Any) -> Any:
    """Where each element of x[index] lies in x flattened, in the shape of x[index]."""
    if isinstance(x, numpy.ndarray):
        return numpy.arange(x.size).reshape(x.shape)[index]
    return _positions(xp, x, _entries(xp, x, index))


def last_writes(xp: Any, x: Any, index: Any) -> Any:
    """1 for each value that `x[index] = values` leaves there, 0 for each overwritten one.

    None where no position can repeat.
    """
    if not may_repeat(xp, x, index):
        return None
    places = positions(xp, x, index)
    flat = xp.reshape(places, (-1,))
    stays = _last(xp, flat, flat) == _range(xp, x, flat.shape[0])
    return xp.astype(xp.reshape(stays, tuple(places.shape)), x.dtype)


def may_repeat(xp: Any, x: Any, index: Any) -> bool:
    """Whether the same element can be meant twice: integers in arrays are not looked at."""
    if is_basic(index):
        return False
    if isinstance(x, numpy.ndarray):
        parts = index if isinstance(index, tuple) else (index,)
        return any(numpy.asarray(part).dtype.kind in "iu"
                   for part in parts if not isinstance(part, _BASIC))
    return any(_is_array(xp, part) for part in _entries(xp, x, index))


def is_basic(index: Any) -> bool:
    """Whether an index has integers, slices, newaxis and an ellipsis only, as views have."""
    if type(index) is tuple:
        return all(is_basic(part) for part in index)
    return type(index) in _PLAIN or (isinstance(index, _BASIC) and type(index) is not bool)


def is_view(index: Any, result: Any) -> bool:
    """Whether NumPy's x[index], with this result, shares the memory of x: not a single number."""
    number = not result.shape and index is not Ellipsis and not (
        type(index) is tuple and any(part is Ellipsis for part in index))
    return not number and is_basic(index)


# -- what an index means -----------------------------------------------------------------------

def _entries(xp: Any, x: Any, index: Any) -> list[Any]:
    """The index with entries for all axes: no ellipsis, slices within bounds, lists as arrays.

    Raises IndexError where it does not fit x; integers in arrays are not looked at.
    """
    parts = [_entry(xp, x, part) for part in (index if isinstance(index, tuple) else (index,))]
    rest = len(x.shape) - sum(_axes(xp, part) for part in parts)
    dots = [i for i, part in enumerate(parts) if part is Ellipsis]
    if rest < 0 or len(dots) > 1:
        raise IndexError(f"too many indices for {len(x.shape)} axes" if rest < 0 else
                         "an index can only have a single ellipsis ('...')")
    at = dots[0] if dots else len(parts)
    parts[at:at + 1] = [slice(None)] * rest
    axis = 0
    for i, part in enumerate(parts):
        over = tuple(x.shape[axis:axis + _axes(xp, part)])
        n = over[0] if over else 0
        if _is_array(xp, part, "bool") and tuple(part.shape) != over:
            raise IndexError(f"a mask of shape {tuple(part.shape)} over axes of lengths {over}")
        if isinstance(part, int) and not -n <= part < n:
            raise IndexError(f"index {part} is out of bounds for axis {axis} with size {n}")
        if isinstance(part, slice):
            places = range(n)[part]
            parts[i] = slice(places.start, places.stop if places.stop >= 0 else None,
                             places.step) if places else slice(0, 0)
        axis += len(over)
    return parts


def _entry(xp: Any, x: Any, part: Any) -> Any:
    """One entry; integers in arrays become int64, lists and single booleans arrays beside x."""
    if isinstance(part, _BASIC) and not isinstance(part, bool):
        return int(part) if isinstance(part, _INTEGERS) else part
    names = [getattr(library_of(array), "name", "") for array in (part, x)]
    if names[0] not in ("", "numpy", names[1]):
        raise StorageError(f"an index over {names[0]} of an array over {names[1]}",
                           f"move one of them first: Tensor(i).to(storage={names[1]!r})")
    if isinstance(part, (list, bool, numpy.bool, numpy.ndarray)):
        part = numpy.asarray(part)
        if part.dtype.kind in "biu" or not part.size:
            return xp.asarray(part if part.dtype == bool else part.astype(numpy.int64), **_at(x))
    elif hasattr(part, "dtype") and xp.isdtype(part.dtype, ("bool", "integral")):
        there, here = _at(part), _at(x)
        if there and here and there != here:            # what is traced is nowhere
            raise StorageError(f"an index on {there['device']} of an array on {here['device']}",
                               "move one of them first, with to(device)")
        return part if xp.isdtype(part.dtype, "bool") else xp.astype(part, _integer(x), copy=False)
    raise IndexError(f"an index that is {part!r}: there are only integers, slices, ..., None, "
                     "and arrays of integers or booleans")


def _is_array(xp: Any, part: Any, kind: str = "integral") -> bool:
    return hasattr(part, "dtype") and xp.isdtype(part.dtype, kind)


def _axes(xp: Any, part: Any) -> int:
    """How many axes of the array an entry stands for."""
    if _is_array(xp, part, "bool"):
        return len(part.shape)
    return int(part is not None and part is not Ellipsis)


def _takes(xp: Any, x: Any, parts: list[Any], write: bool = False) -> bool:
    """Whether the library of x takes such an index, and as NumPy does."""
    library: Any = library_of(x)
    arrays = [part for part in parts if hasattr(part, "dtype")]
    if library.takes_any_index:
        return True
    if library.name == "torch":                 # beside arrays an integer moves the other axes
        return not any(part.step is not None and part.step < 0 if isinstance(part, slice)
                       else arrays and isinstance(part, int) for part in parts)
    if arrays:                                  # one mask alone, and only to read
        return len(parts) == 1 and not write and _is_array(xp, parts[0], "bool") and x.shape != ()
    return not write or None not in parts


def _positions(xp: Any, x: Any, parts: list[Any]) -> Any:
    """Where each element that the entries mean lies in x flattened."""
    places = xp.reshape(_range(xp, x, math.prod(x.shape)), tuple(x.shape))
    if _takes(xp, x, parts):
        return places[tuple(parts)]
    arrays = any(hasattr(part, "dtype") for part in parts)
    plain: list[Any] = []                       # what is done first: integers, slices, newaxis
    later: list[tuple[int, int, Any]] = []      # then arrays: (number of the entry, axis, where)
    axis = 0
    for k, part in enumerate(parts):
        if hasattr(part, "dtype") or (arrays and isinstance(part, int)):
            found = _integers(xp, x, part)
            later += [(k, axis + i, where) for i, where in enumerate(found)]
            plain += [slice(None) if _axes(xp, part) else None] * len(found)
        elif isinstance(part, slice) and (part.step or 1) < 0:
            along = len([i for i in plain if i is not None])
            steps = range(x.shape[along])[part]
            order = xp.arange(steps.start, steps.stop, steps.step, dtype=_integer(x), **_at(x))
            places = xp.take(places, order, axis=along)
            plain.append(slice(None))
        else:
            plain.append(part)
        axis = len([i for i in plain if not isinstance(i, int)])
    places = places[tuple(plain)]
    return _together(xp, places, later) if later else places


def _integers(xp: Any, x: Any, part: Any) -> list[Any]:
    """An integer, or an array as index, as arrays of integers, one for each axis it stands for."""
    if isinstance(part, int):
        return [xp.full((), part, dtype=_integer(x), **_at(x))]
    if _is_array(xp, part):
        return [part]
    if part.shape:
        return [xp.astype(where, _integer(x)) for where in xp.nonzero(part)]
    return [xp.zeros((int(bool(part)),), dtype=_integer(x), **_at(x))]


def _together(xp: Any, places: Any, later: list[tuple[int, int, Any]]) -> Any:
    """The places that arrays of integers pick, one array along each of their axes."""
    numbers, axes, wheres = zip(*later)
    shape = numpy.broadcast_shapes(*(tuple(where.shape) for where in wheres))
    rest = [axis for axis in range(len(places.shape)) if axis not in axes]
    flat = 0
    for axis, where in zip(axes, wheres):
        n = places.shape[axis]
        if math.prod(shape) and bool(xp.any((where < -n) | (where >= n))):
            raise IndexError(f"an index is out of bounds for an axis of size {n}")
        flat = flat * n + xp.where(where < 0, where + n, where)
    front = xp.reshape(xp.permute_dims(places, (*axes, *rest)),
                       (math.prod(places.shape[axis] for axis in axes),
                        *(places.shape[axis] for axis in rest)))
    flat = xp.reshape(xp.broadcast_to(flat, shape), (-1,))
    picked = xp.reshape(xp.take(front, flat, axis=0), (*shape, *front.shape[1:]))
    adjacent = max(numbers) - min(numbers) < len(set(numbers))
    before = len([axis for axis in rest if axis < axes[0]]) if adjacent else 0
    order = range(len(shape), len(shape) + len(rest))
    return xp.permute_dims(picked, (*order[:before], *range(len(shape)), *order[before:]))


# -- what is written ---------------------------------------------------------------------------

def _winning(xp: Any, x: Any, value: Any, parts: list[Any]) -> Any:
    """The values as they are to be written: for each place the one that comes last."""
    if not hasattr(value, "shape"):                     # the standard keeps True out of numbers
        return int(value) if type(value) is bool and not xp.isdtype(x.dtype, "bool") else value
    while value.shape and value.shape[0] == 1:          # NumPy lets values have more axes
        value = value[0, ...]
    value = xp.astype(value, x.dtype, copy=False)
    if not value.shape or not any(_is_array(xp, part) for part in parts):
        return value
    places = _positions(xp, x, parts)
    wide = xp.reshape(xp.broadcast_to(value, tuple(places.shape)), (-1,))
    flat = xp.reshape(places, (-1,))
    if flat.shape[0]:
        wide = xp.take(wide, _last(xp, flat, flat), axis=0)
    return xp.reshape(wide, tuple(places.shape))


def _placed(xp: Any, x: Any, value: Any, parts: list[Any]) -> Any:
    """x with the values in their places, by standard functions alone."""
    places = _positions(xp, x, parts)
    if not hasattr(value, "shape"):
        value = xp.full((), value, dtype=x.dtype, **_at(x))
    value = _winning(xp, x, value, [])
    values = xp.reshape(xp.broadcast_to(value, tuple(places.shape)), (-1,))
    if not values.shape[0]:
        return xp.asarray(x, copy=True)
    writer = _last(xp, xp.reshape(places, (-1,)), _range(xp, x, math.prod(x.shape)))
    values = xp.take(values, xp.where(writer < 0, 0, writer), axis=0)
    return xp.reshape(xp.where(writer < 0, xp.reshape(x, (-1,)), values), tuple(x.shape))


def _last(xp: Any, places: Any, wanted: Any) -> Any:
    """Which of the writes at `places`, (k,), came last at each place `wanted`; -1 where none."""
    order = xp.argsort(places, stable=True)
    ordered = xp.take(places, order, axis=0)
    found = xp.searchsorted(ordered, wanted, side="right") - 1
    at = xp.where(found < 0, 0, found)
    hit = (found >= 0) & (xp.take(ordered, at, axis=0) == wanted)
    return xp.where(hit, xp.take(order, at, axis=0), -1)


def _at(x: Any) -> dict[str, Any]:
    """Where x is, as creation functions take it."""
    library: Any = library_of(x)
    place = library.device_of(x)
    return {} if place is None else {"device": place}


def _range(xp: Any, x: Any, n: int) -> Any:
    return xp.arange(n, dtype=_integer(x), **_at(x))


def _integer(x: Any) -> Any:
    library: Any = library_of(x)
    return library.dtype(int)
