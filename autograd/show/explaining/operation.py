"""An operation in words and in LaTeX: what it computes, and its rule run on formulas."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import NamedTuple

from ...primitive import Primitive
from ...rules import source_of
from ..formula import Formula, Words
from ..wording import short
from .latex import Latex

KINDS = {
    "Elementwise": "The same factor serves both directions. An operand that was broadcast gets "
                   "the sum over its copies.",
    "Linear": "g has the shape of z, and what an operand gets has the shape of the operand.",
    "Multilinear": "g has the shape of z, and what an operand gets has the shape of the operand.",
    "Custom": "g has the shape of z, and what an operand gets has the shape of the operand.",
    "Local": "g has the shape of the operand, and the result the shape of z.",
    "Constant": "The gradient ends here."}
SAYS = {"item": "Takes one output of several. That output gets g, the others get nothing.",
        "element": "Takes the one element of an array as a number. The array gets g.",
        "from_values": "Makes an array of numbers. Each number gets its element of g."}
NAN = "Where {} is nan, so is this: nan stays nan."
BACK = "g, how much the loss changes per unit of z, becomes"
AHEAD = "g, how much an operand changes, becomes the change of z"


class Part(NamedTuple):
    """A piece of an explanation: as plain text, as Markdown, and its equations in LaTeX."""

    text: str
    markdown: str
    equations: tuple[str, ...] = ()


class Side(NamedTuple):
    """What a rule says for one operand; None where it cannot be printed."""

    name: str                       # of what g becomes something for
    means: str | None
    local: str | None               # the local derivative, where there is one


def operation(op: Primitive, brief: bool = False) -> Part:
    """What one operation does to a gradient; if `brief`, without what all of its kind do."""
    z, words = _sides(Words, op)
    z_latex, latex = _sides(Latex, op)
    name = short(op.name)
    about = "" if brief else _about(op)
    text, markdown = textwrap.wrap(about, 80), [about] * (not brief)
    equations = [f"z = {z_latex}"]
    if (words or (own(op) and name not in SAYS)) and not brief:
        head = AHEAD if kind_of(op) == "Local" else BACK if words else "What it does to g:"
        text.append(head)
        markdown.append(head.replace("g,", "$g$,").replace(" z", " $z$"))
    for i, (plain, drawn) in enumerate(zip(words, latex, strict=True)):
        line, item = _lines(plain, drawn, "from" if kind_of(op) == "Local" else "for")
        text.append(line)
        markdown.append(item)
        equations += _equations(drawn, "z" if kind_of(op) == "Local" else drawn.name)
        if plain.means is None:
            source = source_of(op.written[0 if op.variadic else i])
            text.append(textwrap.indent(source, "      "))
            markdown.append(fenced(source))
    for line in _about_nan(op, words):
        text.append(f"  {line}")
        markdown.append(line)
    if own(op) and name not in SAYS:
        source = source_of(type(op).pull)
        text.append(textwrap.indent(source, "      "))
        markdown.append(fenced(source))
    return Part("\n".join([f"{name}: z = {short(z, 80)}", *text]),
                "\n\n".join([f"**{code(name)}**: $z = {z_latex}$", *markdown]), tuple(equations))


class _Whole(Words):
    """With the case that nothing but nan comes to."""

    __slots__ = ()
    __hash__ = object.__hash__
    settled = False


def _about_nan(op: Primitive, sides: list[Side]) -> Iterable[str]:
    """What the cases of nan are that the formulas leave out."""
    left_out = [whole.means for side, whole in zip(sides, _sides(_Whole, op)[1], strict=True)
                if side.means and whole.means and side != whole]
    asked = {name for means in left_out for pair in re.findall(r"(\w+) == (\w+)", means)
             for name in pair}
    if asked:
        yield NAN.format(" or ".join(sorted(asked, key="xyw".find)))


def own(op: Primitive) -> bool:
    """Whether its kind says by itself, not by rules, what becomes of a gradient."""
    return kind_of(op) not in KINDS


def kind_of(op: Primitive) -> str:
    """The kind of the engine's that an operation is of, else the name of its own class."""
    names = [kind.__name__ for kind in type(op).__mro__]
    return next((name for name in names if name in KINDS), names[0].strip("_"))


def _about(op: Primitive) -> str:
    if own(op) and op.name in SAYS:
        return SAYS[op.name]
    about = " ".join(op.about.split())
    about = f"{about[:1].lower()}{about[1:]}" if about else "a kind of its own."
    missing = ("" if op.rules or own(op) else
               " No rule is written: to ask for its gradient is an error.")
    return f"{kind_of(op)}: {about} {KINDS.get(kind_of(op), '')}".rstrip() + missing


def _sides(kind: type[Formula], op: Primitive) -> tuple[str, list[Side]]:
    """The call of the operation, and what its rules say, for operands called x, y and w."""
    names = [*(["x0", "x1"] if op.variadic else "xyw"[:len(op.rules) or 1])]
    operands = [kind.sized(name) for name in names]
    params = {name: Words(name) for name in op.defaults}
    z = kind.written(kind.applied(op, tuple(operands), params))
    sides = []
    for i in range(len(names) if op.rules and op.differentiable and not own(op) else 0):
        g, one, result = kind.sized("g"), kind("1"), kind.sized("z")
        if i in op.fixed:
            sides.append(Side(operands[i].text, "", None))
            continue
        means = kind.of_rule(op, i, g, result, operands, params)
        local = kind.of_rule(op, i, one, result, operands, params) if op.diagonal else None
        sides.append(Side(operands[i].text, means, local))
        if op.variadic and means is None:
            break                                       # one rule serves all
    return z, sides


def _lines(plain: Side, drawn: Side, word: str) -> tuple[str, str]:
    """What a rule says for one operand: as text and as Markdown."""
    line, item = f"  {word} {plain.name}", f"- {word} ${drawn.name}$"
    if not plain.means:
        says = ", what its rule says:" if plain.means is None else ": nothing, it has no gradient"
        return line + says, item + says
    line, item = f"{line}: {plain.means}", rf"{item}: $\displaystyle {drawn.means}$"
    if plain.local is not None:
        so = f"so dz/d{plain.name} = {plain.local}"
        line += f"    {so}" if len(line + so) < 90 else f"\n         {so}"
        item += rf", so $\displaystyle {partial('z', drawn.name)} = {drawn.local}$"
    return line, item


def _equations(side: Side, name: str) -> Iterable[str]:
    if side.means:
        yield f"g_{{{name}}} = {side.means}"
    if side.local:
        yield f"{partial('z', side.name)} = {side.local}"


def partial(z: str, x: str) -> str:
    """The partial derivative of z by x, in LaTeX."""
    return rf"\frac{{\partial {z}}}{{\partial {x}}}"


def code(words: str) -> str:
    """Words in Markdown as code, where nothing in them means anything."""
    return f"`{words.replace('`', chr(39))}`"


def fenced(source: str) -> str:
    """A block of Python in Markdown."""
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{source}\n{fence}"
