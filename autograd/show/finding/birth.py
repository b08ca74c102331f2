"""A birth is where inf or nan came of finite numbers: in an operation, on an edge, or in the data.

Many an inf is meant, as the -inf of a mask that exp takes back to 0. To blame is the birth that
tips: the graph is computed again with only the first births left, then with more of them, and the
one that makes the end nan or inf is found by bisection.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...node import Node
from ...storage import is_array
from ...value import Value
from ..numbers import bad, nonfinite, parts, replaced, shape, some
from .blocked import pulled

Birth = tuple[Node, int]                    # a node and its operand: a constant, or an edge
RESULT = -1                                 # in place of an operand: the node itself


def tipping(births: list[Birth], breaks: Callable[[Collection[Birth]], bool]) -> Birth:
    """The first birth with which, and with all before it, the end is not finite."""
    k = bisect.bisect_left(range(len(births) - 1), True, key=lambda k: breaks(births[:k + 1]))
    return births[k]


# -- forward ---------------------------------------------------------------------------------------

def culprit(root: Node, nodes: list[Node]) -> Birth | None:
    """What made the root nan or inf; None where it is finite. `nodes` are its history."""
    region = _region(root)
    way = [node for node in nodes if node in region]
    return tipping(list(_births(way)), lambda kept: _breaks(way, kept)) if way else None


def _region(root: Node) -> set[Node]:
    """What is not finite and leads to the root through nothing that is finite."""
    waiting = [root] if bad(root.data) else []
    found = set(waiting)
    for node in waiting:                                # grows while it is read
        for arg in node.args:
            if isinstance(arg, Node) and arg not in found and bad(arg.data):
                found.add(arg)
                waiting.append(arg)
    return found


def _births(way: list[Node]) -> Iterator[Birth]:
    """Where nan and inf came in, oldest first: leaves, constants, results of finite numbers."""
    for node in way:
        yield from ((node, i) for i, arg in enumerate(node.args)
                    if not isinstance(arg, Node) and bad(arg))
        if any(map(some, born(node, node.data, node.numbers()))):
            yield node, RESULT


def born(node: Node, data: Any, numbers: Sequence[Any]) -> list[Any]:
    """Where a result is not finite although its operands are: a mask for each output."""
    wrong = [nonfinite(part) for part in parts(data)]
    if node.op is not None and node.op.diagonal:
        return [_without(mask, map(nonfinite, numbers)) for mask in wrong]
    return [False] * len(wrong) if any(map(bad, numbers)) else wrong


def _without(mask: Any, others: Iterable[Any]) -> Any:
    """Where `mask` is true and none of the others is."""
    for other in others:
        mask = mask & (~other if is_array(other) else not other)
    return mask


def _breaks(way: list[Node], births: Collection[Birth]) -> bool:
    """Whether the last of `way` is not finite if only these births happen."""
    kept = set(births)
    new: dict[Node, Any] = {}
    for node in way:
        numbers = [new.get(arg, arg.data) if isinstance(arg, Node) else
                   arg if (node, i) in kept else _cleaned(arg, [nonfinite(arg)])
                   for i, arg in enumerate(node.args)]
        same = all(x is y for x, y in zip(numbers, node.numbers(), strict=True))
        data = node.data if same else _computed(node, tuple(numbers))
        if (node, RESULT) not in kept:
            data = _cleaned(data, born(node, data, numbers))
        new[node] = data
    return bad(new[way[-1]])


def _cleaned(data: Any, masks: list[Any], by: float = 1.0) -> Any:
    """The data, or several outputs, with a number where the masks are true."""
    if not any(map(some, masks)):
        return data
    clean = [replaced(part, mask, by) for part, mask in zip(parts(data), masks, strict=True)]
    return type(data)(clean) if isinstance(data, tuple) else clean[0]


def _computed(node: Node, numbers: tuple[Any, ...]) -> Any:
    """The operation of a node on other numbers."""
    compute = node.op.on_floats if isinstance(node, Value) else node.op.on_arrays
    return compute(numbers, node.params)


# -- backward --------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Edge:
    """An edge that made inf or nan of a finite gradient: what came, what was sent, and where."""

    upstream: Any
    sent: Any
    wrong: Any                              # the mask of what is not finite
    elementwise: bool                       # result and operand have the same shape


def culprit_edge(root: Node, nodes: list[Node]) -> tuple[Node, int, Edge] | None:
    """What made the gradient of a leaf nan or inf; None where all are finite."""
    edges: dict[Birth, Edge] = {}
    if not _spoils(root, nodes, None, edges):
        return None
    birth = tipping(list(edges), lambda kept: _spoils(root, nodes, set(kept), {}))
    return *birth, edges[birth]


def _spoils(root: Node, nodes: list[Node], kept: Collection[Birth] | None,
            edges: dict[Birth, Edge]) -> bool:
    """Whether the gradient of a leaf is not finite if only the births in `kept` happen.

    Without `kept` all happen, and the edges where they do are written into `edges`.
    """
    found, broken = {root: root.ones()}, False
    for node in reversed(nodes):
        if node not in found:
            continue
        g = found.pop(node)
        broken = broken or (node.op is None and bad(g))
        for i, arg in enumerate(node.args):
            if not isinstance(arg, Node):
                continue
            before, part = found.get(arg), pulled(node, i, g)
            found[arg] = after = part if before is None else before + part
            masks = _sent(node, g, before, after) if bad(after) else []
            if kept is None and any(map(some, masks)):
                k = next(k for k, mask in enumerate(masks) if some(mask))
                edges[node, i] = Edge(g, parts(after)[k], masks[k], node.op.diagonal and
                                      shape(node.data) == shape(arg.data))
            elif kept is not None and (node, i) not in kept:
                found[arg] = _cleaned(after, masks, 0.0)
    return broken


def _sent(node: Node, g: Any, before: Any, after: Any) -> list[Any]:
    """Where a gradient is not finite after a contribution, although all that went in is."""
    old = parts(before) if before is not None else (None,) * len(parts(after))
    wrong = [_without(nonfinite(part), [nonfinite(was)])
             for part, was in zip(parts(after), old, strict=True)]
    if node.op.diagonal and shape(g) == shape(after) and not isinstance(after, tuple):
        return [_without(mask, [nonfinite(g)]) for mask in wrong]
    return [False] * len(wrong) if bad(g) else wrong
