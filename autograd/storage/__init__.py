"""Storage is the array library that holds the numbers, reached through the array API standard.

Nothing else in the engine knows a library by name: it asks for the namespace of the array in hand,
once per array type, and for the few things the standard lacks (writing at repeated indices).
`libraries` says what is special about each, `devices` where arrays are kept.
"""

from types import SimpleNamespace
from typing import Any

import numpy
from numpy import ndarray as ndarray

from ..errors import DtypeError, describe
from . import devices, indexing as indexing, numpy_storage, scalars
from .devices import (
    Device as Device,
    device_of as device_of,
    find_device as find_device,
    transfer as transfer,
)
from .libraries import library_of as library_of, library_of_dtype as library_of_dtype
from .library import dtype_name as dtype_name
from .memory import (
    apart as apart,
    copy as copy,
    filled as filled,
    immutable as immutable,
    memory as memory,
    overlap as overlap,
    owns_memory as owns_memory,
    shadow as shadow,
    shares_memory as shares_memory,
    writable as writable,
)

__all__ = ["arange", "as_numpy", "asarray", "can_hold", "constant", "devices", "eye", "full",
           "is_array", "is_complex", "is_floating", "is_numpy", "literal", "may_hold_nan",
           "namespace", "placed", "quiet", "repr_array", "scalars", "to_number", "to_numpy"]

_namespaces: dict[type, Any] = {numpy.ndarray: numpy_storage, numpy.generic: numpy_storage}
_numbers = (bool, int, float, complex)
_plain = {*_numbers, list, tuple, str, dict, type(None)}


def namespace(x: Any) -> Any:
    """The array API namespace of an array, resolved once per array type."""
    kind = type(x)
    try:
        return _namespaces[kind]
    except KeyError:
        pass
    library = library_of(x)
    if library is None:
        raise TypeError(f"{kind.__name__} is no array")
    found = _namespaces[kind] = library.xp
    return found


def is_array(x: Any) -> bool:
    """Whether x is an array of some library (a NumPy scalar counts, a Python number does not)."""
    kind = type(x)
    if kind in _namespaces:
        return True
    return kind not in _plain and library_of(x) is not None


def is_numpy(x: Any) -> bool:
    """Whether NumPy holds x."""
    return namespace(x) is numpy_storage


def asarray(x: Any, dtype: Any = None) -> Any:
    """x as an array: arrays as they are, NumPy scalars as 0-d arrays, the rest through NumPy."""
    if isinstance(x, numpy.generic) or not is_array(x):
        return numpy.asarray(x, dtype=dtype)
    if is_odd(type(x)):
        x = _base(x)
    return x if dtype is None or x.dtype == dtype else namespace(x).astype(x, dtype)


def is_odd(kind: type) -> bool:
    """Whether this is a subclass of NumPy's arrays, whose operators may mean something else."""
    return kind is not numpy.ndarray and issubclass(kind, numpy.ndarray)


def _base(x: Any) -> Any:
    """The array that a subclass of NumPy's holds: np.matrix multiplies otherwise."""
    if isinstance(x, numpy.ma.MaskedArray):
        raise DtypeError("a masked array: a derivative knows no masks",
                         "fill it first, x.filled(0.0), or use where(mask, 0.0, x)")
    return numpy.asarray(x)


def constant(x: Any) -> Any:
    """An operand that is not recorded: Python numbers stay Python numbers, the rest are arrays."""
    kind = type(x)
    if kind in _numbers or kind is numpy.ndarray or x is None:
        return x
    return asarray(x)


_kinds: dict[Any, SimpleNamespace] = {}


def _kind(x: Any) -> SimpleNamespace:
    try:
        return _kinds[type(x), x.dtype]         # dtypes of two libraries are not compared
    except KeyError:
        xp, dtype = namespace(x), x.dtype
        if is_numpy(x) and dtype.kind not in "biufc":
            kind = SimpleNamespace(floating=False, complex=False, rank=0)
        else:
            sorts = [xp.isdtype(dtype, sort) for sort in ("bool", "integral", "real floating",
                                                          "complex floating")]
            kind = SimpleNamespace(floating=any(sorts[2:]), complex=sorts[3],
                                   rank=sorts.index(True))
        return _kinds.setdefault((type(x), dtype), kind)


def is_floating(x: Any) -> bool:
    """Whether the array x holds real or complex floating-point numbers."""
    return _kind(x).floating


def is_integer(x: Any) -> bool:
    """Whether x is an array of integers."""
    return is_array(x) and _kind(x).rank == 1


def is_complex(x: Any) -> bool:
    """Whether the array x holds complex numbers."""
    return x.dtype.kind == "c" if type(x) is ndarray else _kind(x).complex


