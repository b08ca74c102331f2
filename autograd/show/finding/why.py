"""Why a gradient is what it is: the paths from x to the loss, and what comes along each.

The gradient is the sum over all paths of what the loss sends back along that path alone: for
numbers the product of the local derivatives. Where it is 0 or was never computed, one operation or
one gap is to blame, and that is what is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import DtypeError, ShapeError, describe
from ...node import Node
from ...storage import is_complex, quiet
from ...sweep import history, leading_to
from ...tensor import Tensor
from ...value import Value
from .. import names as naming
from ..derivative import derivative
from ..numbers import few, norm, size_of, some
from ..wording import number, short
from . import blocked
from .blocked import Edges, pulled
from .through import Through, through

ENDS = 3                                    # nodes and factors shown at either end of a long path
FACTORS = 12                                # that are shown, where they are not 1


@dataclass(frozen=True)
class Path:
    """One way from x to the loss: the nodes, x first, and `product`, what it adds to the gradient.

    `product` is a number, or an array in the shape of x: the loss's 1 pulled back along this path.
    """

    nodes: tuple[Any, ...]
    places: tuple[int, ...]                 # each node but x: the operand that is the one before
    product: Any
    called: Mapping[Node, str] = field(repr=False)      # every node of the graph

    @property
    def names(self) -> tuple[str, ...]:
        """What the nodes are called."""
        return tuple(self.called[node] for node in self.nodes)

    @property
    def locals(self) -> tuple[float | str, ...]:
        """What each edge does: its derivative where both ends are numbers, else a map of g."""
        return tuple(_local(node, i, self.called) for node, i in zip(self.nodes[1:], self.places,
                                                                     strict=True))

    def __repr__(self) -> str:
        n = len(self.places)
        hidden = range(ENDS, n - ENDS) if n > 2 * ENDS + 1 else range(0)
        way = [self.called[self.nodes[0]]] + [
            self.called[node] + (f" (operand {i})" if _several(node, i) else "")
            for k, (node, i) in enumerate(zip(self.nodes[1:], self.places, strict=True))
            if k not in hidden]
        if hidden:
            way.insert(ENDS + 1, f"… {len(hidden):,} nodes …")
        edges = self.locals
        plain = all(isinstance(edge, float) for edge in edges)
        sign = "" if plain else "×"
        words = [f"{sign}{number(edge + 0.0)}" if isinstance(edge, float) else edge
                 for edge in edges if edge not in (1.0, "g")]       # + 0.0: no minus before a zero
        if len(words) > FACTORS:
            words[ENDS:-ENDS] = [f"… {len(words) - 2 * ENDS:,} factors …"]
        factors = (" × " if plain else " ← ").join(words)       # maps of g: it comes from the right
        return f"{' → '.join(way)}:   {factors or '1'} = {few(self.product + 0.0)}"


@dataclass(frozen=True)
class Why:
    """The answer of `why`: `gradient` is the sum of the products of all `count` paths.

    `paths` has those within the limit. Where there are more, `through` has the nodes on the way.
    `blocked` says what stops the gradient, or a part of it; it is empty where nothing does.
    """

    name: str
    root: str
    gradient: Any
    count: int
    paths: list[Path] = field(default_factory=list)
    blocked: str = ""
    through: Through | None = None

    def __repr__(self) -> str:
        lines = [f"d {self.root} / d {self.name} = {few(self.gradient + 0.0)}, "
                 f"by {_many(self.count)}"]
        if self.through is None:
            lines += [f"  {line}" for line in _listed(self.paths)]
        else:
            lines += [f"  {line}" for line in str(self.through).splitlines()]
            lines.append(f"  {len(self.paths)} of the paths are in .paths; for more: "
                         "why(x, loss, limit=...)")
        return "\n".join([*lines, *([f"  {self.blocked}"] if self.blocked else [])])


def why(x: Any, loss: Any, limit: int = 20, *, names: bool | Mapping[str, Any] = False) -> Why:
    """The paths from x to loss, `limit` at most, and what comes back to x along each.

    x and loss are Values or Tensors, the loss of one element. What the paths bring sums to the
    gradient of x, in its shape. With more paths than `limit` the answer is a table of nodes on the
    way. Where the gradient is 0, or nothing leads from x to the loss, the answer names what is in
    the way. `names` calls nodes as the caller's variables, or those of a mapping. Raises DtypeError
    for anything else, ShapeError for a loss of several elements.
    """
    start, end = _ends(x, loss)
    nodes = history([end])
    called = naming.names(nodes, names)
    name = called.get(start) or short(x.label) or "x"
    live = leading_to(nodes, {start})
    if end not in live:
        return Why(name, called[end], start.zeros(), 0,
                   blocked=blocked.gap(x, name, nodes, called))
    way = [node for node in nodes if node in live]
    edges = {node: [i for i, arg in enumerate(node.args) if isinstance(arg, Node) and arg in live]
             for node in way if node is not start}
    total = _count(start, edges)
    with quiet():
        found = _gradients(end, edges)
        paths = [path for path, _ in zip(_paths(start, end, edges, called), range(limit),
                                         strict=False)]
        table = through(start, found, edges, called, limit) if total > len(paths) else None
        stop = blocked.shut(start, found, edges, called)
        if not stop and table is None and blocked.cancel([p.product for p in paths], found[start]):
            stop = "the paths cancel, but for rounding"
    return Why(name, called[end], found[start], total, paths, stop, table)


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


def _listed(paths: list[Path]) -> Iterator[str]:
    """A line for each path that brings something, the largest first, and one for all others."""
    alive = [path for path in paths if some(path.product != 0)]
    shown = sorted(alive, key=lambda path: _size(path.product), reverse=True) or paths[:1]
    rest = len(paths) - len(shown)
    yield from map(str, shown)
    if rest:
        yield f"… and {rest:,} {'path' if rest == 1 else 'paths'} more, bringing 0"
    if any(edge in (1.0, "g") for path in shown for edge in path.locals if len(path.places) > 1):
        yield "(factors of 1 are left out)"


def _size(product: Any) -> float:
    """How large what a path brings is; nan counts as the largest."""
    size = norm(product)
    return size if size == size else math.inf


def _several(node: Node, i: int) -> bool:
    """Whether the operand at place i is an operand at another place too."""
    return sum(arg is node.args[i] for arg in node.args) > 1


def _local(node: Node, i: int, called: Mapping[Node, str]) -> float | str:
    """What the edge from operand i to `node` does."""
    if isinstance(node.data, float) and isinstance(node.args[i].data, float):
        with quiet():
            return float(node.contribution(i, 1.0))
    return derivative(node, i, called)


def _paths(start: Node, end: Node, edges: Edges, called: Mapping[Node, str]) -> Iterator[Path]:
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
                   product, called)


def _many(count: int) -> str:
    """A number of paths in few words, however large it is."""
    if count < 10**7:
        return f"{count:,} {'path' if count == 1 else 'paths'}"
    return f"about 10^{math.log10(count):.0f} paths"
