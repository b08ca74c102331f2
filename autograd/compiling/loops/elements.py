"""What an operation on arrays is on one number of each: an expression in the body of a loop.

NumPy's rules of dtypes are written out, as Numba has others: a Python number takes the dtype of the
array beside it, and what is computed in float32 stays there.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy

from ...symbol import COMPARISON, CONDITION, Symbol, text
from ..program import Line, Variable

Write = Callable[[list[Symbol]], Symbol]        # of one number of each operand, one of the result


def called(name: str) -> Callable[..., Symbol]:
    """A function that prints as a call."""
    return lambda *args: Symbol(f"{name}({', '.join(map(text, args))})")


def _between(sign: str) -> Callable[..., Symbol]:
    return lambda x, y: Symbol(f"{text(x, COMPARISON + 1)} {sign} {text(y, COMPARISON + 1)}",
                               COMPARISON)


DTYPES = {numpy.dtype(x) for x in ("float32", "float64", "int64", "bool")}
ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "subtract": operator.sub, "mul": operator.mul,
    "multiply": operator.mul, "neg": operator.neg, "negative": operator.neg, "pos": lambda x: x,
    "positive": lambda x: x, "square": lambda x: x * x,
    **{name: called(name) for name in ("abs", "sign", "maximum", "minimum")}, "absolute":
    called("abs")}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "truediv": operator.truediv, "divide": operator.truediv, "pow": called("power"),
    **{name: called(name) for name in (
        "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "sinh",
        "cosh", "tanh", "asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh", "floor", "ceil",
        "trunc", "hypot", "copysign", "power", "strong_zero")},
    **{f"arc{name}": called(f"a{name}") for name in (
        "sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")}}
COMPARISONS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")}
LOGIC: dict[str, Callable[..., Any]] = {
    **{start + name: _between(sign) for start in ("", "logical_")
       for name, sign in {"and": "&", "or": "|", "xor": "^"}.items()},
    **dict.fromkeys(("invert", "logical_not"), called("not_"))}
QUESTIONS: dict[str, Callable[..., Any]] = {
    "isnan": called("isnan"), "isfinite": called("isfinite"), "isinf": called("isinf")}
TABLES = {"f": (ARITHMETIC, FUNCTIONS, QUESTIONS, COMPARISONS), "i": (ARITHMETIC, COMPARISONS),
          "b": (LOGIC, COMPARISONS)}
STARTS = {"sum": 0, "mean": 0, "prod": 1, "max": -numpy.inf, "min": numpy.inf, "any": False,
          "all": True}


def element(line: Line) -> Write | None:
    """How one number of the result follows from one of each operand; None where it does not."""
    if not _known(line):
        return None
    name, z = line.name.removeprefix("np."), line.made[0]
    if name in ("astype", "asarray", "copy") and type(line.args[0]) is Variable:
        return lambda words: converted(words[0], line.args[0], z.dtype)
    if line.params:
        return None
    if name == "where" and len(line.args) == 3:
        return _where(line) if getattr(line.args[0], "dtype", "") == "bool" else None
    dtype = working(line.args)
    if name == "pow" and dtype.kind == "f" and type(line.args[1]) in (int, float) and (
            line.args[1] in (2, 0.5)):                  # as NumPy's ** does
        name, line = ("square" if line.args[1] == 2 else "sqrt"), line._replace(args=line.args[:1])
    for table in TABLES.get(dtype.kind, ()):
        if name in table and (z.dtype == (bool if table in (QUESTIONS, COMPARISONS) else dtype)):
            function = table[name]
            return lambda words: function(*(
                converted(word, x, dtype) for word, x in zip(words, line.args)))
    return None


def _where(line: Line) -> Write:
    """where(condition, x, y) of single numbers."""
    def write(words: list[Symbol]) -> Symbol:
        condition, x, y = words[0], *(
            converted(word, x, line.made[0].dtype) for word, x in zip(words[1:], line.args[1:]))
        return Symbol(f"{text(x, COMPARISON)} if {text(condition, COMPARISON)} else "
                      f"{text(y, COMPARISON)}", CONDITION)

    return write


def reduction(line: Line) -> tuple[str, tuple[int, ...]] | None:
    """The name of a reduction and the axes that it reduces; None for what is none."""
    name = line.name.removeprefix("np.")
    if name not in STARTS or not _known(line) or type(line.args[0]) is not Variable or (
            len(line.args) > 1 or set(line.params) - {"axis", "keepdims"}):
        return None
    x, z = line.args[0], line.made[0]
    axis = line.params.get("axis")
    axes = range(len(x.shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    found = tuple(sorted({i % len(x.shape) for i in axes})) if x.shape else ()
    kinds = {"any": "b", "all": "b", "sum": "fi"}.get(name, "f")
    fits = x.dtype.kind in kinds and x.dtype == z.dtype and all(x.shape[i] for i in found)
    return (name, found) if found and fits else None


def working(args: Any) -> Any:
    """The dtype in which an operation computes: Python's numbers adapt to the arrays beside."""
    return numpy.result_type(*(_example(x) for x in args))


def literal(x: Any, dtype: Any) -> Symbol:
    """A number as it stands in a loop that computes in a dtype."""
    if dtype.kind != "f":
        return Symbol(text(bool(x) if dtype.kind == "b" else int(x)))
    x = float(x)
    word = text(x) if numpy.isfinite(x) else "nan" if x != x else "inf" if x > 0 else "(-inf)"
    return Symbol(word if dtype == "float64" else f"{dtype}({word.strip('()')})")


def converted(word: Symbol, x: Any, dtype: Any) -> Symbol:
    """An operand in the dtype of the operation."""
    if type(x) is not Variable:
        return literal(x, dtype)
    return word if x.dtype == dtype else called(str(dtype))(word)


def _known(line: Line) -> bool:
    args = [x for x in line.args if type(x) is not Variable]
    return len(line.made) == 1 and all(type(x) in (bool, int, float) for x in args) and all(
        x.dtype in DTYPES for x in (*line.operands(), *line.made))


def _example(x: Any) -> Any:
    """What stands for an operand where NumPy finds the dtype of a result."""
    if type(x) is not Variable:
        return x
    return {"f": 1.0, "i": 1, "b": True}[x.dtype.kind] if x.weak else x.dtype
