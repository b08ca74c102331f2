"""What a node is called in a sentence: its name with what made it, and its line of code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...node import Node
from ..wording import constant, expression, short

WIDTH = 90                                  # columns of a line of code that are worth showing
LENGTH, OPERANDS = 60, 8                    # of an operation: characters, operands


def made(node: Node, names: Mapping[Node, str]) -> str:
    """`hidden = relu(x)`; a leaf has its name only."""
    if node.op is None:
        return names[node]
    operands = [names[arg] if isinstance(arg, Node) else constant(arg)
                for arg in node.args[:OPERANDS]] + ["…"] * (len(node.args) > OPERANDS)
    return f"{names[node]} = {short(expression(node.op.name, node.params, operands), LENGTH)}"


def line_of(node: Node) -> Any:
    """The line of code that recorded a node; None where it was not recorded in debug mode."""
    return node.origin.line if node.origin is not None else None


def code(line: Any) -> list[str]:
    """`example.py:12: loss = np.log(p)`, and under it carets that mark the piece computed."""
    first = f"{line}: {short(line.text, WIDTH)}" if line.text else str(line)
    lines = [first]
    if line.piece and first.count(line.piece) == 1:
        lines.append(" " * first.index(line.piece) + "^" * len(line.piece))
    if line.within is not None:
        lines.append(f"  in {code(line.within)[0]}")
    return lines
