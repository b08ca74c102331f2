"""Why a gradient is what it is: the paths from x to the loss, and what comes along each.

The gradient is the sum over all paths of what the loss sends back along that path alone: for
numbers the product of the local derivatives. Where it is 0 or was never computed, one operation or
one gap is to blame, and that is what is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...errors import DtypeError, ShapeError, describe
from ...node import Node
from ...storage import is_complex, quiet
from ...sweep import history, leading_to
from ...tensor import Tensor
from ...value import Value
from ..derivative import derivative
from ..names import names
from ..numbers import few, size_of
from ..wording import number, short
from . import blocked
from .blocked import Edges, pulled
from .through import Through, through

ENDS = 3                                    # nodes shown at either end of a long path


@dataclass(frozen=True)
class Path:
    """One way from x to the loss: the nodes, x first, and `product`, what it adds to the gradient.

    `product` is a number, or an array in the shape of x: the loss's 1 pulled back along this path.
    """

    nodes: tuple[Any, ...]
    places: tuple[int, ...]                 # each node but x: the operand that is the one before
    names: tuple[str, ...]
    product: Any

    @property
    def locals(self) -> tuple[float | str, ...]:
        """What each edge does: its derivative where both ends are numbers, else a map of g."""
        return tuple(map(_local, self.nodes[1:], self.places))

    def __repr__(self) -> str:
        n = len(self.places)
        hidden = range(ENDS, n - ENDS) if n > 2 * ENDS + 1 else range(0)
        edges = [_local(self.nodes[k + 1], self.places[k]) for k in range(n) if k not in hidden]
        names = [name for k, name in enumerate(self.names) if k - 1 not in hidden]
        if hidden:
            names.insert(ENDS + 1, f"… {len(hidden):,} nodes …")
            edges.insert(ENDS, "…")
        plain = all(isinstance(edge, float) or edge == "…" for edge in edges)
        words = [number(edge) if isinstance(edge, float) else edge for edge in edges]
        if not plain:                           # maps of g, which comes from the right
            words = [f"×{word}" if isinstance(edge, float) else word
                     for word, edge in zip(words, edges, strict=True)]
        return (f"{' → '.join(names)}:   {(' × ' if plain else ' ← ').join(words) or '1'} = "
                f"{few(self.product)}")


@dataclass(frozen=True)
class Why:
    """The answer of `why`: `gradient` is the sum of the products of all `count` paths.

    `paths` has those within the limit. Where there are more, `through` has the nodes on the way.
    `blocked` says what stops the gradient, or a part of it; it is empty where nothing does.
    """

    name: str
    gradient: Any
    count: int
    paths: list[Path] = field(default_factory=list)
    blocked: str = ""
    through: Through | None = None

    def __repr__(self) -> str:
        lines = [f"d loss / d {self.name} = {few(self.gradient)}, by {_many(self.count)}"]
        if self.through is None:
            lines += [f"  {path}" for path in self.paths]
        else:
            lines += [f"  {line}" for line in str(self.through).splitlines()]
            lines.append(f"  {len(self.paths)} of the paths are in .paths; for more: "
                         "why(x, loss, limit=...)")
        return "\n".join([*lines, *([f"  {self.blocked}"] if self.blocked else [])])


def why(x: Any, loss: Any, limit: int = 20) -> Why:
    """The paths from x to loss, `limit` at most, and what comes back to x along each.

    x and loss are Values or Tensors, the loss of one element. What the paths bring sums to the
    gradient of x, in its shape. With more paths than `limit` the answer is a table of nodes on the
    way. Where the gradient is 0, or nothing leads from x to the loss, the answer names what is in
    the way. Raises DtypeError for anything else, ShapeError for a loss of several elements.
    """
    start, end = _ends(x, loss)
    nodes = history([end])
    called = names(nodes)
    name = called.get(start) or short(x.label) or "x"
    live = leading_to(nodes, {start})
    if end not in live:
        return Why(name, start.zeros(), 0, blocked=blocked.gap(x, name, nodes, called))
    way = [node for node in nodes if node in live]
    edges = {node: [i for i, arg in enumerate(node.args) if isinstance(arg, Node) and arg in live]
             for node in way if node is not start}
    total = _count(start, edges)
    with quiet():
        found = _gradients(end, edges)
        paths = [path for path, _ in zip(_paths(start, end, edges, called), range(limit),
                                         strict=False)]
        table = through(start, found, edges, called) if total > len(paths) else None
        stop = blocked.shut(start, found, edges, called)
        if not stop and table is None and blocked.cancel([p.product for p in paths], found[start]):
            stop = "the paths cancel, but for rounding"
    return Why(name, found[start], total, paths, stop, table)


def _ends(x: Any, loss: Any) -> tuple[Node, Node]:
    """The nodes of x and of the loss."""
    for end in (x, loss):
        if not isinstance(end, (Value, Tensor)):
            raise DtypeError(f"why() of {describe(end)}", "give it two Values or Tensors")
    start, end = (each.node if isinstance(each, Tensor) else each for each in (x, loss))
    if size_of(end.data) != 1:
        raise ShapeError(f"why() of a loss of shape {tuple(end.data.shape)}",
                         "reduce it to one number first, as in loss.sum()")
    if not isinstance(end.data, float) and is_complex(end.data):
        raise DtypeError(f"why() of a complex loss, {describe(end.data)}",
                         "reduce it to a real number first, as in abs(loss)")
    return start, end


def _count(start: Node, edges: Edges) -> int:
    """How many paths there are; of the numbers on the way only those still needed are kept."""
    last = {node.args[i]: node for node, places in edges.items() for i in places}
    counts, total = {start: 1}, 1
    for node, places in edges.items():                  # oldest first: operands come before
        counts[node] = total = sum(counts[node.args[i]] for i in places)
        for arg in {node.args[i] for i in places}:
            if last[arg] is node:
                del counts[arg]
    return total


def _gradients(end: Node, edges: Edges) -> dict[Node, Any]:
    """The gradient of the loss with respect to every node on the way to x."""
    found = {end: end.ones()}
    for node in reversed(edges):
        for i in edges[node]:
            arg, part = node.args[i], pulled(node, i, found[node])
            found[arg] = found[arg] + part if arg in found else part
    return found


def _local(node: Node, i: int) -> float | str:
    """What the edge from operand i to `node` does."""
    if isinstance(node.data, float) and isinstance(node.args[i].data, float):
        with quiet():
            return float(node.contribution(i, 1.0))
    return derivative(node, i)


def _paths(start: Node, end: Node, edges: Edges, called: dict[Node, str]) -> Iterator[Path]:
    """Every path, walked back from the loss; each step knows the one that it came from."""
    waiting: list[Any] = [(None, -1)]                   # (step before, its operand to go on with)
    while waiting:
        before, i = waiting.pop()
        if before is None:
            step: Any = (end, end.ones(), i, before)
        else:
            step = (before[0].args[i], pulled(before[0], i, before[1]), i, before)
        if step[0] is not start:
            waiting += [(step, i) for i in reversed(edges[step[0]])]
            continue
        product, way = step[1], []
        while step is not None:
            way.append(step)
            step = step[3]
        yield Path(tuple(node for node, _, _, _ in way), tuple(i for _, _, i, _ in way[:-1]),
                   tuple(called[node] for node, _, _, _ in way), product)


def _many(count: int) -> str:
    """A number of paths in few words, however large it is."""
    if count < 10**7:
        return f"{count:,} {'path' if count == 1 else 'paths'}"
    return f"about 10^{math.log10(count):.0f} paths"
