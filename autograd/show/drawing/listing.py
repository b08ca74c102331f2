"""A listing is a graph as text: one line for each result, oldest first, as Wengert wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from .boxes import Box, Frame, some

if TYPE_CHECKING:
    from .shades import Shades

def text(boxes: tuple[Box, ...], frames: Iterable[Frame] = (),
         shades: Shades | None = None) -> str:
    """The lines, in columns: name, what made it, data, gradient, local derivatives, block.

    With `shades` a column shows how large each gradient is, and a last line the scale.
    """
    blocks = {frame.id: frame.title for frame in frames}
    rows = [(box.label if box.inside else box.name, _made(box),
             f"{box.kind} {box.data}".strip(), f"grad {box.grad}",
             *([shades.mark(box.size)] if shades is not None else []),
             _locals(box), f"in {blocks[box.frame]}" if box.frame else "") for box in boxes]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)
                       if width).rstrip() for row in rows]
    if shades is not None:
        lines.append(shades.scale())
    return "\n".join(lines)


def _made(box: Box) -> str:
    """`= a * b`, `= tanh(v3)`, `= 49 nodes, 17 parameters of x`; nothing for a leaf."""
    if box.inside:
        operands = some([link.called for link in box.operands])
        return f"= {box.contents}" + (f" of {', '.join(operands)}" if operands else "")
    return f"= {box.made}" if box.made else ""


def _locals(box: Box) -> str:
    return ", ".join(some([f"{link.name}: {link.local}" for link in box.operands if link.local]))


def as_svg(lines: str) -> str:
    """Text as an SVG picture: what is left where nothing can lay a graph out."""
    rows = lines.splitlines()
    width, height = 20 + 7 * max(map(len, rows)), 20 + 15 * len(rows)
    drawn = "".join(f'<text x="10" y="{20 + 15 * i}" xml:space="preserve">{escape(row)}</text>'
                    for i, row in enumerate(rows))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
            f'<rect width="{width}" height="{height}" fill="white"/>'
            f'<g font-family="Courier,monospace" font-size="11">{drawn}</g></svg>')
