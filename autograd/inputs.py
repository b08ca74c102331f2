"""What may enter an operation: real numbers for Values, arrays of one library for Tensors."""

from collections.abc import Iterable
from typing import Any

from .errors import AutogradError, DtypeError, GraphError, StorageError, describe, mixed
from .modes import bridging
from .node import Node, Operand
from .operands import elsewhere, from_sequence, raw
from .primitive import Primitive
from .storage import (
    asarray,
    device,
    device_of,
    devices,
    is_array,
    is_numpy,
    library_of,
    literal,
    namespace,
)


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
        if isinstance(error, AutogradError):
            raise
        raise DtypeError(f"not an array of numbers: {describe(data)} ({error})",
                         "give numbers in lists of equal lengths") from error
    if not is_numpy(array):
        return without_graph(array)
    if array.dtype.kind not in "biufc":
        raise DtypeError(f"not an array of numbers: {describe(data)}",
                         "for Values use stack([values]); for Tensors stack([tensors])")
    return array


def beside(x: Any, others: Iterable[Any]) -> Any:
    """A constant beside arrays: of the same library as it is, literals as arrays of theirs."""
    if x is None:
        return x
    array = from_sequence(x) if isinstance(x, (list, tuple)) else asarray(x)
    if not is_numpy(array):
        return without_graph(array)
    if array.dtype.kind not in "biufc":
        raise DtypeError(f"not an array of numbers: {describe(x)}", "give numbers or Tensors")
    if array is x and array.shape:
        return array
    near = elsewhere(others)
    if near is None:
        return array
    return literal(near, array) if isinstance(x, (list, tuple)) else number(array)


def number(x: Any) -> Any:
    """A constant of NumPy's that is one number as Python's, which goes with any library."""
    return x.item() if is_array(x) and is_numpy(x) and not x.shape else x


def without_graph(array: Any) -> Any:
    """The array; GraphError where its own library records what is done with it."""
    library: Any = library_of(array)
    if library.records(array):
        raise GraphError(f"{describe(array)} of {library.name}, whose own engine records it too "
                         "(requires_grad=True)", "give p.detach(), the numbers alone")
    return array


def beside_one(what: str, x: Any, like: Any) -> Any:
    """What goes with the array `like`: x as it is, or literals in that storage; else StorageError.
    """
    data = raw(x)
    if not is_array(data):
        return literal(like, x)
    libraries: Any = {library_of(data), library_of(like)}
    if len(libraries) == 1 or any(library.traces for library in libraries):
        here, there = device(data), device(like)
        if here == there or None in (here, there):      # what is traced is nowhere yet
            return x
    if number(data) is not data and not getattr(x, "tracked", False):
        return literal(like, data)
    raise StorageError(f"{what}: {_over(data)}, to go with {_over(like)}",
                       f"move it first: {_word(x)}.to({_place(like)})")


def bridged(op: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """An operation of Values beside arrays: in a transform the Values become 0-d Tensors."""
    if not bridging():
        value = next(arg for arg in args if isinstance(arg, Node))
        raise mixed(value, next(arg for arg in args if is_array(raw(arg))))
    return op(*(arg._with_axes() if isinstance(arg, Operand) else arg for arg in args), **params)


def settle(op: Primitive, args: tuple[Any, ...], arrays: list[Any], operands: list[Any]) -> None:
    """Constants of NumPy's that are one number become Python's, where others are elsewhere.

    Raises StorageError where arrays of two libraries are left.
    """
    if elsewhere(arrays) is None:
        return
    for i, operand in enumerate(operands):
        if number(operand) is not operand:              # a node is no array
            arrays[i] = operands[i] = operand.item()
    found = [(i, library_of(array)) for i, array in enumerate(arrays) if is_array(array)]
    if any(library.traces for _, library in found if library):
        for x in args:
            if getattr(x, "tracked", False) and is_numpy(raw(x)):
                raise GraphError(f"a function that is being compiled uses {describe(x)}, which "
                                 "requires a gradient and is not one of its arguments",
                                 "pass it in as an argument, or the model that holds it")
    elif len({library for _, library in found}) > 1:
        raise _apart(op, args, arrays, found)


def _apart(op: Primitive, args: tuple[Any, ...], arrays: list[Any],
           found: list[tuple[int, Any]]) -> Exception:
    """The error of arrays of two libraries: the one to move is that without a gradient."""
    tracked = [getattr(x, "tracked", False) for x in args]
    home = min(found, key=lambda at: (not tracked[at[0]], at[1].name == "numpy"))
    i, stray = next(at for at in found if at[1] is not home[1])
    came = " beside ".join(_over(args[k]) for k in sorted((home[0], i)))
    place, nth = _place(arrays[home[0]]), ("1st", "2nd", "3rd")[i] if i < 3 else f"{i + 1}th"
    new = "" if stray.name != "numpy" or tracked[i] else (
        f"; new arrays are made there by np.ones(2, device=x.device), or all of them inside "
        f"`with autograd.device({place}):`")
    return StorageError(f"{op.name}: {came}", f"move the {stray.name} one, the {nth} operand: "
                        f"{_word(args[i])}.to({place}){new}")


def _over(x: Any) -> str:
    library: Any = library_of(raw(x))
    return f"{describe(x)} over {library.name}"


def _word(x: Any) -> str:
    return "it" if isinstance(x, Operand) else "Tensor(it)"


def _place(x: Any) -> str:
    """Where the array is, as `to` and `autograd.device` take it."""
    here = device_of(x)
    usual = here.place is None or here.place == here.library.default()
    return ("" if usual else f"{str(here)!r}, ") + f"storage={here.library.name!r}"
