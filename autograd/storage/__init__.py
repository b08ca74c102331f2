"""Storage is the array library that holds the numbers, reached through the array API standard.

Nothing else in the engine knows a library by name: it asks for the namespace of the array in hand,
once per array type, and for the few things the standard lacks (writing at repeated indices).
"""

from types import SimpleNamespace
from typing import Any

import numpy
from numpy import ndarray as ndarray

from . import numpy_storage, scalars
from .scatter import scatter_add

__all__ = ["arange", "asarray", "can_hold", "constant", "eye", "full", "is_array", "is_complex",
           "is_floating", "is_numpy", "is_view", "may_hold_nan", "namespace", "quiet", "repr_array",
           "scalars", "scatter_add", "shares_memory", "to_number", "to_numpy", "writable"]

_namespaces: dict[type, Any] = {numpy.ndarray: numpy_storage, numpy.generic: numpy_storage}
_numbers = (bool, int, float, complex)


def namespace(x: Any) -> Any:
    """The array API namespace of an array, resolved once per array type."""
    kind = type(x)
    try:
        return _namespaces[kind]
    except KeyError:
        pass
    if isinstance(x, (numpy.ndarray, numpy.generic)):
        found: Any = numpy_storage
    else:
        import array_api_compat

        found = array_api_compat.array_namespace(x)
    _namespaces[kind] = found
    return found


def is_array(x: Any) -> bool:
    """Whether x is an array of some library (a NumPy scalar counts, a Python number does not)."""
    kind = type(x)
    if kind in _namespaces:
        return True
    if kind in _numbers or kind in (list, tuple, str) or x is None:
        return False
    if isinstance(x, (numpy.ndarray, numpy.generic)):
        return True
    import array_api_compat

    return bool(array_api_compat.is_array_api_obj(x))


def is_numpy(x: Any) -> bool:
    """Whether NumPy holds x."""
    return namespace(x) is numpy_storage


def asarray(x: Any, dtype: Any = None) -> Any:
    """x as an array: arrays as they are, NumPy scalars as 0-d arrays, the rest through NumPy."""
    if isinstance(x, numpy.generic) or not is_array(x):
        return numpy.asarray(x, dtype=dtype)
    return x if dtype is None or x.dtype == dtype else namespace(x).astype(x, dtype)


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
    return _kind(x).complex


def may_hold_nan(x: Any) -> bool:
    """False where a nan is ruled out at less than the cost of looking at each element."""
    if isinstance(x, (numpy.ndarray, numpy.generic)):
        total = x.sum()
        return bool(total != total)
    return True                                 # elsewhere asking would wait for the device


def device(x: Any) -> Any:
    """Where the storage keeps x."""
    import array_api_compat

    return array_api_compat.device(x)


def to_device(x: Any, where: Any) -> Any:
    """x on another device of its storage."""
    import array_api_compat

    return array_api_compat.to_device(x, where)


def copy(x: Any) -> Any:
    """The same numbers in an array of their own."""
    return namespace(x).asarray(x, copy=True)


def can_hold(x: Any, y: Any) -> bool:
    """Whether x can take the numbers of y in place: not floats in integers, nor complex in real."""
    return _kind(x).rank >= _kind(y).rank


def full(like: Any, shape: Any, value: Any) -> Any:
    """An array filled with one number, in the dtype, storage and device of `like`."""
    return namespace(like).full(tuple(shape), value, dtype=like.dtype, **_device(like))


def arange(like: Any, stop: int) -> Any:
    """0, 1 ... stop - 1 in the storage and device of `like`."""
    return namespace(like).arange(stop, **_device(like))


def eye(like: Any, size: int) -> Any:
    """The unit matrix in the dtype, storage and device of `like`."""
    return namespace(like).eye(size, dtype=like.dtype, **_device(like))


def _device(like: Any) -> dict[str, Any]:
    if isinstance(like, (numpy.ndarray, numpy.generic)):
        return {}
    return {"device": like.device}


def quiet() -> Any:
    """A context in which inf and nan arise without a warning (only NumPy warns)."""
    return numpy.errstate(all="ignore")


def shares_memory(x: Any, y: Any) -> bool:
    """Whether writing to x would change y."""
    return isinstance(x, numpy.ndarray) and isinstance(y, numpy.ndarray) and (
        numpy.may_share_memory(x, y))


def owns_memory(x: Any) -> bool:
    """Whether x may be written to without another array changing."""
    return not isinstance(x, ndarray) or (x.base is None and bool(x.flags.writeable))


def is_view(x: Any) -> bool:
    """Whether x may share its memory with the array it was made from."""
    return isinstance(x, numpy.ndarray) and x.base is not None


def to_numpy(x: Any, dtype: Any = None) -> Any:
    """x as a NumPy array."""
    return numpy.asarray(x, dtype=dtype)


def repr_array(x: Any, prefix: str = "") -> str:
    """The elements of x as NumPy prints them, other libraries as they do."""
    try:
        return numpy.array2string(numpy.asarray(x), separator=", ", prefix=prefix)
    except Exception:                           # on a device that NumPy cannot read
        return str(x)


def to_number(x: Any) -> Any:
    """The one element of x as a Python number."""
    if isinstance(x, (numpy.ndarray, numpy.generic)):
        return x.item()
    x = namespace(x).reshape(x, ())
    kind = complex if is_complex(x) else float if is_floating(x) else int
    return bool(x) if str(x.dtype).endswith("bool") else kind(x)


def writable(x: Any) -> bool:
    """Whether `x[i] = v` changes the array x itself (False: it is immutable)."""
    if isinstance(x, numpy.ndarray):
        return bool(x.flags.writeable)
    return hasattr(x, "__setitem__") and type(x).__module__.split(".")[0] not in ("jax", "jaxlib")
