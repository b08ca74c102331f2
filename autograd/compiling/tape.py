"""A tape is a recorded graph of Values laid out flat: numbers and gradients in two arrays.

The operations lie in groups of one kind that do not depend on one another, so that a replay, the
forward and the backward pass with the leaves as they are now, is one tight loop for each group.
"""

from __future__ import annotations

import threading
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy

from ..errors import GraphError
from ..kernels import Opaque, placed
from .tape_loops import loops, source

if TYPE_CHECKING:
    from ..value import Value

BOTH = (True, True)
_data, _grad, _serial = attrgetter("data"), attrgetter("grad"), attrgetter("serial")


class Tape:
    """What `root` was computed by, to be computed again: call it after leaves got new `data`.

    A call returns the new number of the root, writes it there, and adds gradients to the leaves, as
    recording it all again and `backward()` would. What was a plain number or a comparison when it
    was recorded stays as it was. `write()` brings the Values in between up to date.
    """

    def __init__(self, root: Value) -> None:
        nodes = history(root)
        self.root = root
        self.leaves = [node for node in nodes if node.step is None]
        self._lay_out(nodes)
        self._lock = threading.Lock()
        self._forward, self._backward = loops(self.kinds)

    def __call__(self, gradient: float = 1.0) -> float:
        """The number of the root now; the leaves get its gradient times `gradient` added."""
        with self._lock:
            loss = self._run()
            self.grad[:] = 0.0
            self.grad[self._last] = gradient
            if len(self.groups):
                self._backward(self.groups, *self._places, self.data, self.grad)
            self._add(self.grad[:len(self.leaves)].tolist())
            if self.root.step is not None:              # a leaf has got its own
                self.root.data, self.root.grad = loss, gradient
            return loss

    def forward(self) -> float:
        """The number of the root now, and nothing else."""
        with self._lock:
            return self._run()

    def write(self) -> None:
        """Write the `data` and `grad` of the last call into the Values between leaves and root."""
        with self._lock:
            for node, data, grad in zip(self._between, self.data[-len(self._between):].tolist(),
                                        self.grad[-len(self._between):].tolist()):
                node.data, node.grad = data, grad

    @property
    def source(self) -> str:
        """The loops, as Python."""
        return source(self.kinds, "forward") + "\n\n" + source(self.kinds, "backward")

    def __len__(self) -> int:
        return len(self._between)

    def __reduce__(self) -> Any:
        raise GraphError("a tape cannot be copied or pickled",
                         "copy the Values, and freeze() again")

    def __repr__(self) -> str:
        return (f"<tape of {len(self)} operations on {len(self.leaves)} leaves, in "
                f"{len(self.groups)} groups>")

    # -- the parts of a call -------------------------------------------------------------------

    def _run(self) -> float:
        self.data[:len(self.leaves)] = list(map(_data, self.leaves))
        if len(self.groups):
            self._forward(self.groups, *self._places, self.data)
        return float(self.data[self._last])

    def _add(self, grads: list[float]) -> None:
        """All leaves get theirs, or none."""
        before = list(map(_grad, self.leaves))
        try:
            for leaf, old, new in zip(self.leaves, before, grads):
                leaf.grad = (old or 0.0) + new
        except BaseException:
            for leaf, old in zip(self.leaves, before):
                leaf.grad = old
            raise

    def _lay_out(self, nodes: list[Any]) -> None:
        """Leaves first, then the numbers beside Values, then operations by level and kind."""
        self.kinds, numbers, levels, of_kind, operands = read(nodes)
        start = len(self.leaves) + len(numbers)
        order, place, self.groups = grouped(levels, of_kind, start)
        self._places = [place[at][order] for at in operands]
        self._between = [nodes[i] for i in order[start:].tolist()]
        self.data, self.grad = numpy.zeros((2, len(order)))
        self.data[len(self.leaves):start] = numbers
        self.data[start:] = list(map(_data, self._between))
        self.grad[start:] = [g or 0.0 for g in map(_grad, self._between)]
        self._last = int(place[len(nodes) - 1])


def grouped(levels: Any, of_kind: Any, start: int) -> Any:
    """Results in the order of a tape, by level and kind; the place of each there; and the groups,
    rows of (kind, start, stop), of those that are computed, from `start` on.
    """
    order = numpy.lexsort((of_kind, levels))
    place = numpy.empty(len(order), numpy.uint32)
    place[order] = numpy.arange(len(order), dtype=numpy.uint32)
    made = order[start:]
    changes = numpy.diff(levels[made], prepend=-1) | numpy.diff(of_kind[made], prepend=-1)
    starts = numpy.flatnonzero(changes) + start
    stops = numpy.append(starts[1:], len(order))[:len(starts)]
    return order, place, numpy.stack([of_kind[order[starts]], starts, stops], axis=1)


def history(root: Any) -> list[Any]:
    """All Values that led to root, oldest first. Raises GraphError for what has no printed step."""
    found, seen = [root], {id(root)}
    for node in found:                          # grows while it is read
        if type(node.step) is Opaque:
            raise cannot(node)
        for operand in (node.x, node.y):
            if operand is not None and id(operand) not in seen:
                seen.add(id(operand))
                found.append(operand)
    return sorted(found, key=_serial)


def read(nodes: list[Any]) -> Any:
    """What lies on a tape: kinds; numbers beside Values; and for each node, and number after them,
    its level (0: nothing before it), its kind (-2 on leaves, -1 on numbers) and its operands.
    """
    at = {id(node): i for i, node in enumerate(nodes)}
    kinds: dict[Any, int] = {}
    numbers: dict[str, int] = {}
    levels, of_kind = [0] * len(nodes), [-2] * len(nodes)
    operands = numpy.zeros((3, len(nodes)), numpy.int64)
    x, y, w = operands.tolist()
    for i, node in enumerate(nodes):
        step = node.step
        if step is None:
            continue
        of_kind[i] = kinds.setdefault(step, len(kinds))
        if len(step.nodes) == 1:
            x[i] = j = at[id(node.x)]
            levels[i] = levels[j] + 1
        elif step.nodes == BOTH:
            x[i], y[i] = j, k = at[id(node.x)], at[id(node.y)]
            levels[i] = max(levels[j], levels[k]) + 1
        else:
            found = [at[id(arg)] if is_node else len(nodes) + numbers.setdefault(
                repr(float(arg)), len(numbers)) for arg, is_node in zip(placed(node), step.nodes)]
            x[i], y[i], w[i] = [*found, 0, 0][:3]
            levels[i] = max(levels[j] for j in found if j < len(nodes)) + 1
    named = [(step.op.name, step.nodes) for step in kinds]
    ranks = numpy.argsort(sorted(range(len(named)), key=named.__getitem__))     # loops are kept
    more = len(numbers)
    return (tuple(sorted(named)), list(map(float, numbers)), numpy.array(levels + [0] * more),
            numpy.array([*ranks, -2, -1])[of_kind + [-1] * more],
            [numpy.array(places + [0] * more) for places in (x, y, w)])


def cannot(node: Any) -> GraphError:
    """The error of an operation that has no printed step."""
    return GraphError(
        f"freeze() of a graph with {node.op.name} on {len(node.args)} operands: only operations of "
        "the engine's on one or two Values can be frozen",
        "make its result a leaf, Value(x.data), or call backward() as before")
