"""Numbers and arrays alike: how large they are, which are 0, which are finite, and where."""

from __future__ import annotations

import cmath
import math
from typing import Any

from ..storage import is_array, is_complex, is_floating, namespace, quiet, to_number
from .wording import number

FINITE = (int, float, complex)


def sizes(x: Any) -> Any:
    """|x|, element by element."""
    return namespace(x).abs(x) if is_array(x) else abs(x)


def norm(x: Any) -> float:
    """The length of x as a vector, without overflow."""
    if not is_array(x):
        return float(abs(x))
    if 0 in x.shape:
        return 0.0
    xp, size = namespace(x), sizes(x)
    top = float(xp.max(size))
    if top == 0 or not math.isfinite(top):
        return top
    return top * math.sqrt(float(xp.sum((size / top) ** 2)))


def greatest(x: Any) -> float:
    """The greatest |element|, of several arrays too; nan if there is one, 0 of None."""
    if x is None:
        return 0.0
    if isinstance(x, tuple):
        found = [greatest(part) for part in x]
        return math.nan if any(map(math.isnan, found)) else max(found, default=0.0)
    if not is_array(x):
        return float(abs(x))
    with quiet():
        return float(namespace(x).max(sizes(x))) if size_of(x) else 0.0


def count(mask: Any) -> int:
    """How many are true."""
    if not is_array(mask):
        return int(mask)
    xp = namespace(mask)
    return int(xp.sum(xp.astype(mask, xp.int32)))


def size_of(x: Any) -> int:
    """The number of elements."""
    return math.prod(x.shape) if is_array(x) else 1


def zeros_in(x: Any) -> int:
    """How many elements are exactly 0."""
    return count(x == 0)


def nonfinite(x: Any) -> Any:
    """Where x is inf or nan: a mask, or a bool for what is no array of floats."""
    if is_array(x) and is_floating(x):
        return ~namespace(x).isfinite(x)
    return isinstance(x, FINITE[1:]) and not cmath.isfinite(x)


def parts(x: Any) -> tuple[Any, ...]:
    """The outputs of an operation with several; of any other its one."""
    return x if isinstance(x, tuple) else (x,)


def bad(x: Any) -> bool:
    """Whether inf or nan is in a number, an array or several of them."""
    return any(some(nonfinite(part)) for part in parts(x))


def shape(x: Any) -> tuple[int, ...]:
    """The shape of an array, () of a number."""
    return tuple(x.shape) if is_array(x) else ()


def some(mask: Any) -> bool:
    """Whether any is true."""
    return bool(namespace(mask).any(mask)) if is_array(mask) else mask


def replaced(x: Any, mask: Any, by: float) -> Any:
    """x with a number in place of the elements that the mask picks."""
    if not is_array(x):
        return by if mask else x
    xp = namespace(x)
    return xp.where(mask, xp.full_like(x, by), x)


def first(mask: Any) -> tuple[int, ...]:
    """The index of the first that is true, () for a number."""
    if not is_array(mask):
        return ()
    xp = namespace(mask)
    k = int(xp.argmax(xp.astype(xp.reshape(mask, (-1,)), xp.int32)))
    return place(k, tuple(mask.shape))


def place(k: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The index of element k, counted through, the last axis fastest."""
    index = []
    for n in reversed(shape):
        k, i = divmod(k, n)
        index.append(i)
    return tuple(reversed(index))


def at(x: Any, index: tuple[int, ...]) -> Any:
    """The number that x, broadcast to where the index belongs, has there."""
    if not is_array(x):
        return x
    shape = x.shape
    own = tuple(0 if n == 1 else j for n, j in zip(shape, index[len(index) - len(shape):]))
    return to_number(x[own])


def few(x: Any) -> str:
    """A number, or the shape of an array with its least and greatest element and its norm."""
    if isinstance(x, tuple):
        return f"{len(x)} arrays"
    if not is_array(x):
        return number(x)
    if size_of(x) == 1:
        return number(at(x, (0,) * len(x.shape)))
    shape = tuple(x.shape)
    if 0 in shape:
        return f"{shape}, empty"
    if zeros_in(x) == size_of(x):
        return f"{shape}, all 0"
    xp, of = namespace(x), "|x| " if is_complex(x) else ""
    x = sizes(x) if of else x
    low, high = (number(float(f(x)), 3) for f in (xp.min, xp.max))
    return f"{shape}, {of}{low} to {high}, norm {number(norm(x), 3)}"
