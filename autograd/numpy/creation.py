"""Creation: new Tensors, over NumPy unless an array of another library is given."""

from typing import Any

import numpy

from ..bridges import stack
from ..node import Operand
from ..primitive import raw
from ..storage import copy, namespace
from ..tensor import Tensor


def asarray(x: Any, dtype: Any = None) -> Tensor:
    """x as a Tensor: a Tensor as it is, nested lists of Values or Tensors joined with gradients."""
    if isinstance(x, Tensor):
        return x if dtype is None or x.dtype == dtype else x.astype(dtype)
    if isinstance(x, (list, tuple)) and _holds_operands(x):
        joined = stack([asarray(row) if isinstance(row, (list, tuple)) else row for row in x])
        return joined if dtype is None else joined.astype(dtype)
    if isinstance(x, Operand):
        joined = stack([x])
        return joined.reshape(())
    return Tensor(x, dtype=dtype)


def array(x: Any, dtype: Any = None) -> Tensor:
    """x as a new Tensor: as `asarray`, but never sharing the numbers of x."""
    made = asarray(x, dtype)
    return made + 0 if made.tracked else Tensor(copy(made.data))


def _holds_operands(x: Any) -> Any:
    return any(isinstance(item, Operand) or
               (isinstance(item, (list, tuple)) and _holds_operands(item)) for item in x)


def zeros(shape: Any, dtype: Any = None) -> Tensor:
    """Zeros of a shape, float64 unless a dtype is given."""
    return Tensor(numpy.zeros(shape, dtype or numpy.float64))


def ones(shape: Any, dtype: Any = None) -> Tensor:
    """Ones of a shape, float64 unless a dtype is given."""
    return Tensor(numpy.ones(shape, dtype or numpy.float64))


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """A shape filled with one number."""
    return Tensor(numpy.full(shape, fill_value, dtype))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Tensor:
    """start, start + step, ... below stop; arange(n) is 0 to n - 1."""
    start, stop = (0, start) if stop is None else (start, stop)
    return Tensor(numpy.arange(start, stop, step, dtype=dtype))


def linspace(start: float, stop: float, num: int = 50, dtype: Any = None,
             endpoint: Any = True) -> Tensor:
    """num numbers evenly spaced from start to stop."""
    return Tensor(numpy.linspace(start, stop, num, dtype=dtype, endpoint=endpoint))


def eye(rows: int, columns: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Ones on diagonal k, zeros elsewhere."""
    return Tensor(numpy.eye(rows, columns, k, dtype or numpy.float64))


def zeros_like(x: Any, dtype: Any = None) -> Tensor:
    """Zeros in the shape, dtype and storage of x."""
    data = raw(asarray(x))
    return Tensor(namespace(data).zeros_like(data, dtype=dtype))


def ones_like(x: Any, dtype: Any = None) -> Tensor:
    """Ones in the shape, dtype and storage of x."""
    data = raw(asarray(x))
    return Tensor(namespace(data).ones_like(data, dtype=dtype))


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """One number in the shape, dtype and storage of x."""
    data = raw(asarray(x))
    return Tensor(namespace(data).full_like(data, fill_value, dtype=dtype))
