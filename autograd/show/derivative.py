"""What stands on an edge: the local derivative where it is one number, the map of g elsewhere.

Nothing is stated again here. The number is the rule applied to 1, the map is the same rule run on
symbols: `g @ Wᵀ`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ..kinds import Local
from ..node import Node
from ..storage import quiet
from .formula import Words
from .wording import number

WIDTH = 30                                  # characters that an edge has room for


def derivative(node: Node, i: int) -> str:
    """What the edge from operand i to `node` says."""
    op = node.op
    if isinstance(node.data, float) and isinstance(node.args[i].data, float):
        with suppress(Exception), quiet():      # a rule is anybody's code, or there is none
            return f"×{number(node.contribution(i, 1.0))}"
    formula = None if isinstance(op, Local) or not op.rules else _formula(node, i)
    return formula if formula and len(formula) <= WIDTH else f"{op.name}ᵀ(g)"


def _formula(node: Node, i: int) -> str | None:
    """The rule of operand i as text; None where it looks deeper than at shapes."""
    names = _names(node)
    operands = [Words(name, like=arg) for name, arg in zip(names, node.args)]
    g, z = Words("g", like=node), Words(_name(node, "z"), like=node)
    return Words.of_rule(node.op, i, g, z, operands, node.params)


def _names(node: Node) -> list[str]:
    if len(node.args) > 3:
        return [_name(arg, f"x{i}") for i, arg in enumerate(node.args)]
    return [_name(arg, default) for arg, default in zip(node.args, "xyw")]


def _name(x: Any, default: str) -> str:
    """The label of an operand where it can stand in a formula; a number stands for itself."""
    if isinstance(x, (int, float)):
        return repr(x)
    label = x.label if isinstance(x, Node) else ""
    return label if str(label).isidentifier() and label != "g" else default
