"""A listing is a graph as text: one line for each result, oldest first, as Wengert wrote them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from .wording import SIGNS

if TYPE_CHECKING:
    from .graph import Box

_INFIX = set(SIGNS.values())


def name(boxes: tuple[Box, ...]) -> dict[str, str]:
    """What to call each box by its id: its label where only it has that, else a number."""
    count = Counter(box.label for box in boxes)
    return {"more": "…"} | {
        box.id: box.label if box.label and count[box.label] == 1 else
        f"{box.label}#{box.id[1:]}" if box.label else f"v{box.id[1:]}" for box in boxes}


def text(boxes: tuple[Box, ...], more: int) -> str:
    """The lines, in columns: name, what made it, data, gradient, local derivatives."""
    names = name(boxes)
    rows = [(names[box.id], _made(box, names), f"{box.kind} {box.data}".strip(),
             f"grad {box.grad}", _locals(box, names)) for box in boxes]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in rows]
    return "\n".join([f"… {more:,} more nodes"] * bool(more) + lines)


def _made(box: Box, names: dict[str, str]) -> str:
    """`= a * b`, `= tanh(v3)`; nothing for a leaf."""
    operands = [names.get(link.source, link.constant) for link in box.operands]
    if not box.op:
        return ""
    if box.op in _INFIX and len(operands) == 2:
        return f"= {operands[0]} {box.op} {operands[1]}"
    return f"= {box.op}({', '.join(operands)})"


def _locals(box: Box, names: dict[str, str]) -> str:
    return ", ".join(f"{names[link.source]}: {link.local}" for link in box.operands if link.local)


def as_svg(lines: str) -> str:
    """Text as an SVG picture: what is left where nothing can lay a graph out."""
    rows = lines.splitlines()
    width, height = 20 + 7 * max(map(len, rows)), 20 + 15 * len(rows)
    drawn = "".join(f'<text x="10" y="{20 + 15 * i}" xml:space="preserve">{escape(row)}</text>'
                    for i, row in enumerate(rows))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
            f'<rect width="{width}" height="{height}" fill="white"/>'
            f'<g font-family="Courier,monospace" font-size="11">{drawn}</g></svg>')
