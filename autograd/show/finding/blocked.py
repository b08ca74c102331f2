"""What stops a gradient: an operation with derivative 0, paths that cancel, or no path at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...node import Node
from ...storage import (
    arange,
    is_array,
    is_complex,
    is_floating,
    is_integer,
    namespace,
    shares_memory,
)
from ...sweep import history
from ...tensor import Tensor
from ...value import Value
from ..numbers import at, count, few, nonfinite, norm, size_of, some
from ..wording import kind, number
from .sentence import code, line_of, made

Edges = dict[Node, list[int]]               # the operands of each node that lead to x, by place
STEPS = {"sign", "floor", "ceil", "round", "round_to", "trunc", "floor_divide"}
SATURATES = {"tanh", "sigmoid", "erf", "exp", "expm1", "softplus", "logaddexp"}
PICKS = {"getitem", "take", "take_along_axis", "max", "min"}
PRODUCTS = {"multiply", "matrix_product"}
ROUNDING = 1e-12                            # what is left of a sum, of its terms, is rounding
GOLDEN = 0.6180339887498949


def pulled(node: Node, i: int, g: Any) -> Any:
    """What the gradient g of a node means for its operand i, in that operand's shape."""
    arg, part = node.args[i], node.contribution(i, node.complete(g))
    return arg.zeros() if part is None else arg.fit(part)


# -- something leads from x to the loss, and 0 comes back ------------------------------------------

def shut(start: Node, found: Mapping[Node, Any], edges: Edges, names: Mapping[Node, str]) -> str:
    """What makes the gradient of `start` 0, or a part of it; "" where it is 0 nowhere."""
    gradient = found[start]
    zeros, size = count(gradient == 0), size_of(gradient)
    if some(nonfinite(gradient)):
        return "the gradient is not finite: explain_nan(loss) says where that comes from"
    if zeros == 0:
        return ""
    if zeros < size:
        said = _said(dict(_partly(found, edges)), _some_shut, found, names)
        return said and f"the gradient is 0 at {zeros:,} of {size:,} elements: {said}"
    return (_said(dict(_wholly(found, edges)), _all_shut, found, names)
            or _cancelled(start, found, edges, names))


def _said(blocks: Mapping[Node, int], say: Callable[..., str], found: Mapping[Node, Any],
          names: Mapping[Node, str]) -> str:
    """The first operation that blocks, in a sentence, and how many others do."""
    if not blocks:
        return ""
    (node, i), *others = blocks.items()
    more = (f"; {made(others[0][0], names)} blocks too" if len(others) == 1 else
            f"; {len(others):,} other operations block too" if others else "")
    return say(node, i, found, names) + more


def cancel(products: list[Any], gradient: Any) -> bool:
    """Whether what the paths bring adds up to nothing but rounding."""
    largest = max(map(norm, products), default=0.0)
    return len(products) > 1 and 0 < norm(gradient) <= ROUNDING * largest


def _wholly(found: Mapping[Node, Any], edges: Edges) -> Iterator[tuple[Node, int]]:
    """The operations that a gradient reaches and nothing leaves, nearest to x first."""
    for node, i in _reached(found, edges):
        part = pulled(node, i, found[node])
        if not isinstance(part, tuple) and not some(part != 0):
            yield node, i


def _all_shut(node: Node, i: int, found: Mapping[Node, Any], names: Mapping[Node, str]) -> str:
    arg = node.args[i]
    if is_integer(arg.data):
        return f"{made(arg, names)} is {kind(arg.data)}: integers carry no gradient{_line(arg)}"
    reason = _reason(node, i, found, names)
    return f"{made(node, names)} lets nothing through: {reason}{_line(node)}"


def _partly(found: Mapping[Node, Any], edges: Edges) -> Iterator[tuple[Node, int]]:
    """The operations that let some elements of an operand through, nearest to x first."""
    for node, i in _reached(found, edges):
        data = node.args[i].data
        if not isinstance(data, tuple) and 0 < _dead(node, i) < size_of(data):
            yield node, i


