"""Drawing is a walk over what led to a result, folded where it is large, as a Graph of words."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ... import sweep
from ...debug import same
from ...errors import ArgumentError, describe
from ...node import ZERO, Node
from ...storage import is_complex
from ...tensor import Tensor
from ...value import Value
from .. import names as naming
from ..example import Example
from .boxes import Folded, Words
from .fold import Outline
from .graph import Graph

DIRECTIONS = ("LR", "TB", "RL", "BT")


def draw(x: Any, *args: Any, direction: str = "LR", depth: int | None = None,
         unfold: str | Collection[str] = (), heat: bool = False,
         names: bool | Mapping[str, Any] = False, limit: int = 150, name: str | None = None,
         **kwargs: Any) -> Graph:
    """The graph that led to x as a picture: x is a Value, a Tensor, or a function or Module.

    A function is called on args and kwargs, numbers as Values, beside arrays all as Tensors; only
    its gradients are shown then. `direction` is LR, TB, RL or BT. `depth` says how many levels of
    scopes are opened, the rest are folded; None opens as many as give at most `limit` boxes, and
    `unfold` opens those called so besides. Beyond `limit` boxes only the nearest are drawn. `heat`
    fills boxes by |gradient|; `names` labels nodes with the caller's variables, or those of a
    mapping; `name` begins the ids. Raises ArgumentError for what is no graph.
    """
    _check(direction, depth, unfold, limit)
    if isinstance(x, (Value, Tensor)) or not callable(x):
        if args or kwargs:
            raise ArgumentError(f"draw() of {describe(x)} with arguments, which only a function "
                                "takes", "draw(loss), or draw(f, 2.0, 3.0)")
        root, seeds = x.node if isinstance(x, Tensor) else x, {}
        if not isinstance(root, Node):
            raise ArgumentError(f"draw() of {describe(x)}, which is no graph",
                                "draw a Value or a Tensor, such as the loss, or a function with "
                                "example arguments")
        roots, outside, found = [root], [], None
    else:
        example = Example(x, args, kwargs)
        roots, outside, found = example.roots, example.inputs, gradients(example.roots)
        names, seeds = names or example.names, _seeds(example)
    nodes = sweep.history(roots)
    graph, _ = picture(roots, nodes, naming.names(nodes, names, seeds), found, outside=outside,
                       direction=direction, depth=depth, unfold=unfold, heat=heat, limit=limit,
                       name=name)
    return graph


def picture(roots: list[Node], nodes: list[Node], names: Mapping[Node, str],
            found: Mapping[Node, Any] | None = None, *, outside: Collection[Node] = (),
            direction: str = "LR", depth: int | None = None, unfold: str | Collection[str] = (),
            heat: bool = False, limit: int = 150, name: str | None = None
            ) -> tuple[Graph, dict[Node, str]]:
    """The picture of `nodes`, the whole history of `roots`, and the id of the box of each node.

    `found` are the gradients to show, by node; None shows what the last backward pass left.
    `outside` are leaves that are not folded.
    """
    gradient = _left(roots, nodes) if found is None else found.get
    outline = Outline(nodes, roots, outside)
    opened = outline.opened({unfold} if isinstance(unfold, str) else set(unfold))
    level = outline.deepest(opened, limit) if depth is None else depth
    folded = Folded(outline, level, opened)
    words = Words(folded, folded.nearest(limit), names, gradient, heat)
    boxes = words.boxes()
    more = len(outline.block) - sum(box.inside or 1 for box in boxes)
    notes = _notes(folded, level, more, sum(box.inside > 0 for box in boxes))
    graph = Graph(boxes, more, direction, name, words.opened(), notes, heat)
    return graph, words.ids_by_node(nodes)


def _notes(folded: Folded, depth: int, more: int, blocks: int) -> list[str]:
    """How to see what is not drawn."""
    notes, outline = [], folded.outline
    if more:
        all_boxes = len(set(folded.box.values()))
        notes.append(f"… {more:,} more nodes: limit={all_boxes} draws all boxes"
                     + (", depth=0 folds more" if depth and outline.levels else ""))
    if blocks:
        inner = next(block.name for block in outline.blocks if block in folded.members)
        notes.append(f"folded at depth={depth} of {outline.levels}: depth={depth + 1} opens more, "
                     f"unfold={inner!r} opens those called so")
    return notes


def _seeds(example: Example) -> dict[Node, str]:
    """The ones that inner derivatives begin with: those of a function taken on identities."""
    found: dict[Node, str] = {}
    inputs, inside = set(example.inputs), False
    for node in sweep.history(example.roots):
        inside = inside or (node.op is not None and node.op.name == "identity" and not node.label)
        if inside and node.op is None and node not in inputs and not node.label:
            found |= {node: "seed"} if isinstance(node.data, float) and node.data == 1 else {}
    return found


def gradients(roots: list[Node]) -> dict[Node, Any]:
    """The gradient of every node on the way, where one number came out; none otherwise.

    Writes nothing and calls no hook.
    """
    root = roots[0]
    if len(roots) > 1 or not _is_one_number(root):
        return {}
    found = {root: root.ones()}
    try:
        for node, i, _, _, part in sweep.contributions(root, root.ones()):
            arg = node.args[i]
            found[arg] = found[arg] + part if arg in found else part
    except Exception:                               # a rule is anybody's code, or there is none
        return {}
    return found


def _is_one_number(node: Node) -> bool:
    data = node.data
    if isinstance(data, float):
        return True
    return not isinstance(data, tuple) and math.prod(data.shape) == 1 and not is_complex(data)


def _left(roots: list[Node], nodes: list[Node]) -> Callable[[Node], Any]:
    """What the last backward pass left, by node.

    Values keep their gradient. For Tensors only leaves do: the others' are computed again, and
    shown if the leaves' come out as they are, which they do not where the pass began elsewhere.
    """
    kept = {node: node.grad.data for node in nodes if isinstance(node.grad, Tensor)}
    leaves = [node for node in kept if node.op is None]
    found = gradients(roots) if leaves else {}
    if not all(node in found and same(found[node], kept[node]) for node in leaves):
        found = {}

    def left(node: Node) -> Any:
        grad = kept.get(node, node.grad)
        return found.get(node) if grad is None or grad is ZERO else grad

    return left


def _check(direction: Any, depth: Any, unfold: Any, limit: Any) -> None:
    if direction not in DIRECTIONS:
        raise ArgumentError(f"direction {direction!r}", f"use one of {', '.join(DIRECTIONS)}")
    if not isinstance(limit, int) or limit < 1:
        raise ArgumentError(f"a drawing of at most {limit!r} boxes", "use a limit of 1 or more")
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise ArgumentError(f"depth {depth!r}", "0 folds every outermost scope, 1 opens those")
    if not isinstance(unfold, str) and not (
            isinstance(unfold, Collection) and all(isinstance(name, str) for name in unfold)):
        raise ArgumentError(f"unfold={describe(unfold)}", 'name scopes: unfold=("Layer", "MLP#2")')
