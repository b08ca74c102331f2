"""Steps are the backward pass one contribution at a time: upstream × local = contribution.

The walk is done once and writes nothing. Around it stand the other moments of a training step, so
that one ruler goes from the first operation to the moved weight: forward, loss, backward, update.
"""

import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ... import sweep
from ...debug import same
from ...errors import ArgumentError, GraphError, describe
from ...node import ZERO, Node
from ...storage import copy, is_array, owns_memory, quiet
from ...tensor import Tensor
from ...value import Value
from ..drawing.draw import picture
from ..drawing.graph import Graph
from ..files import write_whole
from ..names import Names, names
from . import stepper
from .frames import Forward, Frame, Seed, Step, Update


class Steps(Sequence[Step]):
    """The steps of a backward pass: `len`, index, iterate, `print`; a notebook shows a stepper.

    `frames` are all moments of the ruler, forward and update too. Made by `loss.steps()`.
    Raises GraphError where nothing was recorded.
    """

    def __init__(self, x: Any, gradient: Any = None, given: Any = False,
                 update: Callable[[], Any] | None = None, **drawing: Any) -> None:
        self.root, seed = x._root(gradient)
        if self.root.op is None:
            raise GraphError(f"nothing to step through: no recorded operation made {describe(x)}",
                             "build it outside no_grad(), from Values or from Tensors that "
                             "require a gradient")
        self.drawing = drawing                          # options of the picture
        nodes = sweep.history([self.root])
        if update is not None and not callable(update):
            raise ArgumentError(f"update={describe(update)}", "give what moves the leaves, such as "
                                                              "optimizer.step")
        self.names = names(nodes, given)
        self.data = {node: _kept(node) for node in nodes}           # as it is now
        moment = self.names, self.data
        self.forward = tuple(Forward("loss" if node is self.root else "forward", node, *moment)
                             for node in nodes if node.op is not None)
        self.seed = Seed("backward", self.root, *moment, seed)
        self._steps = tuple(_backward(self.root, seed, *moment))
        self.updates: tuple[Update, ...] = ()
        if update is not None:
            self.updates = tuple(self._update(x, gradient, update))

    def _update(self, x: Any, gradient: Any, update: Callable[[], Any]) -> Iterator[Update]:
        """Let the leaves move; what was known of them before is kept."""
        self.picture, [step.kink for step in self._steps]           # kept once they are made
        leaves = [node for node in self.names if node.op is None]
        earlier = [(node, node.grad) for node in self.names]
        try:
            for leaf in leaves:                         # the update is that of this pass alone
                leaf.grad = ZERO if isinstance(leaf, Value) else None
            x.backward(*() if gradient is None else (gradient,))
            grads = [leaf.grad.data if isinstance(leaf.grad, Tensor) else leaf.grad
                     for leaf in leaves]
            update()
        except BaseException:                           # gradients as they were
            for node, grad in earlier:
                node.grad = grad
            raise
        for leaf, grad in zip(leaves, grads, strict=True):
            if not same(self.data[leaf], leaf.data):
                yield Update("update", leaf, self.names, self.data, grad, self.data[leaf],
                             _kept(leaf))

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Every moment: the results as they were computed, the seed, the steps, the updates."""
        return (*self.forward, self.seed, *self._steps, *self.updates)

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, i: Any) -> Any:
        return self._steps[i]

    def into(self, x: Any) -> list[Step]:
        """The steps that add to the gradient of x, a Value or Tensor; they sum to exactly it."""
        node = x.node if isinstance(x, Tensor) else x
        if not isinstance(node, Node) or node not in self.names:
            raise ArgumentError(f"{describe(x)} is not in this graph",
                                "give a Value or Tensor that led to the loss, itself")
        return [step for step in self._steps if step.operand is node and step.adds]

    def at(self, x: Any) -> Step:
        """The step in which the gradient of x became final; ArgumentError where none reaches x."""
        steps = self.into(x)
        if not steps:
            raise ArgumentError(f"no step reaches {describe(x)}",
                                "it is the root itself, or no gradient flows to it")
        return steps[-1]

    def until(self, above: float = sys.float_info.max, kink: bool = True) -> list[Step]:
        """Where to stop: gradients with nan or inf or greater than `above`, and kinks in use."""
        return [step for step in self._steps
                if not step.size <= above or (kink and step.kink)]

    def to_json(self) -> str:
        """The graph and its steps as JSON: arrays as nested lists, nan and inf as strings.

        A step goes along the edge from `node` to its operand `operand`, both counted in `nodes`;
        the gradient that arrives from above is the node's, `gradient`.
        """
        final = {self.root: self.seed.after} | {step.operand: step.after for step in self._steps}
        number = {node: k for k, node in enumerate(self.names)}
        nodes = [{"name": name, "op": node.op and node.op.name, "data": plain(self.data[node]),
                  "gradient": plain(final.get(node)),
                  "operands": [number[arg] if isinstance(arg, Node) else {"constant": plain(arg)}
                               for arg in node.args],
                  "line": str(node.origin.line) if node.origin and node.origin.line else None,
                  "scope": [scope.name for scope in node.origin.path] if node.origin else []}
                 for node, name in self.names.items()]
        steps = [{"node": number[step.node], "operand": number[step.operand], "place": step.i,
                  "local": plain(step.local), "summed": step.summed,
                  "contribution": plain(step.contribution), "before": plain(step.before),
                  "after": plain(step.after), "adds": step.adds, "kink": step.kink,
                  "symbols": step.symbols, "numbers": step.numbers, "code": step.code}
                 for step in self._steps]
        return json.dumps({"nodes": nodes, "steps": steps}, allow_nan=False)

    def __str__(self) -> str:
        """The steps as a table, one a line, and under it the updates."""
        rows = [(str(k), step.symbols, step.numbers, step.code)
                for k, step in enumerate(self._steps)]
        rows += [("", update.symbols, update.numbers, update.code) for update in self.updates]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(cell.rjust(width) if not k else cell.ljust(width)
                                   for k, (cell, width) in enumerate(zip(row, widths, strict=True))
                                   ).rstrip() for row in rows)

    def __repr__(self) -> str:
        return (f"<{len(self)} steps back from {self.names[self.root]}: print() lists them, "
                "steps[0] is the first, .save() makes a page>")

    # -- showing -----------------------------------------------------------------------------------

    @cached_property
    def picture(self) -> tuple[Graph, dict[Node, str]]:
        """The graph with the final gradients, and the id of each node drawn."""
        final = {self.root: self.seed.after} | {step.operand: step.after for step in self._steps}
        return picture([self.root], list(self.names), self.names, final,
                       **self.drawing)

    def _repr_html_(self) -> str | None:
        try:
            return stepper.html(self)
        except Exception:                           # a repr never raises: the text is left
            return None

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the steps as the suffix says: .html (a page that needs nothing), .json or .txt.

        Raises ArgumentError for another suffix and where nothing can be written.
        """
        path = Path(path)
        writers: dict[str, Callable[[], str]] = {
            ".html": lambda: stepper.page(self, f"steps of {self.names[self.root]}"),
            ".json": self.to_json, ".txt": lambda: f"{self}\n"}
        if path.suffix.lower() not in writers:
            raise ArgumentError(f"steps cannot be written as {path.name!r}",
                                f"give the file one of the suffixes {' '.join(writers)}")
        return write_whole(path, writers[path.suffix.lower()]().encode())