def _some_shut(node: Node, i: int, found: Mapping[Node, Any], names: Mapping[Node, str]) -> str:
    arg = node.args[i]
    dead, size = _dead(node, i), size_of(arg.data)
    what = (f"picks {size - dead:,} of {size:,} elements" if node.op.name in PICKS else
            f"lets nothing through at {dead:,} of {size:,} elements")
    return f"{made(node, names)} {what} of {names[arg]}{_line(node)}"


def _reached(found: Mapping[Node, Any], edges: Edges) -> Iterator[tuple[Node, int]]:
    """The edges that a gradient comes to which is not 0 everywhere, nearest to x first."""
    for node, places in edges.items():
        g = found[node]
        if not isinstance(g, tuple) and (size_of(g) == 0 or some(g != 0)):
            yield from ((node, i) for i in places)


def _reason(node: Node, i: int, found: Mapping[Node, Any], names: Mapping[Node, str]) -> str:
    """Why no gradient comes through operand i, in half a sentence."""
    arg, name = node.args[i], node.op.name
    dead, size = _dead(node, i), size_of(arg.data)
    x = f"{names[arg]} = {few(arg.data)}"
    if name in STEPS:
        return f"it is a step, and its derivative is 0 everywhere, also at {x}"
    if name in PRODUCTS and not some(node.numbers()[1 - i] != 0):
        other = node.args[1 - i]
        return f"it multiplies {x} by " + ("itself" if other is arg else f"{names[other]} = 0"
                                           if isinstance(other, Node) else "0")
    if size_of(node.data) == 0:
        return f"it takes no element of {names[arg]}, and the result is empty"
    if dead == 0:
        g = found[node]
        if norm(g) < 1e-18:
            return f"the gradient that comes there, {few(g)}, is so small that it underflows to 0"
        return f"what comes back to {names[arg]} adds up to 0"
    if name in SATURATES:
        return f"it is saturated, its derivative at {x} underflows to 0"
    if not is_array(arg.data):
        return f"its derivative at {x} is 0"
    if dead == size:
        return f"its derivative is 0 at all {size:,} elements of {x}"
    return (f"its derivative is 0 at {dead:,} of {size:,} elements of {names[arg]}, at all that a "
            "gradient reaches")


def _dead(node: Node, i: int) -> int:
    """How many elements of operand i nothing can come back to, whatever the gradient."""
    return count(pulled(node, i, _any_gradient(node.data)) == 0)


def _any_gradient(data: Any) -> Any:
    """A gradient like any other: numbers from 1 to 2 that neither repeat nor cancel."""
    if not is_array(data):
        return 1.0
    xp = namespace(data)
    steps = xp.astype(arange(data, size_of(data)), xp.float32) * GOLDEN
    return xp.astype(xp.reshape(1.0 + steps - xp.floor(steps), tuple(data.shape)), data.dtype)


def _cancelled(start: Node, found: Mapping[Node, Any], edges: Edges,
               names: Mapping[Node, str]) -> str:
    """The paths that add up to 0, and where they do, unless it is in x itself."""
    for node, places in reversed(edges.items()):
        for i in places:
            arg = node.args[i]
            if (arg is not start and not isinstance(found[arg], tuple)
                    and not some(found[arg] != 0) and some(pulled(node, i, found[node]) != 0)):
                return f"the paths cancel in {made(arg, names)}{_line(arg)}"
    return "the paths cancel"


def _line(node: Node) -> str:
    line = line_of(node)
    return "" if line is None else f" ({code(line)[0]})"


# -- nothing leads from x to the loss --------------------------------------------------------------

