r"""LaTeX of a rule: run on these symbols, `-g * z / y` comes out as -\frac{g \cdot z}{y}.

The same algebra as the rule, written as one writes it by hand: quotients of quotients become one
fraction, equal factors a power, and where() becomes cases, taken out to the front:

    g * where(x > 0, x, 1)      \begin{cases} g \cdot x & \text{if } x > 0 \\ ... \end{cases}

What is not in the tables below is a call, \operatorname{erf}(x). No formula has a "$" or a "|" in
it, which would end the mathematics or the cell of a table in Markdown.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from ...symbol import ATOM, COMPARISON, CONDITION, PRODUCT, SUM, text
from ..formula import POWER, Formula, described, settled
from ..wording import index, short

NAMES = {"log": r"\ln", "log2": r"\log_{2}", "log10": r"\log_{10}", "asin": r"\arcsin",
         "acos": r"\arccos", "atan": r"\arctan", "maximum": r"\max", "at_least": r"\max",
         "minimum": r"\min", "at_most": r"\min",
         **{name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "max")}}
IF, OTHERWISE = r"\text{if } ", r"\text{otherwise}"
SMALL, LARGE = r"\frac", r"\dfrac"          # TeX sets fractions in cases as small as an index


class Latex(Formula):
    """A formula in LaTeX.

    A product knows its factors above and below the line and its sign.
    """

    __slots__ = ("minus", "over", "under")
    __hash__ = object.__hash__
    minus: bool
    over: tuple[Latex, ...]
    under: tuple[Latex, ...]

    def __init__(self, text: str, binding: int = ATOM, like: Any = None) -> None:
        super().__init__(text, binding, like)
        self.minus, self.over, self.under = False, (self,), ()

    @classmethod
    def named(cls, name: str, like: Any = None) -> Latex:
        letter = re.fullmatch(r"([^\W\d_])(\d*)", name)
        shown = letter[1] + (f"_{{{letter[2]}}}" if letter[2] else "") if letter else plain(name)
        return cls(shown, like=like)

    @classmethod
    def written(cls, x: Any) -> str:
        return of(x).text

    @classmethod
    def applied(cls, op: Any, args: tuple[Any, ...], params: Mapping[str, Any]) -> Latex:
        if op.name == "where":
            condition, x, y = map(of, args)
            return cases(settled([(condition.text, x), *(y.rows or [("", y)])]))
        if op.name == "multiply" and of(args[0]).text == of(args[1]).text:      # two operands
            return cls(rf"{tex(of(args[0]), POWER)} \cdot {tex(of(args[1]), POWER)}", PRODUCT)
        if op.name in FORMS:
            return FORMS[op.name](*args)
        if op.name in ("getitem", "item"):
            return of(args[0])[params["index" if op.name == "getitem" else "i"]]
        name = NAMES.get(op.name) or rf"\operatorname{{{escaped(short(op.name))}}}"
        words = [plain(word) for word in described(params)]
        return _each(lambda *xs: cls(
            name + brackets(", ".join([*(x.text for x in xs), *words]))))(*args)

    def __getitem__(self, i: Any) -> Latex:
        return Latex(f"{tex(self, ATOM)}[{plain(index(i))}]")

    def __neg__(self) -> Latex:
        return FORMS["negative"](self)

    def __pow__(self, other: Any) -> Latex:
        return FORMS["pow"](self, other)

    def __rpow__(self, other: Any) -> Latex:
        return FORMS["pow"](other, self)

    def __and__(self, other: Any) -> Any:
        if isinstance(other, bool):
            return super().__and__(other)
        return Latex(rf"{tex(self, COMPARISON)} \wedge {tex(of(other), COMPARISON)}", COMPARISON)


def tex(x: Latex, binding: int = CONDITION) -> str:
    """The formula, in brackets if it holds together less tightly than `binding`."""
    return x.text if x.binding >= binding else brackets(x.text)


def brackets(inner: str, left: str = "(", right: str = ")") -> str:
    """Brackets as high as what they hold."""
    tall = re.search(r"\\(d?frac|begin|sqrt|left)", inner)
    return rf"\left{left}{inner}\right{right}" if tall else f"{left}{inner}{right}"


def escaped(words: str) -> str:
    """Words inside of \\mathrm{}: what means anything to TeX or Markdown is escaped or left out."""
    return re.sub(r"([_# ])", r"\\\1", re.sub(r"[^\w .,:;()=+/\[\]#-]", "", words))


def plain(words: str) -> str:
    """Words that are no formula: a long name, metadata."""
    return rf"\mathrm{{{escaped(words)}}}"


def of(x: Any) -> Latex:
    """An operand as LaTeX: a formula as it is, a number in figures, anything else as text."""
    if isinstance(x, Latex):
        return x
    if isinstance(x, complex) and x.real == 0:
        return _times(of(x.imag), Latex(r"\mathrm{i}"))
    if isinstance(x, bool) or not isinstance(x, (int, float)):
        return Latex(plain(text(x)))
    if x < 0:
        return _negative(of(-x))
    if not math.isfinite(x):
        return Latex(r"\infty" if x > 0 else r"\mathrm{nan}")
    digits, _, exponent = (repr(int(x)) if x == int(x) < 1e6 else repr(x)).partition("e")
    return Latex(digits) if not exponent else _times(
        Latex(digits), Latex(f"10^{{{int(exponent)}}}", POWER))


# -- how formulas combine --------------------------------------------------------------------

def cases(rows: Iterable[tuple[str, Latex]]) -> Latex:
    """The formula whose condition holds first, the last one where none does."""
    rows = tuple(rows)
    lines = [f"{x.text.replace(SMALL, LARGE)} & {IF + condition if condition else OTHERWISE}"
             for condition, x in rows]
    gap = r" \\[6pt] " if any(LARGE in line for line in lines) else r" \\ "
    found = Latex(rf"\begin{{cases}} {gap.join(lines)} \end{{cases}}", CONDITION)
    found.rows = rows
    return found


def _each(build: Callable[..., Latex]) -> Callable[..., Any]:
    """`build` for any operands; on cases it is done to each row."""
    def built(*operands: Any) -> Latex:
        args = [of(x) for x in operands]
        conditions = {tuple(condition for condition, _ in x.rows) for x in args if x.rows}
        if len(conditions) != 1:
            return build(*args)
        return cases((condition, build(*(x.rows[k][1] if x.rows else x for x in args)))
                     for k, condition in enumerate(conditions.pop()))

    return built


def _product(over: Iterable[Latex], under: Iterable[Latex], minus: bool) -> Latex:
    """Factors above and below the line."""
    over, under = (tuple(x for x in factors if x.text != "1") for factors in (over, under))
    if not under and not minus and len(over) < 2:
        return over[0] if over else Latex("1")
    shown = _row(over, under != ())
    shown = rf"\frac{{{shown}}}{{{_row(under, True)}}}" if under else shown
    found = Latex(f"-{shown}" if minus else shown, SUM if minus else PRODUCT)
    found.over, found.under, found.minus = over or (Latex("1"),), under, minus
    return found


def _row(factors: tuple[Latex, ...], fenced: bool) -> str:
    """Factors side by side: numbers first, equal ones as a power."""
    factors = tuple(sorted(factors, key=lambda x: not _is_number(x)))
    count = Counter(x.text for x in factors)
    powers = [x if count[x.text] == 1 else _power(x, of(count[x.text]))
              for x in {x.text: x for x in factors}.values()]
    if len(powers) < 2:
        return tex(powers[0], CONDITION if fenced else POWER) if powers else "1"
    row = tex(powers[0], POWER)
    for left, right in pairwise(powers):
        sums = left.binding < POWER and right.binding < POWER       # both in brackets
        close = sums or (_is_number(left) and not _is_number(right))
        row += (" " if close else r" \cdot ") + tex(right, POWER)
    return row


def _is_number(x: Latex) -> bool:
    return re.fullmatch(r"[\d.]+|10\^\{-?\d+\}", x.text) is not None


def _negative(x: Latex) -> Latex:
    return _product(x.over, x.under, not x.minus)


def _times(x: Latex, y: Latex) -> Latex:
    return _product(x.over + y.over, x.under + y.under, x.minus != y.minus)


def _over(x: Latex, y: Latex) -> Latex:
    return _product(x.over + y.under, x.under + y.over, x.minus != y.minus)


def _plus(x: Latex, y: Latex) -> Latex:
    if y.minus:
        return Latex(f"{tex(x, SUM)} - {tex(_negative(y), PRODUCT)}", SUM)
    return Latex(f"{tex(x, SUM)} + {tex(y, PRODUCT)}", SUM)


def _power(x: Latex, y: Latex) -> Latex:
    return Latex(f"{tex(x, ATOM)}^{{{y.text}}}", POWER)


def _matmul(x: Latex, y: Latex) -> Latex:
    return Latex(rf"{tex(x, PRODUCT)} \, {tex(y, PRODUCT)}", PRODUCT)


def _equal(x: Latex, y: Latex) -> Latex:
    if x.text == y.text:                                # how a rule asks whether x is a number
        return Latex(rf"{x.text} \neq \mathrm{{nan}}", COMPARISON)
    return _compare("=")(x, y)


def _compare(sign: str) -> Callable[[Latex, Latex], Latex]:
    return lambda x, y: Latex(f"{tex(x, SUM)} {sign} {tex(y, SUM)}", COMPARISON)


def _around(left: str, right: str) -> Callable[[Latex], Latex]:
    return lambda x: Latex(f"{left}{x.text}{right}")


def _between(left: str, right: str) -> Callable[[Latex], Latex]:
    return lambda x: Latex(brackets(x.text, left, right))


_floor = _between(r"\lfloor ", r"\rfloor")
_BUILD: dict[str, Callable[..., Latex]] = {
    "add": _plus, "subtract": lambda x, y: _plus(x, _negative(y)), "multiply": _times,
    "divide": _over, "negative": _negative, "positive": lambda x: x, "pow": _power,
    "square": lambda x: _power(x, of(2)), "reciprocal": lambda x: _over(of(1), x),
    "exp": lambda x: _power(Latex(r"\mathrm{e}"), x),
    "abs": _between(r"\vert ", r"\vert"), "floor": _floor,
    "ceil": _between(r"\lceil ", r"\rceil"), "sqrt": _around(r"\sqrt{", "}"),
    "conj": _around(r"\overline{", "}"),
    "floor_divide": lambda x, y: _floor(_over(x, y)), "matrix_product": _matmul,
    "matrix_transpose": lambda x: Latex(rf"{tex(x, ATOM)}^{{\top}}", POWER),
}
_COMPARISONS: dict[str, Callable[..., Latex]] = {
    "equal": _equal, "not_equal": _compare(r"\neq"), "less": _compare("<"),
    "less_equal": _compare(r"\leq"), "greater": _compare(">"), "greater_equal": _compare(r"\geq"),
}
FORMS = {name: _each(build) for name, build in _BUILD.items()} | {
    name: lambda *xs, build=build: build(*map(of, xs)) for name, build in _COMPARISONS.items()}


def _method(name: str, flipped: bool = False) -> Any:
    form = FORMS[name]
    return lambda self, other: form(other, self) if flipped else form(self, other)


for _sign, _name in (("add", "add"), ("sub", "subtract"), ("mul", "multiply"),
                     ("truediv", "divide"), ("matmul", "matrix_product")):
    setattr(Latex, f"__{_sign}__", _method(_name))
    setattr(Latex, f"__r{_sign}__", _method(_name, True))
for _sign, _name in (("lt", "less"), ("le", "less_equal"), ("gt", "greater"),
                     ("ge", "greater_equal"), ("eq", "equal"), ("ne", "not_equal")):
    setattr(Latex, f"__{_sign}__", _method(_name))