def may_hold_nan(x: Any) -> bool:
    """False where a nan is ruled out at less than the cost of looking at each element."""
    if isinstance(x, numpy.generic):
        return bool(x != x)
    if isinstance(x, numpy.ndarray):
        x = x.ravel("K")
        total = x.dot(x)                        # squares: infinities do not cancel
        return bool(total != total)
    return True                                 # elsewhere asking would wait for the device


def zero_or_nan(x: Any) -> Any:
    """0 where x is a number and nan where it is nan; the number 0.0 where none of x is."""
    return namespace(x).where(x == x, 0.0, x) if may_hold_nan(x) else 0.0


def device(x: Any) -> Any:
    """Where the storage keeps x, the library's own object."""
    return device_of(x).place


def traced(x: Any) -> bool:
    """Whether x has no numbers yet, because what makes them is being traced."""
    return device(x) is None


def itemsize(x: Any) -> int:
    """The bytes of one element of x."""
    size = getattr(x.dtype, "itemsize", None)           # array-api-strict's dtypes do not say
    return int(size or numpy.dtype(dtype_name(x.dtype)).itemsize)


def can_hold(x: Any, y: Any) -> bool:
    """Whether x can take the numbers of y in place: not floats in integers, nor complex in real."""
    rank = _numbers.index(type(y)) if type(y) in _numbers else _kind(y).rank
    return bool(_kind(x).rank >= rank)


def full(like: Any, shape: Any, value: Any) -> Any:
    """An array filled with one number, in the dtype, storage and device of `like`."""
    return namespace(like).full(tuple(shape), value, dtype=like.dtype, **_device(like))


def number(like: Any, x: Any) -> Any:
    """A Python number as an array in the storage and device of `like`: no copy from the host."""
    return namespace(like).full((), x, **_device(like))


def placed(like: Any, x: Any) -> Any:
    """A NumPy array in the storage and device of `like`."""
    return namespace(like).asarray(x, **_device(like))


def literal(like: Any, x: Any) -> Any:
    """Python's numbers, or NumPy's array of them, in the storage and device of `like`.

    Where `like` is floating they are of its dtype if that holds them; otherwise of the storage's
    default dtype for their kind.
    """
    array = numpy.asarray(x)
    if array.dtype.kind not in "biufc":
        raise DtypeError(f"not an array of numbers: {describe(x)}",
                         "for Values use stack([values]); for Tensors stack([tensors])")
    library: Any = library_of(like)
    sort = {"b": bool, "f": float, "c": complex}.get(array.dtype.kind, int)
    fits = sort is not bool and is_floating(like) and can_hold(like, array)
    return library.xp.asarray(array, dtype=like.dtype if fits else library.dtype(sort),
                              **_device(like))


def arange(like: Any, stop: int) -> Any:
    """0, 1 ... stop - 1 in the storage and device of `like`."""
    return namespace(like).arange(stop, **_device(like))


def eye(like: Any, size: int) -> Any:
    """The unit matrix in the dtype, storage and device of `like`."""
    return namespace(like).eye(size, dtype=like.dtype, **_device(like))


def _device(like: Any) -> dict[str, Any]:
    if isinstance(like, (numpy.ndarray, numpy.generic)):
        return {}
    place = device(like)
    return {} if place is None else {"device": place}


def quiet() -> Any:
    """A context in which inf and nan arise without a warning (only NumPy warns)."""
    return numpy.errstate(all="ignore")


def to_numpy(x: Any, dtype: Any = None) -> Any:
    """x as a NumPy array, from whatever device."""
    library = library_of(x)
    return numpy.asarray(x if library is None else library.to_numpy(x), dtype=dtype)


def as_numpy(x: Any, dtype: Any = None, copy: bool | None = None) -> Any:
    """x as a NumPy array where NumPy can read it: nothing is moved from another device."""
    return numpy.asarray(x, dtype=dtype, copy=copy)


def repr_array(x: Any, prefix: str = "") -> str:
    """The elements of x as NumPy prints them, other libraries as they do."""
    try:
        return numpy.array2string(to_numpy(x), separator=", ", prefix=prefix)
    except Exception:                           # on a device that NumPy cannot read
        return str(x)


def to_number(x: Any) -> Any:
    """The one element of x as a Python number."""
    if isinstance(x, (numpy.ndarray, numpy.generic)):
        return x.item()
    x = namespace(x).reshape(x, ())
    kind = complex if is_complex(x) else float if is_floating(x) else int
    return bool(x) if str(x.dtype).endswith("bool") else kind(x)
