"""A graph is a picture of the moment: what led to a result, its numbers and its gradients.

It keeps words only, no nodes and no arrays, so that later changes do not show and nothing is held.
"""

from __future__ import annotations

import math
import os
import zlib
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

from .. import sweep
from ..errors import ArgumentError, AutogradError, describe
from ..node import ZERO, Node
from ..storage import is_array
from ..tensor import Tensor
from . import dot, layout, listing
from .derivative import derivative
from .files import write_whole
from .wording import amount, kind, operation, short

DIRECTIONS = ("LR", "TB", "RL", "BT")


@dataclass(frozen=True)
class Link:
    """One operand of a drawn operation: the box it comes from, or the constant it is."""

    source: str                 # the id of a Box, "more" for one left out, "" for a constant
    constant: str
    local: str                  # the local derivative, or the map of g


@dataclass(frozen=True)
class Box:
    """One recorded result as it is drawn; `op` and `operands` are empty on a leaf."""

    id: str
    label: str
    kind: str                   # dtype and shape of an array, "" for a number
    data: str
    grad: str
    op: str
    operands: tuple[Link, ...]


class Graph:
    """A drawn graph: `.dot`, `.svg()`, `.png()`, `print()`, `.save(path)`; notebooks show it."""

    def __init__(self, boxes: Iterable[Box], more: int, direction: str, name: str | None) -> None:
        self.boxes = tuple(boxes)           # oldest first, the result last
        self.more = more                    # how many nodes were left out
        self.direction = direction
        self.name = short(name) if name else f"graph{zlib.crc32(str(self).encode()):08x}"

    @cached_property
    def dot(self) -> str:
        """The DOT source: the same text for the same graph in every process."""
        return dot.source(self.name, self.direction, self.boxes, self.more)

    def svg(self) -> str:
        """The picture as SVG; without a program that lays it out, the text form as SVG."""
        drawn = layout.render(self.dot, "svg")
        return listing.as_svg(str(self)) if drawn is None else drawn.decode()

    def png(self) -> bytes:
        """The picture as PNG; raises ArgumentError without a program that lays it out."""
        drawn = layout.render(self.dot, "png")
        if drawn is None:
            raise ArgumentError("no PNG: neither `dot` nor graphviz-pure can be run",
                                f"{layout.INSTALL}; .svg() and print() work without")
        return drawn

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the graph as the suffix of `path` says: .svg, .png, .dot, .gv or .txt.

        Raises ArgumentError for another suffix and where nothing can be written. The file is
        written whole or not at all.
        """
        path = Path(path)
        writers: dict[str, Callable[[], str | bytes]] = {
            ".svg": self.svg, ".png": self.png, ".dot": lambda: self.dot, ".gv": lambda: self.dot,
            ".txt": lambda: f"{self}\n"}
        if path.suffix.lower() not in writers:
            raise ArgumentError(f"a graph cannot be written as {path.name!r}",
                                f"give the file one of the suffixes {' '.join(writers)}")
        made = writers[path.suffix.lower()]()
        return write_whole(path, made if isinstance(made, bytes) else made.encode())

    def __str__(self) -> str:
        return listing.text(self.boxes, self.more)

    def __repr__(self) -> str:
        return f"<Graph {self.name} of {len(self.boxes)} nodes: print() lists them, .save() draws>"

    def _repr_mimebundle_(self, include: Collection[str] | None = None,
                          exclude: Collection[str] | None = None) -> dict[str, str]:
        makers: dict[str, Callable[[], str]] = {
            "image/svg+xml": self.svg,
            "image/png": lambda: b64encode(self.png()).decode(),
            "text/plain": lambda: str(self)}
        bundle = {}
        for form, make in makers.items():
            if (not include or form in include) and form not in (exclude or ()):
                with suppress(Exception):           # a repr never raises: one form fewer
                    bundle[form] = make()
        return bundle


def draw(x: Any, *, direction: str = "LR", name: str | None = None, limit: int = 150) -> Graph:
    """The graph that led to x, a Value or a Tensor, as a picture.

    `direction` is LR, TB, RL or BT; `name` begins the ids in the picture. At most `limit` nodes
    are drawn, those nearest the result, and the picture says how many are left out. A gradient
    that was not computed is shown as "–". Raises ArgumentError for anything else than a graph.
    """
    if direction not in DIRECTIONS:
        raise ArgumentError(f"direction {direction!r}", f"use one of {', '.join(DIRECTIONS)}")
    if limit < 1:
        raise ArgumentError(f"a drawing of at most {limit} nodes", "use a limit of 1 or more")
    root = x.node if isinstance(x, Tensor) else x
    if not isinstance(root, Node):
        raise ArgumentError(f"draw() of {describe(x)}, which is no graph",
                            "draw a Value or a Tensor, such as the loss")
    nodes = _nearest_first(root)
    shown = sorted(nodes[:limit], key=attrgetter("serial"))
    ids = {node: f"n{i}" for i, node in enumerate(shown)}
    found = _gradients(root, nodes)
    return Graph((_box(node, ids, found) for node in shown), len(nodes) - len(shown), direction,
                 name)


def _nearest_first(root: Node) -> list[Node]:
    """Everything that led to the root, by its distance from it."""
    queue, seen = [root], {root}
    for node in queue:                              # grows while it is read
        for arg in node.args:
            if isinstance(arg, Node) and arg not in seen:
                seen.add(arg)
                queue.append(arg)
    return queue


def _gradients(root: Node, nodes: list[Node]) -> dict[Node, Any]:
    """The gradients of the nodes on which a backward pass does not leave them.

    Values keep theirs. For Tensors only leaves do: where one has it, backward() was called, and
    the others' are computed again, to be shown and not written.
    """
    if not any(node.op is None and isinstance(node.grad, Tensor) for node in nodes):
        return {}
    try:
        return sweep.pull({root: root.ones()}, sweep.history([root]))
    except AutogradError:
        return {}


def _box(node: Node, ids: dict[Node, str], found: dict[Node, Any]) -> Box:
    grad = node.grad.data if isinstance(node.grad, Tensor) else node.grad
    if grad is None or grad is ZERO:
        grad = found.get(node)
    op = "" if node.op is None else operation(node.op.name, node.params)
    links = tuple(_link(node, i, ids) for i in range(len(node.args)))
    return Box(ids[node], short(node.label), kind(node.data), amount(node.data),
               "–" if grad is None else amount(grad), op, links)


def _link(node: Node, i: int, ids: dict[Node, str]) -> Link:
    arg = node.args[i]
    if isinstance(arg, Node):
        return Link(ids.get(arg, "more"), "", derivative(node, i))
    one = not is_array(arg) or math.prod(arg.shape) == 1
    return Link("", amount(arg) if one else kind(arg), "")
