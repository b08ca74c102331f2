"""A formula is a symbol that prints for people: a rule run on it comes out as one writes it.

`Words` is the text form, Python with `g @ Wᵀ` for transposed matrices. The other is LaTeX.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from ..node import Node
from ..storage import is_array, quiet
from ..symbol import ATOM, COMPARISON, CONDITION, SIGN, Symbol, text
from .wording import index, metadata

POWER = 5                                   # binds tighter than a sign, as in -x ** 2
OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
    "divide": operator.truediv, "pow": operator.pow, "negative": operator.neg,
    "matrix_product": operator.matmul, "equal": operator.eq, "not_equal": operator.ne,
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt,
    "greater_equal": operator.ge}


class Formula(Symbol):
    """A symbol with the shape and dtype of the node or array that it stands for, if any.

    Cases know their rows, (condition, formula); the last condition is "".
    """

    __slots__ = ("dtype", "rows", "shape")
    dtype: Any
    shape: Any
    rows: tuple[tuple[str, Any], ...]
    __iter__: Any = None                    # or Python would unpack g[0], g[1] ... without end
    __hash__ = object.__hash__

    def __init__(self, text: str, binding: int = ATOM, like: Any = None) -> None:
        super().__init__(text, binding)
        self.rows = ()
        data = like.data if isinstance(like, Node) else like
        if is_array(data):
            self.shape, self.dtype = tuple(data.shape), data.dtype

    @classmethod
    def _apply(cls, op: Any, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        if op.name == "where" and isinstance(args[0], bool):
            return args[1] if args[0] else args[2]
        return cls.applied(op, args, params)

    @classmethod
    def applied(cls, op: Any, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """The call of an operation, as it is written."""
        raise NotImplementedError

    @classmethod
    def written(cls, x: Any) -> str:
        """A formula or a number as its source."""
        raise NotImplementedError

    @classmethod
    def of_rule(cls, op: Any, i: int, g: Any, z: Any, operands: Iterable[Any],
                params: Mapping[str, Any]) -> str | None:
        """The rule of operand i, run on formulas; None where it cannot: it needs real numbers."""
        try:
            with quiet():
                part = op.rule(i, g, z, tuple(operands), params)
        except Exception:                   # a rule is anybody's code
            return None
        return cls.written(part) if isinstance(part, (Formula, int, float, complex)) else None

    @classmethod
    def named(cls, name: str, like: Any = None) -> Self:
        """The formula of an operand or of a number of its metadata, by its name."""
        return cls(name, like=like)

    @classmethod
    def sized(cls, name: str) -> Self:
        """The operand `name` before anything is known of it: its shape has a name too."""
        operand = cls.named(name)
        operand.shape = Words(f"{name}.shape")
        return operand

    def __and__(self, other: Any) -> Any:
        return (self if other else False) if isinstance(other, bool) else super().__and__(other)

    __rand__ = __and__

    def __bool__(self) -> bool:
        raise TypeError(f"a rule branches in Python on `{self.text}` and cannot be printed")


class Words(Formula):
    """A formula as a line of Python; what is multiplied by the text 1 stays as it is."""

    __slots__ = ()
    __hash__ = object.__hash__
    settled = True                          # without the case that nothing but nan comes to

    @classmethod
    def written(cls, x: Any) -> str:
        return text(x)

    @classmethod
    def applied(cls, op: Any, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        name = op.name
        if name in OPERATORS:
            return OPERATORS[name](*args)
        if name == "where":
            return cls._cases([(text(args[0], COMPARISON), args[1]),
                               *(getattr(args[2], "rows", ()) or [("", args[2])])])
        if name == "matrix_transpose":
            return cls(f"{text(args[0], ATOM)}ᵀ")
        if name in ("getitem", "item"):
            return args[0][params["index" if name == "getitem" else "i"]]
        return cls(f"{name}({', '.join([*map(text, args), *described(params)])})")

    @classmethod
    def _cases(cls, rows: list[tuple[str, Any]]) -> Any:
        rows = settled(rows) if cls.settled else rows
        shown = text(rows[-1][1], COMPARISON)
        for k, (condition, x) in reversed([*enumerate(rows[:-1])]):
            inner = f"({shown})" if k < len(rows) - 2 else shown
            shown = f"{text(x, COMPARISON)} if {condition} else {inner}"
        found = cls(shown, CONDITION)
        found.rows = tuple(rows)
        return found

    def __mul__(self, other: Any) -> Any:
        if self.text in ("1", "-1"):
            return other if self.text == "1" else -other
        return super().__mul__(other)

    def __rmul__(self, other: Any) -> Any:
        return self * other if self.text in ("1", "-1") else super().__rmul__(other)

    def __pow__(self, other: Any) -> Any:
        return type(self)(f"{text(self, POWER + 1)} ** {text(other, SIGN)}", POWER)

    def __rpow__(self, other: Any) -> Any:
        return type(self)(f"{text(other, POWER + 1)} ** {text(self, SIGN)}", POWER)

    def __getitem__(self, i: Any) -> Words:
        return Words(f"{text(self, ATOM)}[{index(i)}]")


def settled(rows: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Cases without the last, if it only hands on nan; what comes before is the last then.

    So it is with x after `x == x`, and with x + y after `x < y`, `x > y` and `x == y`.
    """
    asked = []
    for condition, _ in rows[:-1]:
        words = re.sub(r"^(.+) \\neq \\mathrm\{nan\}$", r"\1 = \1", condition)      # in LaTeX
        found = re.fullmatch(r"([^<>=]+) (==?|<|>) ([^<>=]+)", words)
        asked.append(found.groups() if found else ("", "", ""))
    left, _, right = asked[-1]
    signs = {sign[0] if x == left else {"<": ">", ">": "<"}.get(sign, "=")
             for x, sign, y in asked if left and {x, y} == {left, right}}
    handed = getattr(rows[-1][1], "text", "")
    if (handed == left == right and "=" in signs) or (
            handed in (f"{left} + {right}", f"{right} + {left}") and signs >= {"<", ">", "="}):
        return [*rows[:-2], ("", rows[-2][1])]
    return rows


def described(params: Mapping[str, Any]) -> list[str]:
    """Metadata as it stands in a call: `axis=0`, the shape alone, names where no value is known."""
    if all(isinstance(value, Words) and value.text == key for key, value in params.items()):
        return list(params)
    shape = [str(params["shape"])] if "shape" in params else []
    return [*shape, *metadata(params)]
