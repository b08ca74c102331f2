"""In debug mode every backward walk first checks that what was recorded has not been changed.

    x = Tensor([1.0, 2.0], requires_grad=True); y = x * x
    x.data[0] = 5.0                 # the gradient of y would silently be that of another function

A recorded result is recomputed from its operands, and the first that comes out different is named.
"""

from collections.abc import Iterable
from typing import Any

from .errors import GraphError, describe
from .node import Node
from .storage import is_array, namespace, quiet


def verify(nodes: Iterable[Node]) -> None:
    """Raise GraphError at the first node whose data no longer follows from its operands."""
    for node in nodes:
        if node.op is not None:
            with quiet():
                now = node.recompute()
            if not same(now, node.data):
                operands = ", ".join(describe(arg.data) + (f" {arg.label!r}" if arg.label else "")
                                     for arg in node.args if isinstance(arg, Node))
                raise GraphError(
                    f"recorded data was changed: {node.op.name} of {operands} gave "
                    f"{_short(node.data)} and would now give {_short(now)}",
                    "write to a copy, or build the graph again after the change")


def same(x: Any, y: Any) -> bool:
    """Whether the numbers are the same, nan beside nan."""
    if isinstance(x, tuple):
        return all(map(same, x, y))
    if not is_array(x):
        return x == y or (x != x and y != y)
    return bool(namespace(x).all((x == y) | ((x != x) & (y != y))))


def _short(x: Any) -> str:
    text = " ".join(str(x).split())
    return text if len(text) <= 60 else text[:57] + "..."
