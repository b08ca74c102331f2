"""Folding draws the nodes of one scope as one box, so that a large graph is seen as its blocks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from ...errors import ArgumentError
from ...node import Node
from ..wording import short

FEW = 4                             # so many leaves with labels stay apart


class Block:
    """A scope that was recorded in, or a bunch of leaves; `title` is its name and number."""

    __slots__ = ("name", "title", "parent", "level", "own", "innermost")

    def __init__(self, name: str, parent: Block | None) -> None:
        self.name = self.title = name
        self.parent = parent
        self.level: int = -1 if parent is None else parent.level + 1
        self.own = 0                            # how many recorded results lie directly in it
        self.innermost = True
        if parent is not None:
            parent.innermost = False

    def outwards(self) -> Iterator[Block]:
        """This block and those around it; the whole graph is none."""
        block = self
        while block.parent is not None:
            yield block
            block = block.parent


Thing = Node | Block                            # what is drawn as one box


class Outline:
    """A graph and its blocks: `nodes`, its whole history oldest first, and in which each lies.

    `outside` are leaves that belong to no block. Identities without a label are passed over:
    derivatives are taken on them, and they say nothing.
    """

    def __init__(self, nodes: list[Node], roots: Collection[Node],
                 outside: Collection[Node] = ()) -> None:
        self.nodes, self.roots = nodes, list(dict.fromkeys(roots))
        self.top = Block("", None)
        self.blocks: list[Block] = []           # the oldest first, so outer before inner
        self.block: dict[Node, Block] = {}      # where each node lies that is drawn
        self.leaves: set[Node] = set()
        self.passed: dict[Node, Node] = {}      # identities, and what is drawn in their place
        self._operands: dict[Node, list[Node]] = {}
        self._settle()
        if self.blocks:
            self._settle_leaves({*self.roots, *outside})
            self._number()

    def operands(self, node: Node) -> list[Node]:
        """The nodes that a node was made of, as they are drawn."""
        found = self._operands.get(node)
        if found is None:
            found = self._operands[node] = [self.passed.get(arg, arg) for arg in node.args
                                            if isinstance(arg, Node)]
        return found

    @property
    def levels(self) -> int:
        """How many scopes lie within each other at most."""
        return 1 + max((block.level for block in self.blocks), default=-1)

    def _settle(self) -> None:
        """Put every recorded result into the block of its scope."""
        roots = set(self.roots)
        known: dict[Any, Block] = {None: self.top}
        for node in self.nodes:
            op = node.op
            if op is None:
                self.leaves.add(node)
                self.block[node] = self.top
            elif op.name == "identity" and not node.label and node not in roots:
                self.passed[node] = self.operands(node)[0]
            else:
                scope = node.origin
                block = self.block[node] = known.get(scope) or self._block_of(scope, known)
                block.own += 1

    def _block_of(self, scope: Any, known: dict[Any, Block]) -> Block:
        inner = []
        while scope not in known:
            if scope.name or scope.parent is None:      # others hold a line of code, or a mode
                inner.append(scope)
            scope = scope.parent
        block = known[scope]
        for scope in reversed(inner):
            if scope.name:
                block = Block(short(scope.name), block)
                self.blocks.append(block)
            known[scope] = block
        return block

    def _settle_leaves(self, outside: set[Node]) -> None:
        """Put every leaf into the innermost block around all that use it."""
        around: dict[Node, Block] = {}
        for node, block in self.block.items():
            if node not in self.leaves:
                for arg in self.operands(node):
                    if arg in self.leaves:
                        known = around.get(arg, block)
                        around[arg] = known if known is block else _common(known, block)
        self.block.update((leaf, block) for leaf, block in around.items() if leaf not in outside)

    def _number(self) -> None:
        """Number the blocks of one name by age."""
        several, seen = Counter(block.name for block in self.blocks), Counter[str]()
        for block in self.blocks:
            seen[block.name] += 1
            if several[block.name] > 1:
                block.title = f"{block.name}#{seen[block.name]}"

    # -- what is folded ----------------------------------------------------------------------------

    def opened(self, wanted: Collection[str]) -> set[Block]:
        """The blocks called so, by name or title, with those around them.

        Raises ArgumentError for a name that no block has.
        """
        wanted = set(map(short, wanted))
        found = {block for block in self.blocks if block.name in wanted or block.title in wanted}
        unknown = wanted - {name for block in found for name in (block.name, block.title)}
        if unknown:
            known = list(dict.fromkeys(block.name for block in self.blocks))
            raise ArgumentError(
                f"no scope in this graph is called {' or '.join(sorted(map(repr, unknown)))}",
                f"unfold some of {', '.join(known[:12])}" if known else
                'there is none: record one inside `with autograd.scope("name"):`')
        return {outer for block in found for outer in block.outwards()}

    def deepest(self, opened: set[Block], limit: int) -> int:
        """The greatest depth at which at most `limit` boxes are drawn, else 0."""
        if len(self.block) <= limit:
            return self.levels
        return max(0, bisect_left(range(self.levels), True, key=lambda depth: (
            self._least(depth) > limit or len(set(self.fold(depth, opened).values())) > limit)) - 1)

    def _least(self, depth: int) -> int:
        """How many boxes there are at a depth, leaves left aside."""
        return sum(block.own if block.level < depth else block.level == depth
                   for block in [self.top, *self.blocks])

    def fold(self, depth: int, opened: set[Block]) -> dict[Node, Thing]:
        """For each node that is drawn the box in which it is: itself, or a block.

        Blocks inside fewer than `depth` others are open, and so are those `opened`.
        """
        closed: dict[Block, Block | None] = {self.top: None}
        for block in self.blocks:                               # outer ones come first
            assert block.parent is not None
            is_open = block.level < depth or block in opened
            closed[block] = closed[block.parent] or (None if is_open else block)
        box: dict[Node, Thing] = {node: closed[block] or node for node, block in self.block.items()}
        if any(closed.values()):
            self._bunch(box)
        return box

    def _bunch(self, box: dict[Node, Thing]) -> None:
        """Put leaves that several folded blocks share into one box for each set of users."""
        users: dict[Node, set[Thing]] = {}
        for node, thing in box.items():
            if node not in self.leaves:
                for arg in self.operands(node):
                    if arg in self.leaves and box[arg] is arg:
                        users.setdefault(arg, set()).add(thing)
        bunches: dict[frozenset[Thing], list[Node]] = {}
        for leaf in self.nodes:
            used = users.get(leaf, ())
            if len(used) > 1 and all(isinstance(thing, Block) for thing in used):
                bunches.setdefault(frozenset(used), []).append(leaf)
        large = [leaves for leaves in bunches.values() if len(leaves) > FEW
                 or (len(leaves) > 1 and not all(leaf.label for leaf in leaves))]
        for k, leaves in enumerate(large, 1):
            bunch = Block("leaves" if len(large) == 1 else f"leaves#{k}", self.block[leaves[0]])
            box.update(dict.fromkeys(leaves, bunch))


def _common(x: Block, y: Block) -> Block:
    """The innermost block around both."""
    while x is not y:
        if x.level < y.level:
            x, y = y, x
        assert x.parent is not None
        x = x.parent
    return x
