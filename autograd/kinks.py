"""A kink is a point where a derivative jumps, or the result itself: which operands sit on one.

Each operation says beside its rule how far its operands are from its nearest kink; 0 is on it.
"""

from typing import Any

from .node import Node
from .ops.elementwise import abs
from .storage import quiet


def near(node: Node, within: float = 0.0) -> Any:
    """Where the operands of a node are at a kink, or `within` so much of it: a mask, or a bool."""
    if node.op is None or node.op.kink is None:
        return False
    with quiet():
        return abs(node.op.kink(*node.numbers(), **node.params)) <= within
