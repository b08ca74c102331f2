"""Copies and pickles of graphs: nodes are written oldest first, so that nothing recurses.

`pickle` and `deepcopy` follow references, and a chain of 100,000 nodes would overflow their stack.
So a node first hands over a list of its ancestors, oldest first; while that list is written, each
node finds its own operands written already. Fresh serial numbers are given in the old order.
"""

import threading
from collections.abc import Iterator
from typing import Any

from .keeping import note
from .node import ZERO, Node
from .storage import is_array
from .sweep import history

_local = threading.local()


class Ancestors:
    """The history of a node, which pickles as a list, oldest first."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def __reduce_ex__(self, protocol: Any) -> Any:
        return list, (), None, self._oldest_first()

    def _oldest_first(self) -> Iterator[Node]:
        _local.depth = getattr(_local, "depth", 0) + 1
        try:
            yield from history([self.node])[:-1]
        finally:
            _local.depth -= 1


def reduce_node(node: Node) -> Any:
    """What pickle and copy need to make a node anew."""
    inside = getattr(_local, "depth", 0) > 0
    ancestors = None if inside or not node.args else Ancestors(node)
    grad = None if node.grad is ZERO else node.plain_grad()
    return rebuild, (ancestors, type(node), node.data, grad, node.op, node.args, node.params,
                     node.label, node.origin)


def rebuild(ancestors: Any, kind: Any, data: Any, grad: Any, op: Any, args: Any, params: Any,
            label: str, origin: Any = None) -> Any:
    """The node of `reduce_node`, with a fresh serial number."""
    node = kind.recorded(data, op, args, params)
    if any(is_array(arg) for arg in args):
        note(node)
    node.restore(grad, label, origin)
    return node
