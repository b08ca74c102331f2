"""The walks over a graph: backward with cotangents (pull), forward with tangents (push).

Creation order is a topological order, so every walk is a loop over nodes sorted by serial number:
no recursion, the same order and the same bits in every process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter
from typing import Any

from .debug import explain_first_nan, verify
from .modes import debugging, enable_grad, recorded
from .node import Node, Operand
from .operands import raw
from .storage import copy, filled, is_array, quiet

_serial = attrgetter("serial")


def history(roots: Iterable[Node], since: int = -1) -> list[Node]:
    """Everything the roots depend on that is not older than serial `since`, oldest first."""
    queue = [root for root in dict.fromkeys(roots) if root.serial >= since]
    seen = set(map(id, queue))
    for node in queue:                          # grows while it is read
        for arg in node.args:
            if isinstance(arg, Node) and arg.serial >= since and id(arg) not in seen:
                seen.add(id(arg))
                queue.append(arg)
    return sorted(queue, key=_serial)


def pull(seeds: dict[Node, Any], targets: Collection[Node] | None = None, *,
         since: int = -1, differentiable: bool = False) -> dict[Node, Any]:
    """Walk backward from the cotangents `seeds`; returns those of the leaves and Values reached.

    With `targets` only the paths to those are walked and only their cotangents are returned; what
    is not returned is forgotten on the way. `differentiable` runs the rules on nodes instead of
    numbers, so that the walk is recorded.
    """
    nodes = history(seeds, since)
    if debugging():
        verify(nodes)
    wanted = set(targets or ())
    live = None if targets is None else leading_to(nodes, wanted)
    found: dict[Node, Any] = dict(seeds)
    with recorded(), quiet():
        for node in reversed(nodes):
            if node not in found or (live is not None and node not in live):
                continue
            g = found[node] = node.final(found[node])
            if node.transient if live is None else node not in wanted:
                del found[node]
            for i, arg in enumerate(node.args):
                if isinstance(arg, Node) and (arg in live if live is not None
                                              else arg.serial >= since):
                    if differentiable:
                        part = contribution(node, i, g, True)
                        part = part if part is None else arg.constant(arg.fit(part))
                    else:
                        part = node.fitted(i, arg, g)
                    if part is not None:
                        found[arg] = found[arg] + part if arg in found else part
    return found if live is None else {node: found[node] for node in wanted if node in found}


def backward(root: Node, seed: Any, differentiable: bool = False) -> None:
    """Walk from a node with its cotangent, and write what is found into the nodes' `grad`."""
    found = pull({root: seed}, differentiable=differentiable)
    if debugging():
        explain_first_nan({root: seed}, found)
    write(found, [seed])


def write(found: dict[Node, Any], seeds: Iterable[Any] = ()) -> None:
    """Write the cotangents of a backward walk from `seeds` into the nodes' `grad`."""
    given = {id(filled(raw(seed))) for seed in seeds}
    before = [(node, node.grad) for node in found]
    try:
        for node, g in found.items():
            node.receive(own(g, given))
    except BaseException:                       # interrupted: all gradients, or none
        for node, grad in before:
            node.grad = grad
        raise


def own(g: Any, given: set[int]) -> Any:
    """g with an array of its own, and that `given`: one array must not become two gradients."""
    data = raw(g)
    whole = filled(data)
    if whole is None or (id(whole) in given and is_array(data)):
        g = copy(g) if g is data else +g
        whole = raw(g)
    given.add(id(whole))
    return g


def contribution(node: Node, i: int, g: Any, differentiable: bool = False) -> Any:
    """What g, the cotangent of `node`, means for its operand i: one edge of the walk."""
    if not differentiable:
        return node.contribution(i, g)
    return node.op.pull(i, g, node.operand(), operands(node), node.params)


def operands(node: Node) -> tuple[Any, ...]:
    """The operands of a node as handles: what is done with them is recorded."""
    return tuple(arg.operand() if isinstance(arg, Node) else node.constant(arg)
                 for arg in node.args)


def leading_to(nodes: list[Node], targets: set[Node]) -> set[Node]:
    """Those of `nodes`, oldest first, that depend on a target."""
    live = set(targets)
    for node in nodes:
        if node not in live and any(arg in live for arg in node.args if isinstance(arg, Node)):
            live.add(node)
    return live


def push(roots: Iterable[Node], tangents: dict[Node, Any], *, since: int = -1,
         differentiable: bool = False) -> dict[Node, Any]:
    """Walk forward from `tangents`; returns the tangent of every node that depends on them.

    The same rules in the other direction. The graph is kept, so this is forward differentiation
    of what was recorded, not streaming.
    """
    found: dict[Node, Any] = dict(tangents)
    with recorded(), quiet():
        for node in history(roots, since):
            if node in found:
                continue
            total = None
            for i, arg in enumerate(node.args):
                if isinstance(arg, Node) and arg in found:
                    part = advance(node, i, found[arg], differentiable)
                    if part is not None:
                        part = node.grow(part)
                        part = node.constant(part) if differentiable else part
                        total = part if total is None else total + part
            if total is not None:
                found[node] = total
    return found


def advance(node: Node, i: int, t: Any, differentiable: bool = False) -> Any:
    """What t, the tangent of operand i, means for `node`: one edge of the walk forward."""
    if not differentiable:
        return node.advance(i, t)
    return node.op.push(i, t, node.operand(), operands(node), node.params)


def transpose(linear_map: Any, at: Any, g: Any) -> Any:
    """The transpose of a linear map applied to g; `at` is a fresh variable of its domain.

    A map with several outputs takes the cotangents of all; those that are constant drop out.
    """
    with enable_grad():
        out = linear_map(at)
    outs, gs = (out, g) if isinstance(out, tuple) else ((out,), (g,))
    seeds: dict[Node, Any] = {}
    for handle, part in zip(outs, gs, strict=True):
        if isinstance(handle, Operand):
            node: Node = handle.node                                        # type: ignore
            seeds[node] = seeds[node] + part if node in seeds else part
    found = pull(seeds, [at.node], since=at.node.serial,
                 differentiable=any(isinstance(part, Operand) for part in seeds.values()))
    return found.get(at.node, at.node.zeros())


def contributions(root: Node, seed: Any) -> Iterator[tuple[Node, int, Any, Any, Any]]:
    """The backward walk of `pull`, edge by edge, writing nothing.

    Yields (node, i, g, part, fitted): g, the cotangent of node, means `part` for its operand i, and
    `fitted` in that operand's own shape and dtype.
    """
    found: dict[Node, Any] = {root: seed}
    for node in reversed(history([root])):
        if node.op is None or node not in found:
            continue
        g = node.complete(found[node])
        for i, arg in enumerate(node.args):
            if isinstance(arg, Node):
                with quiet():
                    part = node.contribution(i, g)
                    if part is None:
                        continue
                    fitted = arg.fit(part)
                    found[arg] = found[arg] + fitted if arg in found else fitted
                yield node, i, g, part, fitted
