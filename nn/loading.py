"""Loading is taking over numbers from outside: all that were there, or none and a reason."""

from typing import Any

import numpy

from autograd import ArgumentError, Tensor, Value
from autograd.errors import describe
from autograd.storage import (
    asarray,
    dtype_name,
    is_complex,
    is_floating,
    namespace,
    quiet,
    to_number,
    to_numpy,
)

from .moving import placed


def fitted(entry: Any, like: Any) -> Any:
    """The numbers of an entry in data of their own, of the kind of `like`, an array or a float.

    Raises ArgumentError for another shape, a kind of number that is not kept (complex in real,
    floats in integers), and a number that the dtype cannot hold; floats are rounded.
    """
    shape = "a Value" if isinstance(like, float) else tuple(like.shape)
    try:
        array = asarray(entry.data if isinstance(entry, (Tensor, Value)) else entry)
        own = asarray(like)
        if dtype_name(array.dtype) == "bfloat16":               # which NumPy has not
            array = namespace(array).astype(array, namespace(array).float32)
        if not _fits(array, own):
            raise ArgumentError(f"{shape} cannot take {describe(entry)}")
        with quiet():
            data = placed(array, own)
            lost = _lost(array, data)
    except ArgumentError:
        raise
    except Exception as error:                  # an entry is anybody's, and so are its errors
        why = str(error).partition("\n")[0]
        raise ArgumentError(f"{shape} cannot take {describe(entry)}: {why}") from error
    if lost is not None:
        raise ArgumentError(f"{shape} of {dtype_name(own.dtype)} cannot hold {lost}")
    return float(data) if isinstance(like, float) else data


def listed(problems: list[str], most: int = 20) -> list[str]:
    """The first of many problems, and how many more there are."""
    more = len(problems) - most
    return problems if more <= 0 else [*problems[:most], f"… {more:,} more"]


def _fits(array: Any, like: Any) -> bool:
    """Whether these are numbers of the same shape, and no kind of number is lost."""
    return (namespace(array).isdtype(array.dtype, ("bool", "numeric"))
            and tuple(array.shape) == tuple(like.shape)
            and (is_complex(like) or not is_complex(array))
            and (is_floating(like) or not is_floating(array)))


def _lost(array: Any, data: Any) -> Any:
    """The first number that is not in `data`, a copy in another dtype; None if all are."""
    names = dtype_name(array.dtype), dtype_name(data.dtype)
    if names[0] in (names[1], "bool"):
        return None
    if is_floating(data):
        lost = _finite(array) & ~_finite(data)
    else:
        lost = to_numpy(array) != to_numpy(data)
    return to_number(array[tuple(map(int, numpy.argwhere(lost)[0]))]) if lost.any() else None


def _finite(array: Any) -> Any:
    return to_numpy(namespace(array).isfinite(array))
