"""In debug mode a backward walk checks what was recorded before it, and what came out after it.

    x = Tensor([1.0, 2.0], requires_grad=True); y = x * x
    x.data[0] = 5.0                 # the gradient of y would silently be that of another function

Every result is recomputed from its operands, and the first that comes out different is named, with
its line of code. So are two leaves in one memory, where an update of one changes the other too, and
after the walk what made the first nan, if there is one.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from .errors import GraphError, describe
from .node import Node
from .operands import raw
from .storage import is_array, memory, namespace, overlap, quiet


def verify(nodes: Iterable[Node]) -> None:
    """Raise GraphError where data no longer follows from its operands, or leaves share memory."""
    nodes = list(nodes)
    for node in nodes:
        if node.op is not None:
            with quiet():
                now = node.recompute()
            if not same(now, node.data):
                operands = ", ".join(describe(arg.data) + (f" {arg.label!r}" if arg.label else "")
                                     for arg in node.args if isinstance(arg, Node))
                raise GraphError(
                    f"recorded data was changed: {node.op.name} of {operands} gave "
                    f"{_short(node.data)} and would now give {_short(now)}"
                    f"{_recorded(node)}{_aliases(node, nodes)}",
                    "write to a copy, or build the graph again after the change")
    leaves = [node for node in nodes if node.op is None and is_array(node.data)]
    for x, y in _sharing(leaves):
        raise GraphError(
            f"two leaves share memory: {_name(x)} and {_name(y)}. An update of one in place "
            "changes the other too",
            "give one a copy: x.data = y.data.copy(); or use one leaf in both places")


def explain_first_nan(seeds: Mapping[Node, Any], found: Mapping[Node, Any]) -> None:
    """Raise GraphError if a walk from `seeds` began at nan or found one; name what made it."""
    root = next((node for node in seeds if _nan(node.data)), None)
    spoiled = next((node for node, g in found.items() if node.op is None and _nan(g)), None)
    if root is None and spoiled is None:
        return
    from .show.finding.nan import cause  # explains the same without debug mode

    for node in seeds if root is None else [root]:
        made = cause(node)
        if made is not None:
            raise GraphError(f"nan in debug mode: {made.told}", made.mend)
    raise GraphError("nan in debug mode: the cotangent that backward() was given",
                     "look at where its number comes from")


def same(x: Any, y: Any) -> bool:
    """Whether the numbers are the same, nan beside nan."""
    if isinstance(x, tuple):
        return all(map(same, x, y))
    if not is_array(x):
        return x == y or (x != x and y != y)
    return bool(namespace(x).all((x == y) | ((x != x) & (y != y))))


def _nan(x: Any) -> bool:
    """Whether nan is in a number, an array or several, recorded or not."""
    x = raw(x)
    if isinstance(x, tuple):
        return any(map(_nan, x))
    return bool(namespace(x).any(x != x)) if is_array(x) else x != x


def _sharing(leaves: Iterable[Node]) -> Iterator[tuple[Node, Node]]:
    """Pairs of nodes whose arrays overlap."""
    places: dict[Any, list[Node]] = {}
    for node in leaves:
        places.setdefault(memory(node.data), []).append(node)
    for together in places.values():
        yield from ((x, y) for x, y in combinations(together, 2) if overlap(x.data, y.data))


def _aliases(changed: Node, nodes: Iterable[Node]) -> str:
    """A sentence for each array among the operands of a node that is a leaf's memory too."""
    leaves = [node for node in nodes if node.op is None and is_array(node.data)]
    return "".join(f". Its operand {i}, a constant, shares memory with {_name(leaf)}"
                   for i, arg in enumerate(changed.args) if not isinstance(arg, Node)
                   and is_array(arg) for leaf in leaves if overlap(arg, leaf.data))


def _name(leaf: Node) -> str:
    """A leaf in a sentence: its label, what it holds, and where it was made."""
    label = f"{leaf.label!r}, " if leaf.label else ""
    return f"the leaf {label}{describe(leaf.data)}{_recorded(leaf, 'made in')}"


def _recorded(node: Node, word: str = "recorded in") -> str:
    """The line of code of a node, where it was recorded in debug mode."""
    line = node.origin.line if node.origin is not None else None
    return f", {word} {line}: {line.text}" if line is not None else ""


def _short(x: Any) -> str:
    text = " ".join(str(x).split())
    return text if len(text) <= 60 else text[:57] + "..."