def gap(x: Any, name: str, nodes: list[Node], names: Mapping[Node, str]) -> str:
    """Why nothing leads from x to the loss, the last of `nodes`."""
    start, end = x.node if isinstance(x, Tensor) else x, nodes[-1]
    if is_array(start.data) and not is_floating(start.data):
        return (f"{name} is {kind(start.data)}: integers and booleans carry no gradient. "
                "help: make it floating, with requires_grad=True")
    if isinstance(x, Tensor) and not x.requires_grad:
        return (f"{name} does not require a gradient. help: give it requires_grad=True before the "
                "loss is computed, outside no_grad()")
    if end.op is None:
        return ("the loss is a leaf: no operation that made it was recorded. help: build it "
                "outside no_grad(), do not detach it, and go through no comparison, argmax or "
                "cast to integers")
    older = [node for node in history([start])[:-1] if node in names]
    if end in older:
        return f"it is the other way round: {name} was computed from the loss"
    if older:
        return (f"this result, {start.op.name}(...), lies beside the loss, not on the way to it. "
                f"help: ask about {names[older[-1]]}, which does lead there")
    if start.serial > end.serial:
        return (f"{name} was made after the loss. help: ask about what the loss was computed "
                "from, or compute it again")
    found = min(_traces(start, nodes, names), default=None)
    if found:
        return f"nothing leads from {name} to the loss, but {found[1]}"
    return (f"nothing leads from {name} to the loss. help: use it in the computation; comparisons, "
            "argmax, casts to integers, .data, .item(), detach() and no_grad() end a gradient")


def _traces(start: Node, nodes: list[Node], names: Mapping[Node, str]) -> Iterator[Any]:
    """What of x is in the loss as a constant: (how doubtful, in words)."""
    for age, node in enumerate(nodes):
        if node.op is None:
            rank, how = _alike(node.data, start.data)
            both = isinstance(node, Value) and isinstance(start, Value)
            if rank == 1 or (both and node.data == start.data):
                yield (1, age), (f"the leaf {names[node]} "
                                  f"{how or 'has the same number'}. help: was it detached, or made "
                                 "anew by Value(...) or Tensor(...)?")
            continue
        for i, arg in enumerate(node.args):
            if not isinstance(arg, Node):
                rank, how = _alike(arg, start.data)
                if rank:
                    yield (rank, age), (f"operand {i} of {made(node, names)} is a constant that "
                                        f"{how}{_line(node)}. help: {HELPS[rank]}")


HELPS = {1: "was it detached, taken from .data or .item(), or used before it required a gradient?",
         2: "integers carry no gradient; keep it floating",
         3: "a comparison has no derivative; where(condition, x, y) has one for x and y"}


def _alike(c: Any, data: Any) -> tuple[int, str]:
    """How the constant c may come of x: (1 surely, 2 as an integer, 3 as a comparison, 0 not)."""
    if not is_array(c):
        return _alike_number(c, data)
    if not is_array(data) or type(c) is not type(data) or c.shape != data.shape or (
            size_of(c) == 0):
        return 0, ""
    xp = namespace(data)
    if c is data or shares_memory(c, data):
        return 1, "shares its array"
    if not is_floating(c) and not is_integer(c):
        return 3, f"holds booleans in its shape, {tuple(c.shape)}"
    c = xp.astype(c, data.dtype)
    if bool(xp.all(c == data)):
        return 1, "has the same numbers"
    whole = not is_complex(data) and bool(xp.all((c == xp.floor(c)) & (xp.abs(c - data) < 1)))
    return (2, "has the same numbers without their fractions") if whole else (0, "")


def _alike_number(c: Any, data: Any) -> tuple[int, str]:
    if size_of(data) != 1:
        return 0, ""
    x = at(data, (0,) * len(data.shape)) if is_array(data) else data
    if isinstance(c, bool):
        return 3, f"is {c}"
    if isinstance(c, float) and c == x and not c.is_integer():
        return 1, f"has the same number, {number(c)}"
    if isinstance(c, int) and abs(c) > 1 and 0 < abs(c - x) < 1:
        return 2, f"is {c}, near {number(x)}"
    return 0, ""
