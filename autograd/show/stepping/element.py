"""Opening an element shows the scalar graph behind one number of a Tensor.

Only what that number depends on is made (see needed). An elementwise operation is itself again, a
linear one comes to the sum of those elements that its transpose leads back to, a matrix product is
written out, and of anything else one node is left, with the operation's name.
"""

from __future__ import annotations

import operator
from contextlib import suppress
from operator import attrgetter
from typing import Any

from ...debug import verify
from ...errors import ArgumentError, DtypeError, GraphError, OutOfRangeError, ShapeError, describe
from ...kinds import strong_zero
from ...modes import debugging
from ...node import NOTHING, Node, Operand
from ...ops import elementwise as e
from ...ops.linalg import matrix_product
from ...primitive import Primitive, raw
from ...storage import quiet
from ...sweep import history
from ...tensor import Tensor
from ...value import Value
from ..names import names
from ..numbers import place, shape
from ..wording import short
from . import needed
from .needed import Term


def element(x: Tensor, index: Any = (), limit: int = 10_000) -> Value:
    """The scalar graph behind `x[index]`, as a Value to draw, step and walk backward.

    `index` is one int for each axis. Every number is the recorded one, a float64 whatever the
    dtype of x. The graph stands by itself: `backward()` writes to Values of its own, and its leaf
    `W[0, 1]` then has the gradient of x[index] with respect to that element of W. Raises GraphError
    without a graph, DtypeError unless all is real and floating, ShapeError for a wrong index and
    ArgumentError for what is no Tensor, or comes to more than `limit` scalars.
    """
    return element_and_leaves(x, index, limit)[0]


def element_and_leaves(x: Tensor, index: Any = (), limit: int = 10_000) -> tuple[
        Value, dict[Node, dict[tuple[int, ...], Value]]]:
    """The Value of `element`, and its leaves: `leaves[W.node][0, 1]` is the Value of W[0, 1]."""
    root, k = _asked_for(x, index)
    nodes = history([root])
    if debugging():
        verify(nodes)
    with quiet():
        terms = needed.terms(root, k, nodes, limit)
        made = _record(terms, names(nodes))
    value = made[root, k]
    if not isinstance(value, Value):            # it depends on no leaf
        value = Value(value, label=_name(short(root.label), root, k))
    leaves = {node: {place(k, shape(node.data)): made[node, k]
                     for k in sorted(terms[node])}
              for node in nodes if node in terms and node.op is None}
    return value, leaves


def _asked_for(x: Any, index: Any) -> tuple[Node, int]:
    """The node of x, and which element of it is meant, counted through."""
    if not isinstance(x, Tensor):
        raise ArgumentError(f"element() of {describe(x)}, which is no Tensor",
                            "give it a Tensor; a Value is a scalar graph already")
    needed.check_dtype(x.node)
    if not x.requires_grad:
        raise GraphError(f"element() of a {describe(x)} that depends on no leaf that requires a "
                         "gradient", "make a leaf with requires_grad=True, and build the graph "
                         "outside no_grad()")
    index = index if isinstance(index, tuple) else (index,)
    try:
        if any(isinstance(i, bool) for i in index):
            raise TypeError
        places = tuple(map(operator.index, index))
    except TypeError:
        raise DtypeError(f"element() at the index {short(repr(index))}",
                         "give one int for each axis, as in element(x, (0, 1))") from None
    if len(places) != x.ndim:
        raise ShapeError(f"element() at the index {places} of a {describe(x)}",
                         f"give one int for each axis, {x.ndim} in all")
    if any(not -n <= i < n for i, n in zip(places, x.shape, strict=True)):
        raise OutOfRangeError(f"element() at the index {places} of a {describe(x)}",
                              "indices run from 0 to n - 1 along each axis, or back from -1")
    places = tuple(i % n for i, n in zip(places, x.shape, strict=True))
    return x.node, needed.flat(places, x.shape)


def _name(label: str, node: Node, k: int) -> str:
    """`W[0, 1]`; what is one number has its label alone."""
    index = place(k, shape(node.data))
    return f"{label}[{', '.join(map(str, index))}]" if label and index else label