def _kept(node: Node) -> Any:
    """The data of a node; a copy of an array that a later update may write to."""
    data = node.data
    mutable = is_array(data) and (node.op is None or not owns_memory(data))
    return copy(data) if mutable else data


def _backward(root: Node, seed: Any, called: Names,
              data: dict[Node, Any]) -> Iterator[Step]:
    """The steps of the walk; a contribution in another shape than its operand's takes two."""
    found: dict[Node, Any] = {}
    loss = called[root]
    for node, i, g, part, fitted in sweep.contributions(root, seed):
        operand = node.args[i]
        before = found.get(operand)
        found[operand] = after = fitted if before is None else before + fitted
        with quiet():
            local = node.contribution(i, node.ones()) if node.op.diagonal else None
        edge = "backward", node, called, data, i, loss
        if is_array(part) and is_array(fitted) and tuple(part.shape) != tuple(fitted.shape):
            yield Step(*edge, g, local, part, before, before)
            yield Step(*edge, part, None, fitted, before, after, True)
        else:
            yield Step(*edge, g, local, fitted, before, after)


def plain(x: Any) -> Any:
    """Numbers and arrays as JSON can hold them."""
    if isinstance(x, tuple):
        return [plain(part) for part in x]
    if is_array(x):
        return plain(Tensor(x).tolist())
    if isinstance(x, list):
        return [plain(part) for part in x]
    if isinstance(x, complex) or (isinstance(x, float) and not math.isfinite(x)):
        return str(x)
    return x
