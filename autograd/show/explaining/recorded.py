"""What was recorded, as a table: each result, how it was made, and its local derivatives.

One row for each operand: the derivative in symbols, from the rule, and its number here. Where an
operation is not element by element, the map of g and its shapes stand there instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from ...kinds import Custom, Elementwise, Linear, Multilinear
from ...node import Node
from ...storage import is_array, quiet, to_number
from ..formula import Formula, Words
from ..names import names as names_of
from ..wording import amount, kind, short
from .latex import Latex, plain
from .operation import Part, code, partial

ROWS = 40                                   # results that are listed, and leaves
HEAD = ("result", "value", "operand", "local derivative", "here")


class Row(NamedTuple):
    """One operand of one result; the derivative as text, and in LaTeX ("" where it has none)."""

    result: str
    value: str
    operand: str
    derivative: str
    here: str
    latex: str

    def cells(self) -> tuple[str, ...]:
        """The columns as text."""
        return (*self[:3], short(self.derivative, 60), self.here)


def recorded(nodes: list[Node], since: int, names: bool | Mapping[str, Any] = False) -> Part:
    """The table of those of `nodes`, a whole history, that are newer than serial `since`."""
    made = [node for node in nodes if node.op is not None and node.serial > since]
    shown = made[:ROWS]
    symbols = _Symbols(shown, names_of(nodes, names))
    rows: list[Row] = []
    equations: list[str] = []
    for node in shown:
        rows += _rows(node, symbols)
        equations += _equations(node, symbols)
    leaves = _leaves(shown, symbols)
    text = [f"  with {', '.join(leaves)}"] if leaves else []
    text += ["", *_columns([HEAD, *(row.cells() for row in rows)])]
    markdown = [f"with {', '.join(map(code, leaves))}"] if leaves else []
    markdown.append("\n".join(_markdown(rows)))
    if len(made) > ROWS:
        text.append(f"  … and {len(made) - ROWS:,} more results")
        markdown.append(f"… and {len(made) - ROWS:,} more results")
    return Part("\n".join(text), "\n\n".join(markdown), tuple(equations))


class _Symbols:
    """What nodes and constant arrays are called, and the formulas they are in a rule."""

    def __init__(self, shown: list[Node], names: Mapping[Node, str]) -> None:
        taken = set(names.values())
        self.names = {id(node): name if _fits(name) else _free(f"v{place}", taken)
                      for place, (node, name) in enumerate(names.items())}
        arrays = {id(arg): arg for node in shown for arg in node.args
                  if is_array(arg) and arg.shape != ()}
        self.constants = {_free(f"c{k}", taken): array for k, array in enumerate(arrays.values())}
        self.names |= {id(array): name for name, array in self.constants.items()}

    def of(self, kind: type[Formula], x: Any) -> Any:
        """A node or array as a formula; a number as it is."""
        if isinstance(x, Node) or (is_array(x) and x.shape != ()):
            return kind.named(self.names[id(x)], like=x)
        return to_number(x) if is_array(x) else x

    def call(self, kind: type[Formula], node: Node) -> str:
        """How a node was made."""
        args = tuple(self.of(kind, arg) for arg in node.args)
        return kind.written(kind.applied(node.op, args, node.params))

    def derivative(self, kind: type[Formula], node: Node, i: int) -> str | None:
        """The local derivative of operand i, or the map of g; None where it cannot be printed."""
        if not isinstance(node.op, (Elementwise, Linear, Multilinear, Custom)):
            return None
        g = kind("1", like=node) if _one_number(node, i) else kind.named("g", like=node)
        args = [self.of(kind, arg) for arg in node.args]
        return kind.of_rule(node.op, i, g, self.of(kind, node), args, node.params)


def _fits(name: str) -> bool:
    """Whether a name can stand in a formula: w, w#1, x[0]."""
    word = re.fullmatch(r"[^\W\d]\w*(#\d+|\[['\w]+\])?", name)
    return word is not None and len(name) <= 24 and name != "g"


def _free(name: str, taken: set[str]) -> str:
    """The name, or one like it that nothing else is called."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _one_number(node: Node, i: int) -> bool:
    """Whether the edge is one factor: of an elementwise operation, or between two numbers."""
    return bool(node.op.diagonal) or (isinstance(node.data, float)
                                      and isinstance(node.args[i].data, float))


def _rows(node: Node, symbols: _Symbols) -> Iterable[Row]:
    result = f"{symbols.names[id(node)]} = {symbols.call(Words, node)}"
    value = kind(node.data) or amount(node.data)
    for i, arg in enumerate(node.args):
        if isinstance(arg, Node):
            words = symbols.derivative(Words, node, i)
            latex = symbols.derivative(Latex, node, i)
            arrow, drawn = ("", "") if _one_number(node, i) else ("g → ", r"g \mapsto ")
            yield Row(short(result, 60), value, symbols.names[id(arg)],
                      f"{arrow}{f'{node.op.name}ᵀ(g)' if words is None else words}",
                      _here(node, i), "" if latex is None else drawn + latex)
            result = value = ""


def _here(node: Node, i: int) -> str:
    """The local derivative as a number, or the shapes that the map of g goes between."""
    if _one_number(node, i):
        with suppress(Exception), quiet():              # a rule is anybody's code
            part = node.contribution(i, node.ones())
            return "no gradient" if part is None else amount(part)
        return "unknown"
    return f"{_shape(node.data)} → {_shape(node.args[i].data)}"


def _shape(data: Any) -> str:
    if isinstance(data, tuple):
        return f"{len(data)} arrays"
    return str(tuple(data.shape)) if is_array(data) else "number"


def _equations(node: Node, symbols: _Symbols) -> Iterable[str]:
    z = symbols.of(Latex, node).text
    yield f"{z} = {symbols.call(Latex, node)}"
    for i, arg in enumerate(node.args):
        latex = symbols.derivative(Latex, node, i) if isinstance(arg, Node) else None
        if latex is not None:
            x = symbols.of(Latex, arg).text
            left = partial(z, x) if _one_number(node, i) else f"g_{{{x}}}"
            again = sum(arg is other for other in node.args) > 1
            yield f"{left} = {latex}" + (rf" \quad {plain(f'(operand {i + 1})')}" if again else "")


def _leaves(made: list[Node], symbols: _Symbols) -> list[str]:
    """What the results were made of: the operands that are not among them, and constant arrays."""
    inner = set(map(id, made))
    operands = {id(arg): arg for node in made for arg in node.args
                if isinstance(arg, Node) and id(arg) not in inner}
    shown = [f"{symbols.names[id(arg)]} = {kind(arg.data) or amount(arg.data)}"
             for arg in operands.values()]
    shown += [f"{name} = {kind(array)}" for name, array in symbols.constants.items()]
    return shown if len(shown) <= ROWS else [*shown[:ROWS], f"{len(shown) - ROWS:,} more"]


def _columns(rows: list[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _markdown(rows: list[Row]) -> Iterable[str]:
    yield f"| {' | '.join(HEAD)} |"
    yield "|---" * len(HEAD) + "|"
    for row in rows:
        derivative = rf"$\displaystyle {row.latex}$" if row.latex else code(row.derivative)
        cells = [code(cell) if cell else "" for cell in row.cells()]
        cells[3] = derivative
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
