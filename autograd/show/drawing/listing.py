"""A listing is a graph as text: one line for each result, oldest first, as Wengert wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from ..wording import SIGNS

if TYPE_CHECKING:
    from .boxes import Box, Frame
    from .shades import Shades

_INFIX = set(SIGNS.values())


def text(boxes: tuple[Box, ...], frames: Iterable[Frame] = (),
         shades: Shades | None = None) -> str:
    """The lines, in columns: name, what made it, data, gradient, local derivatives, block.

    With `shades` a column shows how large each gradient is, and a last line the scale.
    """
    names = {"more": "…"} | {box.id: box.name for box in boxes}
    blocks = {frame.id: frame.title for frame in frames}
    rows = [(box.label if box.inside else box.name, _made(box, names),
             f"{box.kind} {box.data}".strip(), f"grad {box.grad}",
             *([shades.mark(box.norm)] if shades is not None else []),
             _locals(box, names), f"in {blocks[box.frame]}" if box.frame else "") for box in boxes]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)
                       if width).rstrip() for row in rows]
    if shades is not None:
        lines.append(shades.scale())
    return "\n".join(lines)


def _made(box: Box, names: dict[str, str]) -> str:
    """`= a * b`, `= tanh(v3)`, `= 49 nodes, 17 parameters of x`; nothing for a leaf."""
    operands = _some([names.get(link.source, link.constant)
                      + (f" ×{link.count:,}" if link.count > 1 and link.source else "")
                      for link in box.operands])
    if box.inside:
        return f"= {box.contents}" + (f" of {', '.join(operands)}" if operands else "")
    if not box.op:
        return ""
    if box.op in _INFIX and len(operands) == 2:
        return f"= {operands[0]} {box.op} {operands[1]}"
    return f"= {box.op}({', '.join(operands)})"


def _locals(box: Box, names: dict[str, str]) -> str:
    return ", ".join(_some([f"{names[link.source]}: {link.local}" for link in box.operands
                            if link.local]))


def _some(words: list[str]) -> list[str]:
    return words if len(words) <= 8 else [*words[:6], f"… {len(words) - 6:,} more"]


def as_svg(lines: str) -> str:
    """Text as an SVG picture: what is left where nothing can lay a graph out."""
    rows = lines.splitlines()
    width, height = 20 + 7 * max(map(len, rows)), 20 + 15 * len(rows)
    drawn = "".join(f'<text x="10" y="{20 + 15 * i}" xml:space="preserve">{escape(row)}</text>'
                    for i, row in enumerate(rows))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
            f'<rect width="{width}" height="{height}" fill="white"/>'
            f'<g font-family="Courier,monospace" font-size="11">{drawn}</g></svg>')
