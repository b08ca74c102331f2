"""A card is a Value or a Tensor as a notebook shows it: what it is, what made it, its gradient.

Inline styles only, and no colour of the page's own: light and dark themes stay readable.
"""

from __future__ import annotations

from contextlib import suppress
from html import escape
from itertools import chain, count
from typing import Any

from ..node import ZERO, Node
from ..storage import device
from ..tensor import Tensor
from . import heat
from .derivative import derivative
from .numbers import norm as length
from .wording import amount, constant, expression, kind, number, short

LIMIT = 8                                   # numbers on a side, and operands, that are written out
TABLE = '<table style="border-collapse:collapse;font-size:12px;margin:2px 0">'
FAINT = '<span style="opacity:0.65">{}</span>'


def card(x: Any) -> str | None:
    """The HTML of a Value or Tensor; None, which shows the plain repr, where it fails."""
    with suppress(Exception):               # rules, labels and storages are anybody's
        return _tensor(x) if isinstance(x, Tensor) else _value(x)
    return None


def row(*cells: str, left: int = 1, tag: str = "td") -> str:
    """A row of a table from pieces of HTML: `left` of them to the left, the others to the right."""
    made = (cell(content, "left" if i < left else "right", tag) for i, content in enumerate(cells))
    return f"<tr>{''.join(made)}</tr>"


def cell(content: str, side: str = "right", tag: str = "td", *, span: int = 1,
         colour: str = "") -> str:
    """A cell of a table, its HTML to one side, on a background colour where one is given."""
    style = f"padding:1px 8px;white-space:nowrap;vertical-align:top;text-align:{side}"
    style += f";background:{colour}" if colour else ""
    wide = f' colspan="{span}"' if span > 1 else ""
    return f'<{tag} style="{style}"{wide}>{content}</{tag}>'


def made(node: Node, names: list[str]) -> str:
    """How a node was made: `= a * b`, `= tanh(x)`; nothing for a leaf."""
    if node.op is None:
        return ""
    some = [*names[:LIMIT], *["…"] * (len(names) > LIMIT)]
    return f"= {expression(node.op.name, node.params, some)}"


def operand_names(node: Node) -> list[str]:
    """What to call each operand: its label, else x, y ..., the same for the same node."""
    labels = [short(arg.label) for arg in node.args if isinstance(arg, Node)]
    free = (name for name in chain("xyzuvw", map("x{}".format, count())) if name not in labels)
    names: dict[int, str] = {}
    for arg in node.args:
        if isinstance(arg, Node) and id(arg) not in names:
            names[id(arg)] = short(arg.label) or next(free)
    return [names[id(arg)] if isinstance(arg, Node) else
            constant(arg) for arg in node.args]


# -- Values ----------------------------------------------------------------------------------------

def _value(x: Any) -> str:
    names = operand_names(x)
    head = f"<b>{escape(short(x.label) or 'Value')}</b> {escape(made(x, names))}".strip()
    rows = [row("", "data", "grad", "local derivative" * bool(names), tag="th"),
            row(head, number(x.data), _grad(x), "")]
    operands = [i for i, arg in enumerate(x.args) if isinstance(arg, Node)]
    called = {x: short(x.label) or "Value"} | {x.args[i]: names[i] for i in operands}
    for i in operands[:LIMIT]:
        shown = names[i], amount(x.args[i].data), _grad(x.args[i]), derivative(x, i, called)
        rows.append(row("&emsp;" + escape(shown[0]), *map(escape, shown[1:])))
    more = len(operands) - LIMIT
    rows += [row(f"&emsp;… {more:,} more", "", "", "")] * (more > 0)
    return f"{TABLE}{''.join(rows)}</table>"


def _grad(node: Node) -> str:
    """The gradient of a node as it was computed, "–" where it was not."""
    grad = node.grad.data if isinstance(node.grad, Tensor) else node.grad
    return "–" if grad is None or grad is ZERO else amount(grad)


# -- Tensors ---------------------------------------------------------------------------------------

def _tensor(x: Tensor) -> str:
    node = x.node
    head = " ".join([f"<b>{escape(short(x.label) or 'Tensor')}</b>",
                     escape(f"{made(node, operand_names(node))} {kind(x.data)}".strip())])
    where = str(device(x.data))
    words = [] if where == "None" or "cpu" in where.lower() else [where]
    words += ["requires_grad"] if x.requires_grad and x.is_leaf else []
    parts = [_array("data", x.data)]
    if node.grad is not None:
        parts.append(_array("grad", node.grad.data, norm=True))
    elif x.requires_grad and x.is_leaf:
        words.append("grad –")
    faint = FAINT.format(escape(" · ".join(words))) if words else ""
    return f'<div style="font-size:12px">{head} {faint}<br>{"".join(parts)}</div>'


def _array(name: str, array: Any, norm: bool = False) -> str:
    """One array: its numbers in words, and as a table where it is small, else as a picture."""
    x = heat.on_host(array)
    if x is None:
        said, shown = "not known yet", ""
    elif not x.size:
        said, shown = "empty", ""
    else:
        grid, arranged = heat.cells(x)
        small = max(grid.shape) <= LIMIT
        said = heat.summary(x) + (f", norm {number(length(x))}" if norm else "")
        said = "; ".join(filter(None, [said, "" if small else heat.colours(grid), arranged]))
        shown = _numbers(x, grid) if small else heat.picture(grid, f"{name}: {said}")
    return ('<div style="display:inline-block;vertical-align:top;margin:4px 16px 0 0;'
            'max-width:300px">'
            f"{FAINT.format(escape(f'{name}: {said}'))}<br>{shown}</div>")


def _numbers(x: Any, grid: Any) -> str:
    """A small array as a table of its numbers, coloured as its picture would be."""
    colours = heat.PALETTE[heat.levels(grid)].tolist()
    rows = zip(x.reshape(grid.shape).tolist(), colours, strict=True)
    return TABLE[:-2] + ';border:1px solid #888;text-align:right">' + "".join("<tr>" + "".join(
        f'<td style="padding:1px 6px;background:#{red:02x}{green:02x}{blue:02x};'
        f'color:{"#000" if 3 * red + 6 * green + blue > 1300 else "#fff"}">{number(n)}</td>'
        for n, (red, green, blue) in zip(*line, strict=True)) + "</tr>"
        for line in rows) + "</table>"
