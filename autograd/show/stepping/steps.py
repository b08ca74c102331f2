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
from ...errors import ArgumentError, GraphError, describe
from ...node import Node
from ...storage import copy, is_array, namespace
from ...tensor import Tensor
from ..drawing.draw import picture
from ..drawing.graph import Graph
from ..files import write_whole
from ..names import names
from . import stepper
from .frames import Forward, Frame, Seed, Step, Update


class Steps(Sequence[Step]):
    """The steps of a backward pass: `len`, index, iterate, `print`; a notebook shows a stepper.

    `frames` are all moments of the ruler, forward and update too. Made by `loss.steps()`.
    Raises GraphError where nothing was recorded.
    """

    def __init__(self, x: Any, gradient: Any = None, given: Any = False,
                 update: Callable[[], Any] | None = None) -> None:
        self.root, seed = x._root(gradient)
        if self.root.op is None:
            raise GraphError(f"nothing to step through: no recorded operation made {describe(x)}",
                             "build it outside no_grad(), from Values or from Tensors that "
                             "require a gradient")
        nodes = sweep.history([self.root])
        self.names = names(nodes, given)
        self.forward = tuple(Forward("loss" if node is self.root else "forward", node, self.names)
                             for node in nodes if node.op is not None)
        self.seed = Seed("backward", self.root, self.names, seed)
        self._steps = tuple(_backward(self.root, seed, self.names))
        self.updates: tuple[Update, ...] = ()
        if update is not None:
            self.updates = tuple(self._update(x, gradient, update))

    def _update(self, x: Any, gradient: Any, update: Callable[[], Any]) -> Iterator[Update]:
        """Let the leaves move; what was shown of them before is kept."""
        for frame in self.frames:
            str(frame)                                  # texts are kept once they are made
        self.picture                                    # noqa: B018
        leaves = [(node, copy(node.data) if is_array(node.data) else node.data)
                  for node in self.names if node.op is None]
        if gradient is None:
            x.backward()
        else:
            x.backward(gradient)
        update()
        for node, before in leaves:
            after = copy(node.data) if is_array(node.data) else node.data
            if not _same(before, after):
                grad = node.grad.data if isinstance(node.grad, Tensor) else node.grad
                yield Update("update", node, self.names, grad, before, after)

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
                                f"give one of {', '.join(list(self.names.values())[:8])} ...")
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
        """The graph and its steps as JSON: arrays as nested lists, nan and inf as strings."""
        number = {node: k for k, node in enumerate(self.names)}
        nodes = [{"name": name, "op": node.op and node.op.name, "data": plain(node.data),
                  "operands": [number[arg] if isinstance(arg, Node) else {"constant": plain(arg)}
                               for arg in node.args],
                  "line": str(node.origin.line) if node.origin and node.origin.line else None,
                  "scope": [scope.name for scope in node.origin.path] if node.origin else []}
                 for node, name in self.names.items()]
        steps = [{"node": number[step.node], "operand": number[step.operand], "place": step.i,
                  "upstream": plain(step.upstream), "local": plain(step.local),
                  "contribution": plain(step.contribution), "before": plain(step.before),
                  "after": plain(step.after), "adds": step.adds, "kink": step.kink,
                  "symbols": step.symbols, "numbers": step.numbers, "code": step.code}
                 for step in self._steps]
        return json.dumps({"nodes": nodes, "steps": steps}, allow_nan=False)

    def __str__(self) -> str:
        """The steps as a table, one a line."""
        rows = [(str(k), step.symbols, step.numbers, step.code)
                for k, step in enumerate(self._steps)]
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
        return picture([self.root], list(self.names), self.names, final, titled=True)

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


def _backward(root: Node, seed: Any, called: dict[Node, str]) -> Iterator[Step]:
    """The steps of the walk; a contribution in another shape than its operand's takes two."""
    found: dict[Node, Any] = {}
    loss = called[root]
    for node, i, g, part, fitted in sweep.contributions(root, seed):
        operand = node.args[i]
        before = found.get(operand)
        found[operand] = after = fitted if before is None else before + fitted
        if is_array(part) and is_array(fitted) and tuple(part.shape) != tuple(fitted.shape):
            yield Step("backward", node, called, i, g, part, before, before, loss)
            yield Step("backward", node, called, i, part, fitted, before, after, loss, True)
        else:
            yield Step("backward", node, called, i, g, fitted, before, after, loss)


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


def _same(x: Any, y: Any) -> bool:
    return bool(namespace(x).all(x == y)) if is_array(x) else x == y
