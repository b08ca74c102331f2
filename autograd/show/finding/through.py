"""What goes through the nodes on the way from x to the loss, where the paths are too many to list.

At each node stand the gradient of the loss there and how the node changes with x. Their product is
what comes to x through that node, and so it shows where a gradient grows, vanishes or dies.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ...node import Node
from ...storage import full, is_array, is_complex, namespace
from ...sweep import push
from ..numbers import norm, size_of
from ..wording import number
from .blocked import Edges
from .sentence import line_of, made

ROWS = 20
NUMBERS = ("gradient: how the result changes with the node; derivative: how the node changes with",
           "x; product of the two: what comes to x through this node")
ARRAYS = ("|gradient|: norm of the gradient at the node; |change|: how far the node moves for a",
          "step of length 1 of x along its gradient; product: how the result changes by that move")


@dataclass(frozen=True)
class Row:
    """One node: |gradient of the loss there|, |its change with x|, and their product."""

    node: Node
    name: str
    gradient: float
    derivative: float
    product: float


@dataclass(frozen=True)
class Through:
    """A table of nodes on the way, x first.

    For an array x the change is that along the gradient, a unit step of x long, and gradients and
    changes are norms; for a number they are the numbers themselves.
    """

    rows: tuple[Row, ...]
    of: int                                 # nodes on the way
    along: bool                             # x is an array

    def __repr__(self) -> str:
        heads = ("|gradient|", "|change|", "product") if self.along else (
            "gradient", "derivative", "product")
        rows = [(row.name, *(number(x + 0.0) for x in (row.gradient, row.derivative, row.product)))
                for row in self.rows]              # + 0.0: no minus before a zero
        shown = "all" if len(rows) == self.of else f"{len(rows)} of {self.of:,}"
        table = [(f"at ({shown} nodes on the way)", *heads), *rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join([row[0].ljust(widths[0]), *(
            cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))])
            for row in table]
        left = self.of - len(self.rows)
        return "\n".join([*lines, *(ARRAYS if self.along else NUMBERS), *(
            [f"{left:,} other node{'s' * (left > 1)} on the way left out"] if left else [])])


def through(start: Node, found: Mapping[Node, Any], edges: Edges,
            names: Mapping[Node, str], limit: int = ROWS) -> Through:
    """The table of the nodes that say most, given the gradients found on the way."""
    way = [start, *edges]
    tangents = push(way[-1:], {start: _direction(start, found[start])})
    products = {node: _inner(found[node], tangents[node]) for node in way
                if not isinstance(node.data, tuple)}
    along = size_of(start.data) != 1
    rows = []
    for node in _chosen(products, _meeting(way, edges), found, max(2, min(limit, ROWS))):
        g, t = found[node], tangents[node]
        if along or is_array(g):
            g, t = norm(g), norm(t)
        line = line_of(node)
        name = made(node, names) + ("" if line is None else f"   {line}")
        rows.append(Row(node, name, g, t, products[node]))
    return Through(tuple(rows), len(way), along)


def _direction(start: Node, g: Any) -> Any:
    """A unit step of x along its gradient; along all its elements where there is no gradient."""
    if size_of(start.data) == 1:
        return start.ones()
    length = norm(g)
    if 0 < length < math.inf:
        return g / length
    return full(g, g.shape, 1 / math.sqrt(size_of(g)))


def _inner(g: Any, t: Any) -> float:
    """The change of the loss that comes of the change t of a node with gradient g."""
    if not is_array(g):
        return float(g * t)
    xp = namespace(g)
    product = xp.conj(g) * t if is_complex(g) else g * t
    return float(xp.sum(xp.real(product) if is_complex(product) else product))


def _chosen(products: Mapping[Node, float], meeting: set[Node], found: Mapping[Node, Any],
            limit: int) -> list[Node]:
    """At most `limit` nodes: the ends, those with a label, where all paths meet, and others."""
    nodes = list(products)
    if len(nodes) <= limit:
        return nodes
    alive = [node for node in nodes if norm(found[node]) != 0]
    picked = dict.fromkeys([nodes[0], nodes[-1], *alive[:limit > 2]])   # the first a gradient met
    for wanted in ([node for node in nodes if node.label],
                   [node for node in nodes if node in meeting],
                   [node for node in nodes if products[node] != 0], nodes):
        rest = [node for node in wanted if node not in picked]
        room = min(limit - len(picked), len(rest))
        picked |= dict.fromkeys(rest[(2 * k + 1) * len(rest) // (2 * room)] for k in range(room))
    return sorted(picked, key=attrgetter("serial"))


def _meeting(way: list[Node], edges: Edges) -> set[Node]:
    """The nodes that every path goes through: where no edge passes by."""
    leaving = Counter(node.args[i] for node, places in edges.items() for i in places)
    passing, found = 0, set()
    for node in way:                                    # oldest first
        passing -= len(edges.get(node, ()))
        if passing == 0:
            found.add(node)
        passing += leaving[node]
    return found
