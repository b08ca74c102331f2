"""Operands are what stands in an operation: Values, Tensors, arrays, and literals beside them.

A literal is a Python number or a list of them. It has no storage of its own, and goes where the
arrays are that it stands beside.
"""

from collections.abc import Iterable
from typing import Any

from .errors import DtypeError
from .node import Operand
from .storage import asarray, is_array, is_numpy, literal

NUMBERS = (float, int, bool, complex)
_LITERALS = {*NUMBERS, list, tuple}


def raw(x: Any) -> Any:
    """The plain number or array behind an operand."""
    return x.data if isinstance(x, Operand) else x


def as_operand(x: Any) -> Any:
    """x as something with a shape: Tensors and arrays as they are, numbers and lists as arrays."""
    if isinstance(x, Operand):
        return x._with_axes()
    return x if is_array(x) else from_sequence(x) if isinstance(x, (list, tuple)) else asarray(x)


def as_operands(*xs: Any) -> list[Any]:
    """Several, each as `as_operand` makes it, but literals in the storage of the others."""
    near = None if _LITERALS.isdisjoint(map(type, xs)) else elsewhere(xs)
    if near is None:
        return list(map(as_operand, xs))
    return [literal(near, x) if type(x) in _LITERALS else as_operand(x) for x in xs]


def elsewhere(xs: Iterable[Any]) -> Any:
    """The first array among operands that another library than NumPy holds, or None."""
    return next((x for x in map(raw, xs) if is_array(x) and not is_numpy(x)), None)


def from_sequence(x: Any) -> Any:
    """A list or tuple of numbers as NumPy's array; anything else as it is. Raises DtypeError."""
    if not isinstance(x, (list, tuple)):
        return x
    array = asarray(x)
    if array.dtype == object:
        raise DtypeError(f"a list of {type(x[0]).__name__} is not an array of numbers",
                         "make one array of them first: np.asarray(x), or stack(x)")
    return array
