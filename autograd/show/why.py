"""Why a gradient is what it is: the paths from x to the loss, and the product along each.

The gradient is the sum over all paths of the product of the local derivatives on the way. Where it
is 0 or was never computed, one operation or one gap is to blame, and that is what is named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from ..errors import DtypeError, describe
from ..node import Node
from ..sweep import history, leading_to
from ..value import Value
from .wording import number


@dataclass(frozen=True)
class Path:
    """One way from x to the loss: the nodes, x first, and the local derivative of each edge."""

    nodes: tuple[Any, ...]
    locals: tuple[float, ...]
    names: tuple[str, ...]

    @property
    def product(self) -> float:
        """What this path adds to the gradient."""
        total = 1.0
        for local in self.locals:
            total *= local
        return total

    def __repr__(self) -> str:
        factors = " × ".join(number(local) for local in self.locals) or "1"
        return f"{' → '.join(self.names)}:   {factors} = {number(self.product)}"


@dataclass(frozen=True)
class Why:
    """The answer of `why`: `gradient` is the sum of the products of the `count` paths."""

    name: str
    gradient: float
    count: int
    paths: list[Path] = field(default_factory=list)
    blocked: str = ""

    def __repr__(self) -> str:
        ways = "1 path" if self.count == 1 else f"{self.count} paths"
        head = f"d loss / d {self.name} = {number(self.gradient)}, by {ways}"
        shown = [f"  {path}" for path in self.paths]
        if self.count > len(self.paths):
            shown.append(f"  ... and {self.count - len(self.paths)} more; why(x, loss, limit=...)")
        return "\n".join([head, *shown, *([f"  {self.blocked}"] if self.blocked else [])])


def why(x: Value, loss: Value, limit: int = 20) -> Why:
    """The paths from x to loss, `limit` at most, with the product of local derivatives along each.

    Their products sum to the gradient. Where that is 0, or nothing leads from x to the loss, the
    answer names what is in the way. Raises DtypeError unless both are Values.
    """
    for end in (x, loss):
        if not isinstance(end, Value):
            raise DtypeError(f"why() of {describe(end)}", "give it two Values; t.values() makes "
                             "Values of a Tensor")
    nodes = history([loss])
    names = {id(node): node.label or f"v{k}" for k, node in enumerate(nodes)}
    name = names.get(id(x), x.label or "x")
    live = leading_to(nodes, {x})
    if loss not in live or id(x) not in names:
        return Why(name, 0.0, 0, blocked=_gap(x, loss))
    for inner in live:
        if not isinstance(inner, Value):
            raise DtypeError(f"a path from {name} to the loss goes through arrays ({inner!r})",
                             "ask about the Values before or behind them")
    edges = {node: _edges(node, live) for node in nodes if node in live and node is not x}
    count: dict[Any, int] = {x: 1}
    flow: dict[Any, float] = {x: 1.0}
    for node in edges:                                  # oldest first: operands come before
        count[node] = sum(count[arg] for arg, _ in edges[node])
        flow[node] = fsum(local * flow[arg] for arg, local in edges[node])
    paths = [path for path, _ in zip(_paths(x, loss, edges, names), range(limit), strict=False)]
    blocked = _shut(edges, names) if flow[loss] == 0 else ""
    return Why(name, flow[loss], count[loss], paths, blocked)


def _edges(node: Any, live: set[Node]) -> list[tuple[Any, float]]:
    """The operands of a node that lead to x, each with the local derivative of its edge."""
    return [(arg, node.contribution(i, 1.0)) for i, arg in enumerate(node.args)
            if isinstance(arg, Node) and arg in live]


def _paths(x: Any, loss: Any, edges: Any, names: dict[int, str]) -> Iterator[Path]:
    """Every path, walked back from the loss; each step knows the one that it came from."""
    waiting: list[Any] = [(loss, None, None)]           # (node, local derivative, step before)
    while waiting:
        step = waiting.pop()
        if step[0] is not x:
            waiting += [(arg, local, step) for arg, local in reversed(edges[step[0]])]
            continue
        way = []
        while step is not None:
            way.append(step)
            step = step[2]
        nodes = tuple(node for node, _, _ in way)
        yield Path(nodes, tuple(local for _, local, _ in way[:-1]),
                   tuple(names[id(node)] for node in nodes))


def _shut(edges: dict[Any, list[tuple[Any, float]]], names: dict[int, str]) -> str:
    """The first operation on the way whose derivative is 0."""
    for node, operands in edges.items():
        for arg, local in operands:
            if local == 0:
                return (f"{names[id(node)]} = {node.op.name}(...) lets nothing through: its "
                        f"derivative at {names[id(arg)]} = {number(arg.data)} is 0")
    return "the paths cancel"


def _gap(x: Value, loss: Value) -> str:
    """Why nothing leads from x to the loss."""
    if loss.op is None:
        return ("the loss is a leaf: no operation that made it was recorded. "
                "help: build it outside no_grad(), and do not detach it")
    same = [node for node in history([loss]) if node.op is None and node.data == x.data]
    if same:
        return ("nothing leads from here to the loss, but a leaf with the same number does. "
                "help: was it detached, or made anew by Value(...)?")
    return "nothing leads from here to the loss. help: use it in the computation"
