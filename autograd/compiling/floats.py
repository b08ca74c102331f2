"""Floats in a program are written down as what `storage.scalars` makes of them, in IEEE arithmetic.

They print as `x / y`, `x ** 2` and `exp(x)`. Where Python's operators raise, the same program
printed with the functions, `divide(x, y)`, takes over; see printing.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy

from ..primitive import table
from ..storage import scalars
from ..symbol import PRODUCT
from .program import Line

FLOAT = numpy.dtype(float)
POWER = 5                                   # how tightly ** holds together
INFIX = {"divide": ("/", PRODUCT), "remainder": ("%", PRODUCT), "power": ("**", POWER)}
CALLED = {"power": "pow"}                   # as `scalars` has it
FUNCTIONS = {name: x for name, x in vars(scalars).items() if name[0] != "_" and callable(x)}
_OPERATORS = {"truediv": "divide", "mod": "remainder", "floordiv": "floor_divide", "pow": "power"}
LOGICAL = {"logical_and": "and", "logical_or": "or"}
ITSELF = {"identity", "positive", "real", "conj"}
_SAME = {*ITSELF, "asarray", "astype", "broadcast_to", "reshape", "squeeze"}
_NUMBERS = {"zeros_like": 0.0, "ones_like": 1.0}


def real(examples: Iterable[Any]) -> bool:
    """Whether these are numbers of Python's, one a float, none complex."""
    kinds = set(map(type, examples))
    return kinds <= {float, int, bool} and float in kinds


def operator(name: str) -> tuple[str, Callable[..., Any]] | None:
    """The line, and what computes it, of an operator on floats; None where it is as it stands."""
    name = _OPERATORS.get(name, "")
    return (name, FUNCTIONS[CALLED.get(name, name)]) if name else None


def infix(line: Line) -> tuple[str, int] | None:
    """The sign that a line prints as, and how tightly it binds; None where it is called.

    ** of Python's floats is C's pow to whole exponents alone: (-8.0) ** (1 / 3) is complex.
    """
    whole = line.name != "power" or (
        type(line.args[1]) in (float, int) and float(line.args[1]).is_integer())
    return INFIX.get(line.name) if whole else None


def line_of(name: str) -> str | None:
    """The line that a function of the array API is on floats."""
    return {"pow": "power"}.get(name, name) if name in FUNCTIONS else None


def constant(name: str, args: tuple[Any, ...], params: dict[str, Any]) -> float | None:
    """The float that a function of shapes makes."""
    dtype = params.get("dtype")
    if dtype not in (None, FLOAT):
        return None
    if name == "full" and args[0] == () and type(args[1]) in (float, int):
        return float(args[1]) if dtype is not None or type(args[1]) is float else None
    return _NUMBERS.get(name) if type(args[0]) is float else None


def same(name: str, args: tuple[Any, ...], params: dict[str, Any]) -> bool:
    """Whether a function leaves a float as it is: its shape is (), its dtype float64."""
    return name in _SAME and type(args[0]) is float and all(
        x is None or type(x) is bool or x in ((), FLOAT) for x in (*args[1:], *params.values()))


def computing(name: str) -> Callable[..., Any] | None:
    """What computes an operation of the table on floats, where an operator does not."""
    return FUNCTIONS.get(name) if name in table and table[name].infix is None else None
