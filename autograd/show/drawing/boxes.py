"""Boxes are what a picture holds of a graph: words only, no nodes and no arrays."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from ...node import Node
from ...storage import is_array
from ..derivative import derivative
from ..names import Names
from ..numbers import shape
from ..wording import amount, amounts, expression, kind, kinds, operation
from . import shades
from .fold import Block, Outline, Thing

MANY = 4                    # so many operands in a row that come from one place are drawn as one
LONG, FIRST = 8, 6          # operands that are all written out, and how many of more


@dataclass(frozen=True)
class Link:
    """What a box was made of: the box it comes from, or the constant it is."""

    source: str                 # the id of a Box, "more" for one left out, "" for a constant
    constant: str
    local: str                  # the local derivative, or the map of g
    i: int = 0                  # the place among the operands
    count: int = 1              # how many results are drawn as this one
    name: str = ""              # what the operand is called

    @property
    def called(self) -> str:
        """The operand in a line of text: `w`, `Layer#1 ×16`, `2.0`."""
        name = self.constant if self.constant else self.name
        return name + (f" ×{self.count:,}" if self.count > 1 and self.source else "")


@dataclass(frozen=True)
class Box:
    """A recorded result as it is drawn, or a folded block; a leaf has no `op` and no `operands`.

    `name` tells it apart, `label` is what stands on it: for a block also the shape of its weight.
    """

    id: str
    label: str
    kind: str                   # dtype and shape of an array, "" for a number
    data: str
    grad: str
    op: str
    operands: tuple[Link, ...]
    name: str = ""
    frame: str = ""             # the id of the Frame it lies in
    inside: int = 0             # how many nodes are folded into it
    contents: str = ""          # what these are: `49 nodes, 17 parameters`
    size: float | None = None   # greatest |element| of the gradient; None where it is not known
    made: str = ""              # how it was made: `a * b`, `sum(x, axis=0)`


@dataclass(frozen=True)
class Frame:
    """A block that is open: a title around the boxes that lie in it."""

    id: str
    title: str
    parent: str


class Folded:
    """An outline folded to some depth: its boxes and what goes between them."""

    def __init__(self, outline: Outline, depth: int, opened: set[Block]) -> None:
        self.outline = outline
        self.box = outline.fold(depth, opened)
        self.members: dict[Block, list[Node]] = {}
        self.coming: dict[Block, dict[Thing, dict[Node, None]]] = {}    # by where it comes from
        self.leaving: dict[Block, dict[Node, None]] = {}
        if any(isinstance(thing, Block) for thing in self.box.values()):
            self._connect()

    def _connect(self) -> None:
        for node, thing in self.box.items():
            if isinstance(thing, Block):
                self.members.setdefault(thing, []).append(node)
            for arg in self.outline.operands(node):
                source = self.box[arg]
                if source is not thing:
                    if isinstance(thing, Block):
                        self.coming.setdefault(thing, {}).setdefault(source, {})[arg] = None
                    if isinstance(source, Block):
                        self.leaving.setdefault(source, {})[arg] = None
        for root in self.outline.roots:
            thing = self.box[root]
            if isinstance(thing, Block):
                self.leaving.setdefault(thing, {})[root] = None

    def nearest(self, limit: int) -> list[Thing]:
        """At most `limit` boxes, those nearest to the roots, in the order of age."""
        queue = list(dict.fromkeys(self.box[root] for root in self.outline.roots))
        seen = set(queue)
        for thing in queue:                             # grows while it is read
            if len(queue) >= limit:
                break
            for source in self.sources(thing):
                if source not in seen:
                    seen.add(source)
                    queue.append(source)
        return sorted(queue[:limit], key=lambda thing: self.inside(thing)[-1].serial)

    def sources(self, thing: Thing) -> Iterator[Thing]:
        """The boxes that one is made of."""
        if isinstance(thing, Block):
            yield from self.coming.get(thing, ())
        else:
            yield from (self.box[arg] for arg in self.outline.operands(thing))

    def inside(self, thing: Thing) -> list[Node]:
        """The nodes in a box, oldest first."""
        return self.members[thing] if isinstance(thing, Block) else [thing]

    def around(self, thing: Thing) -> Block | None:
        """The open block in which a box lies; None outside of all."""
        block = thing.parent if isinstance(thing, Block) else self.outline.block[thing]
        return None if block is self.outline.top else block


class Words:
    """What is written on the boxes of a picture; `ids` are those of the boxes that are shown."""

    def __init__(self, folded: Folded, shown: list[Thing], names: Mapping[Node, str],
                 gradient: Callable[[Node], Any], heat: bool) -> None:
        self.folded, self.gradient, self.heat = folded, gradient, heat
        self.names = _seen(folded, names)
        self.places = {node: k for k, node in enumerate(folded.outline.nodes)}
        self.frames = {block: f"s{k}" for k, block in enumerate(folded.outline.blocks, 1)}
        self.ids = {thing: self._id(thing) for thing in shown}

    def _id(self, thing: Thing) -> str:
        if isinstance(thing, Node):
            return f"n{self.places[thing]}"
        return self.frames.get(thing) or f"b{self.places[self.folded.members[thing][0]]}"

    def boxes(self) -> list[Box]:
        """The boxes, the oldest first."""
        return [self._block(thing) if isinstance(thing, Block) else self._node(thing)
                for thing in self.ids]

    def ids_by_node(self, nodes: list[Node]) -> dict[Node, str]:
        """The id of the box in which each node is, for those that are shown."""
        box, passed = self.folded.box, self.folded.outline.passed
        found = ((node, self.ids.get(box[passed.get(node, node)])) for node in nodes)
        return {node: known for node, known in found if known is not None}

    def opened(self) -> list[Frame]:
        """The frames around them, outer ones first."""
        around = dict.fromkeys(block for thing in self.ids for inner in [self.folded.around(thing)]
                               if inner for block in inner.outwards())
        return [Frame(self.frames[block], block.title, self._frame(block.parent))
                for block in sorted(around, key=lambda block: block.level)]

    def _frame(self, block: Block | None) -> str:
        return "" if block is None or block.parent is None else self.frames[block]

    def _node(self, node: Node) -> Box:
        name, g = self.names[node], self.gradient(node)
        op = "" if node.op is None else operation(node.op.name, node.params)
        links = tuple(_merged([self._link(node, i) for i in range(len(node.args))]))
        made = expression(node.op.name, node.params, some([link.called for link in links])
                          ) if op else ""
        return Box(self.ids[node], name, kind(node.data), amount(node.data),
                   "–" if g is None else amount(g), op, links, name,
                   self._frame(self.folded.around(node)),
                   size=shades.peak([g]) if self.heat else None, made=made)

    def _link(self, node: Node, i: int) -> Link:
        arg, name = node.args[i], self.names.of(node.args[i])
        if isinstance(arg, Node):
            box = self.folded.box[self.folded.outline.passed.get(arg, arg)]
            return Link(self.ids.get(box, "more"), "", derivative(node, i, self.names), i,
                        name=name)
        return Link("", name, "", i)

    def _block(self, block: Block) -> Box:
        inside, out = self.folded.members[block], list(self.folded.leaving[block])
        data, found = [node.data for node in out], [self.gradient(node) for node in out]
        known = [g for g in found if g is not None]
        within, bunch = self.folded.outline.block, block not in self.frames
        leaves = [node for node in inside if node.op is None]
        parameters = [node for node in leaves if is_array(node.data)]
        weights = [shape(node.data) for node in parameters if within[node] is block]
        weights = [each for each in weights if len(each) > 1]
        title = f"{block.title} {weights[0]}" if len(weights) == 1 and not bunch else block.title
        counts = {"node": 0 if bunch else len(inside),
                  "leaf": len(inside) if bunch else len(leaves) - len(parameters),
                  "parameter": sum(math.prod(shape(node.data)) for node in parameters)}
        return Box(self.ids[block], title, "" if bunch else kinds(data), amounts(data),
                   amounts(known) if known else "–", "", tuple(self._sources(block)), block.title,
                   self._frame(block.parent), len(inside), _counted(counts),
                   shades.peak(found) if self.heat else None)

    def _sources(self, block: Block) -> Iterator[Link]:
        """Where what a block uses comes from, and how many results come from there."""
        counts, called = Counter[str](), {"more": "…"}
        for source, nodes in self.folded.coming.get(block, {}).items():
            box = self.ids.get(source, "more")
            counts[box] += len(nodes)
            called.setdefault(box, source.title if isinstance(source, Block) else
                              self.names[source])
        return (Link(box, "", "", i, count, called[box])
                for i, (box, count) in enumerate(counts.items()))


def _seen(folded: Folded, names: Mapping[Node, str]) -> Names:
    """The names as the picture has them: what a box folds is called by its title."""
    constants = names.constants if isinstance(names, Names) else {}
    seen = {node: block.title for block, nodes in folded.leaving.items() for node in nodes}
    seen |= {node: seen.get(drawn, names[drawn])
             for node, drawn in folded.outline.passed.items()}
    return Names({**names, **seen}, constants)


def some(words: list[str]) -> list[str]:
    """The words, the first of many."""
    return words if len(words) <= LONG else [*words[:FIRST], f"… {len(words) - FIRST:,} more"]


def _counted(counts: dict[str, int]) -> str:
    """Things and how many: `49 nodes, 1 parameter`; nothing of which there is none."""
    return ", ".join(f"{count:,} {'leaves' if word == 'leaf' and count > 1 else word}"
                     f"{'s' * (count > 1 and word != 'leaf')}" for word, count in counts.items()
                     if count)


def _merged(links: list[Link]) -> Iterator[Link]:
    """The links, long runs from one block, or of constants, as one."""
    for key, run in groupby(links, lambda link: link.source if link.source[:1] != "n" else link.i):
        several = list(run)
        if len(several) < MANY:
            yield from several
        else:
            constant = "" if key else f"{len(several)} constants"
            yield replace(several[0], constant=constant, local="", count=len(several))