def _record(terms: dict[Node, dict[int, list[Term]]], called: dict[Node, str]) -> dict[
        tuple[Node, int], Any]:
    """The scalar of every element: a Value, or a number where it depends on no leaf."""
    made: dict[tuple[Node, int], Any] = {}
    for node in sorted(terms, key=attrgetter("serial")):
        for k in sorted(terms[node]):
            args = tuple(
                made[node.args[i], j] if isinstance(node.args[i], Node)
                else needed.number(node.args[i], j) for i, j, _ in terms[node][k])
            value = made[node, k] = _scalar(node, k, terms[node][k], args)
            named = node.label or node.op is None
            if named and isinstance(value, Value) and not value.label:
                value.label = _name(called[node], node, k)
    return made


def _scalar(node: Node, k: int, terms: list[Term], args: tuple[Any, ...]) -> Any:
    """Element k of a node, made of the elements `args` of its operands."""
    data = needed.number(node.data, k)
    if node.op is None:
        return Value(data)
    if not any(isinstance(x, Value) for x in args):
        return data
    if node.op is matrix_product:
        return _total(node, list(zip(args[::2], args[1::2], strict=True)), data)
    if needed.is_linear(node):
        return _total(node, [(x,) if c == 1 else (c, x)
                             for (_, _, c), x in zip(terms, args, strict=True)], data)
    if needed.is_elementwise(node):
        with suppress(Exception):               # a rule of somebody's own may be for arrays only
            return _applied(node, node.op, args, data, node.params)
        return _part(node, node.op, args, needed.slopes(node, k, terms), data, node.params)
    return _part(node, node.op, args, tuple(c for _, _, c in terms), data, node.params)


def _total(node: Node, products: list[tuple[Any, ...]], data: float) -> Any:
    """The sum of products, written out; the last operation has the number that was recorded."""
    last = data if len(products) == 1 else None
    terms = [product[0] if len(product) == 1 else _applied(node, e.multiply, product, last)
             for product in products]
    total = terms[0]
    for n, term in enumerate(terms[1:], 2):
        total = _applied(node, e.add, (total, term), data if n == len(terms) else None)
    if isinstance(total, Value) and not _same(total.data, data):       # a cast, for example
        return _part(node, node.op, (total,), (1.0,), data, node.params)
    return total


def _applied(node: Node, op: Any, args: tuple[Any, ...], data: float | None = None,
             params: dict[str, Any] = NOTHING) -> Any:
    """op of some elements, a Value unless all are numbers; `data` is what was recorded for it."""
    computed = op.on_floats(tuple(map(raw, args)), params)
    data = computed if data is None else data
    if not any(isinstance(x, Value) for x in args):
        return data
    value = Value.recorded(data, op, args, params)
    slopes = tuple(value.contribution(i, 1.0) if isinstance(x, Value) else 0.0
                   for i, x in enumerate(args))         # here a rule that is no scalar one raises
    if not _same(computed, data):               # arrays are rounded, and added up, otherwise
        return _part(node, op, args, slopes, data, params)
    value.origin = node.origin
    return value


def _part(node: Node, op: Any, args: tuple[Any, ...], slopes: tuple[float, ...], data: float,
          params: dict[str, Any]) -> Value:
    """One element of what op gave, as a node whose local derivatives are known numbers."""
    given = tuple(map(raw, args))
    value: Value = Value.recorded(data, Part(op, given, slopes, data), args, params)
    value.origin = node.origin
    return value


def _same(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


class Part(Primitive):
    """One element of an operation on arrays: its number and its derivatives are those recorded."""

    diagonal = True                             # one number for each operand

    def __init__(self, op: Any, given: tuple[Any, ...], slopes: tuple[float, ...],
                 data: float) -> None:          # not in the table, and so not found by its name
        self.__dict__.update(op.__dict__ | {"kink": None})
        self.of, self.given, self.slopes, self.data = op, given, slopes, data

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        if isinstance(g, Operand):
            raise GraphError(f"a second derivative of {self.name}(...), one element of an array",
                             "differentiate the Tensors, with grad(grad(f)), not their elements")
        return strong_zero(g * self.slopes[i], g)

    def on_floats(self, numbers: tuple[Any, ...], params: dict[str, Any]) -> Any:
        if numbers == self.given:
            return self.data
        raise GraphError(f"the operands of {self.name}(...), one element of an array, were changed",
                         "change the Tensor instead, and open its element again")

    def __reduce__(self) -> Any:
        return Part, (self.of, self.given, self.slopes, self.data)
