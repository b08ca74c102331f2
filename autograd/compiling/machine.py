"""The functions of floats as Numba compiles them: the same text in this scope is machine code.

Where `storage.scalars` catches what Python raises for, the machine's own arithmetic has the IEEE
result already (`error_model="numpy"`, no fastmath).
"""

import functools
import math
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy

from ..storage import scalars

OPTIONS: dict[str, Any] = {"error_model": "numpy"}


@functools.cache
def available() -> bool:
    """Whether there is Numba, and it takes this NumPy."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


def jit(function: Callable[..., Any], **how: Any) -> Any:
    """A function compiled by Numba when it is called, in IEEE arithmetic."""
    import numba

    return numba.njit(function, **OPTIONS, **how)


def compiled(source: str, name: str, *, nogil: bool = False, **more: Any) -> Any:
    """The function `name` of a source, compiled by Numba where the functions of floats are."""
    names = {**scope(), **more}
    exec(compile(source, f"<compiled {name}>", "exec"), names)
    return jit(names[name], nogil=nogil)


def takes(names: set[str]) -> bool:
    """Whether Numba is here and has all functions of these names."""
    return available() and names <= scope().keys()


def processors() -> int:
    """How many threads Numba would take."""
    import numba

    return int(numba.get_num_threads())


def floats(count: int) -> tuple[Any, ...]:
    """The types of so many floats."""
    import numba

    return (numba.float64,) * count


@functools.cache
def scope() -> dict[str, Any]:
    """What `scalars` has by name, for Numba."""
    from .loops.functions import strong_zero

    names: dict[str, Any] = {"inf": math.inf, "nan": math.nan, "math": math}
    for name, found in vars(scalars).items():
        if callable(found) and name[0] != "_" and name != "round_to":   # to decimals, as Python
            found = OWN.get(name) or getattr(math, name, None) or found
            names[name] = _anew(found, names) if type(found) is FunctionType else found
    names["strong_zero"] = strong_zero
    return names


def _anew(function: Any, names: dict[str, Any]) -> Any:
    """A function of Python's compiled where it sees these names."""
    return jit(FunctionType(function.__code__, names, function.__name__))


def _divide(x: float, y: float) -> float:
    return x / y


def _pow(x: float, y: float) -> float:
    if y == 2.0:                                # as a product, which is a vector's
        return x * x
    if y == 3.0:
        return x * x * x
    return x if y == 1.0 else math.pow(x, y)


def _remainder(x: float, y: float) -> float:
    return x % y if y != 0 else math.nan


def _floor_divide(x: float, y: float) -> float:
    return x / y if math.isinf(x) or math.isinf(y) or y == 0 else x // y


OWN: dict[str, Any] = {
    "divide": _divide, "pow": _pow, "remainder": _remainder, "floor_divide": _floor_divide,
    "abs": abs, "floor": numpy.floor, "ceil": numpy.ceil, "round": numpy.rint,
    "trunc": numpy.trunc, "nextafter": numpy.nextafter}
