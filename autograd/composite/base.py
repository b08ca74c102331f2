"""What composites share: operands with a shape of their own or a new one, and dtypes."""

from typing import Any

from ..errors import ArgumentError, DtypeError
from ..ops import shapes
from ..primitive import as_operand as as_operand, as_operands as as_operands, raw
from ..storage import find_device, is_array, is_floating, is_numpy, library_of, shares_memory


def astype(x: Any, /, dtype: Any, *, copy: bool = True, device: Any = None) -> Any:
    """x with another dtype, and on another device if one is given; a gradient is cast back.

    `dtype` may be any library's, a name or a Python type. Without `copy` x itself is returned
    where there is nothing to change.
    """
    x = as_operand(x)
    library: Any = library_of(raw(x))
    if device is not None:
        x = shapes.to_device(x, device=find_device(device, near=library))
        library = library_of(raw(x))
    dtype = library.dtype(dtype)
    result = shapes.astype(x, dtype=dtype) if copy or x.dtype != dtype else x
    ends = getattr(result, "requires_grad", False) and not is_floating(raw(result))
    return result.detach() if ends else result          # integers cannot require a gradient


def cast(x: Any, dtype: Any) -> Any:
    """x with a dtype of its own storage; x itself where that is its dtype."""
    return x if x.dtype == dtype else shapes.astype(x, dtype=dtype)


def reshape(x: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    """The same elements in another shape; one length may be -1, and follows from the others.

    In `order` "C" the last index runs fastest, in "F" the first. `copy` asks for memory of its own
    (True) or for none (False: ArgumentError where it needs some).
    """
    x = as_operand(x)
    if order == "F":
        shape = shape[::-1] if isinstance(shape, (tuple, list)) else shape
        return _reversed(reshape(_reversed(x), shape, copy=copy))
    if order != "C":
        raise ArgumentError(f"reshape with order={order!r}",
                            'order is "C", the last index fastest, or "F", the first')
    result = shapes.reshape(astype(x, x.dtype) if copy else x, shape=shape)
    if copy is False and not shares_memory(raw(result), raw(x)):
        raise ArgumentError(f"reshape of shape {tuple(x.shape)} to {shape} would copy",
                            "leave copy out, or let it be True")
    return result


def _reversed(x: Any) -> Any:
    return shapes.permute_dims(x, axes=tuple(reversed(range(len(x.shape)))))


def in_dtype(op: Any, x: Any, dtype: Any, **how: Any) -> Any:
    """A sum or product in a dtype (None: its own): x is cast before, and the result is kept so."""
    if dtype is None:
        return op(as_operand(x), **how)
    x = astype(x, dtype, copy=False)
    return cast(op(x, **how), x.dtype)


def floating(x: Any) -> Any:
    """x as floats: integers get the default dtype of their storage."""
    if is_floating(raw(x)):
        return x
    library: Any = library_of(raw(x))
    return shapes.astype(x, dtype=library.dtype(float))


def of_python(x: Any) -> bool:
    """Whether x lies in no storage: a number of Python's or NumPy's, or a list of numbers."""
    return not is_array(x) or (is_numpy(x) and not x.shape)


def integers(name: str, x: Any) -> Any:
    """Integers as a plain array where they lie, those that lie nowhere as NumPy's."""
    array = raw(as_operand(x))
    if isinstance(x, (list, tuple)) and 0 in array.shape:
        return astype(array, int)                       # of no numbers NumPy makes floats
    if is_floating(array):
        raise DtypeError(f"{name} takes integers, not {array.dtype}",
                         "convert them with astype('int64')")
    return array
