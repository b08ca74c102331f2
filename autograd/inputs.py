"""What may enter an operation: real numbers for Values, arrays of one library for Tensors."""

from collections.abc import Iterable
from typing import Any

from .errors import DtypeError, StorageError, describe, mixed
from .modes import bridging
from .node import Node, Operand
from .primitive import Primitive, raw
from .storage import asarray, devices, is_array, is_numpy, library_of, namespace


def real_number(data: Any) -> float:
    """One real number as a float. Raises DtypeError for anything else."""
    if isinstance(data, (int, float)):
        try:
            return float(data)
        except OverflowError as error:
            raise DtypeError(f"an integer of {int(data).bit_length()} bits is too large for a "
                             "float", "use a float, or inf") from error
    if isinstance(data, Operand):
        raise DtypeError(f"Value of {describe(data)}",
                         "it is recorded already; detach() makes a fresh leaf of a Value")
    try:
        if getattr(data, "shape", None) == () and not isinstance(data, complex):
            return float(data)
    except (TypeError, ValueError):
        pass
    raise DtypeError(f"a Value holds one real number, got {describe(data)}",
                     "use Tensor(...) for arrays and complex numbers")


def numbers_array(data: Any, dtype: Any = None) -> Any:
    """An array of numbers, in its own storage; lists through NumPy. Raises DtypeError."""
    data = raw(data) if is_array(raw(data)) else data
    if isinstance(data, Operand):
        raise DtypeError(f"a Tensor of {describe(data)}",
                         "stack([values]) makes a Tensor of Values and carries gradients")
    if isinstance(dtype, str) and is_array(data):
        dtype = getattr(namespace(data), dtype)
    try:
        array = asarray(data, dtype)
        if array is not data and devices.default().library is not library_of(array):
            here = devices.default()            # lists and numbers go where new arrays go
            array = here.library.put(data if dtype is None else array, here.place)
    except (ValueError, TypeError) as error:
        raise DtypeError(f"not an array of numbers: {describe(data)} ({error})",
                         "give numbers in lists of equal lengths") from error
    if is_numpy(array) and array.dtype.kind not in "biufc":
        raise DtypeError(f"not an array of numbers: {describe(data)}",
                         "for Values use stack([values]); for Tensors stack([tensors])")
    return array


def beside(x: Any, others: Iterable[Any]) -> Any:
    """A constant beside arrays: of the same library as it is, lists as arrays."""
    if x is None:
        return x
    array = asarray(list(x)) if isinstance(x, tuple) else asarray(x)
    if is_numpy(array) and array.dtype.kind not in "biufc":
        raise DtypeError(f"not an array of numbers: {describe(x)}", "give numbers or Tensors")
    if array.shape == () and is_numpy(array) and any(
            is_array(other) and not is_numpy(other) for other in map(raw, others)):
        return array.item()
    return array


def bridged(op: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """An operation of Values beside arrays: in a transform the Values become 0-d Tensors."""
    if not bridging():
        value = next(arg for arg in args if isinstance(arg, Node))
        raise mixed(value, next(arg for arg in args if is_array(raw(arg))))
    return op(*(arg._with_axes() if isinstance(arg, Operand) else arg for arg in args), **params)


def check_storage(op: Primitive, arrays: list[Any]) -> None:
    """Raise StorageError where arrays of two libraries meet."""
    found = [array for array in arrays if is_array(array)]
    for other in found[1:]:
        if namespace(other) is not namespace(found[0]):
            names = [getattr(library_of(x), "name", "") for x in (found[0], other)]
            raise StorageError(f"{op.name}: {describe(found[0])} over {names[0]} beside "
                               f"{describe(other)} over {names[1]}",
                               f"move one of them first: x.to(storage={names[0]!r}), of a plain "
                               "array Tensor(x).to(...)")
