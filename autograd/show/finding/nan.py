"""Where a nan or inf comes from: the operation or edge that made one out of finite numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...errors import ArgumentError, DtypeError, describe
from ...modes import lines
from ...node import Node, Operand
from ...storage import is_array, quiet
from ...sweep import history
from ...tensor import Tensor
from ...value import Value
from .. import names as naming
from ..example import Example
from ..numbers import at, bad, count, few, first, nonfinite, parts, size_of, some
from ..wording import number
from . import mends
from .birth import RESULT, born, culprit, culprit_edge
from .sentence import code, line_of, made

Names = Mapping[Node, str]
ROLES = {"divide": ("numerator ", "denominator "), "pow": ("base ", "exponent ")}


@dataclass(frozen=True)
class Cause:
    """The answer of `explain_nan`: `what` made the nan or inf, of which `operands`, and the `mend`.

    `node` is the operation (a leaf where the data had it already), `line` its line of code, known
    where it was recorded inside `with autograd.debug():`. All are empty where nothing is wrong.
    """

    what: str
    operands: tuple[str, ...] = ()
    mend: str = ""
    node: Node | None = None
    line: Any = None

    @property
    def told(self) -> str:
        """What made it, of which operands, and on which line."""
        said = [self.what, *self.operands, *(code(self.line) if self.line is not None else [])]
        return "\n  ".join(said)

    def __repr__(self) -> str:
        if self.node is None:
            return self.what
        hint = ("\n  help: inside `with autograd.debug():` the line of code is known too"
                if self.line is None else "")
        return f"{self.told}{hint}\n  mend: {self.mend}"


def explain_nan(loss: Any, *args: Any, names: bool | Mapping[str, Any] = False,
                **kwargs: Any) -> Cause:
    """The first operation, edge or leaf that made the loss or its gradients nan or inf.

    Give it the loss, a Value or a Tensor, or a function and its arguments: that is run
    with its lines of code kept, as in `autograd.debug()`, and floats and arrays among the arguments
    are labelled with the names of the parameters. The answer names the operands, the place in the
    array, the line, and the usual mend; or says that all is finite. `names` calls nodes as the
    caller's variables, or those of a mapping. Raises DtypeError where there is no graph.
    """
    if callable(loss) and not isinstance(loss, Operand):
        with lines(), quiet():
            example = Example(loss, args, kwargs)
        loss, names = example.out, names or example.names
    elif args or kwargs:
        raise ArgumentError("explain_nan() of a loss, and arguments",
                            "give it a loss alone, or a function and its arguments")
    if not isinstance(loss, (Value, Tensor)):
        raise DtypeError(f"explain_nan() of {describe(loss)}, which has no graph",
                         "give it the loss, a Value or a Tensor, or a function of floats and "
                         "arrays that returns one")
    return (cause(loss.node if isinstance(loss, Tensor) else loss, names)
            or Cause("the loss and the gradients of its leaves are finite"))


def cause(root: Node, names: bool | Mapping[str, Any] = False) -> Cause | None:
    """What made the root nan or inf, else the gradient of a leaf; None where all is finite."""
    nodes = history([root])
    called = naming.names(nodes, names)
    with quiet():
        found = _forward(root, nodes, called)
        if found is None:
            return _backward(root, nodes, called)
        end = next(_number(part, nonfinite(part)) for part in parts(root.data) if bad(part))
        return found if found.what.startswith(f"{end} ") else replace(
            found, what=f"the loss is {end}; first {found.what}")


def _forward(root: Node, nodes: list[Node], called: Names) -> Cause | None:
    """What made the root nan or inf; None where it is finite."""
    found = culprit(root, nodes)
    if found is None:
        return None
    node, i = found
    if i != RESULT:
        wrong = nonfinite(node.args[i])
        return Cause(f"{_place(node.args[i], wrong)} comes from a constant, operand {i} of "
                     f"{made(node, called)}", (), mends.CONSTANT, node, line_of(node))
    if node.op is None:
        user = next((other for other in nodes if node in other.args), node)
        return Cause(f"{_place(node.data, nonfinite(node.data))} comes from {called[node]}, a leaf",
                     (), mends.UNRECORDED if node is root else mends.THERE, node, line_of(user))
    data, wrong = next((part, mask) for part, mask in zip(
        parts(node.data), born(node, node.data, node.numbers()), strict=True) if some(mask))
    index = first(wrong) if node.op.diagonal else None
    return Cause(f"{_place(data, wrong)} comes from {made(node, called)}",
                 _operands(node, index, called), mends.forward(node, _numbers(node, index)), node,
                 line_of(node))


def _backward(root: Node, nodes: list[Node], called: Names) -> Cause | None:
    """What made the gradient of a leaf nan or inf; None where all are finite."""
    found = culprit_edge(root, nodes)
    if found is None:
        return None
    node, i, edge = found
    arg = node.args[i]
    index = first(edge.wrong) if edge.elementwise else None
    numbers = _numbers(node, index)
    if index is None or any(map(bad, (*numbers, at(node.data, index)))):
        earlier = next((each for each in (arg, node) if bad(each.data)), None)
        cause = earlier and _forward(earlier, history([earlier]), called)
        if cause:
            turned = f"{made(node, called)} makes {_place(edge.sent, edge.wrong)} of it"
            return replace(cause, what=f"{cause.what}: the loss is finite, but on the way back "
                                       f"{turned}")
    came = few(edge.upstream) if index is None else number(at(edge.upstream, index))
    return Cause(f"the loss is finite, its gradient is not: {_place(edge.sent, edge.wrong)} comes "
                 f"from {made(node, called)}, on the way back to {called[arg]}",
                 (*_operands(node, index, called), f"gradient = {came}"),
                 mends.backward(node, numbers), node, line_of(node))


def _place(data: Any, wrong: Any) -> str:
    """`nan at [0, 2], 3 of 12 elements`."""
    if not is_array(data) or size_of(data) == 1:
        return _number(data, wrong)
    return (f"{_number(data, wrong)} at [{', '.join(map(str, first(wrong)))}], {count(wrong):,} of "
            f"{size_of(data):,} elements,")


def _number(data: Any, wrong: Any) -> str:
    """The first of the numbers where `wrong` is true."""
    return number(at(data, first(wrong)))


def _numbers(node: Node, index: tuple[int, ...] | None) -> tuple[Any, ...]:
    """The operands as they are at a place of the result."""
    return () if index is None else tuple(at(x, index) for x in node.numbers())


def _operands(node: Node, index: tuple[int, ...] | None, called: Names) -> tuple[str, ...]:
    """The operands by role and name, with their numbers at a place of the result."""
    lines = []
    for i, (arg, x) in enumerate(zip(node.args, node.numbers(), strict=True)):
        role = ROLES[node.op.name][i] if node.op.name in ROLES else ""
        if not isinstance(arg, Node) and not (is_array(x) and x.shape):
            if role and x is not None:
                lines.append(f"{role}{few(x)}")
            continue                                    # a number stands in the expression
        name = role + called[arg] if isinstance(arg, Node) else role or f"operand {i}"
        name = name.rstrip()
        if isinstance(x, tuple):
            lines.append(f"{name} = {len(x)} arrays")
        elif is_array(x) and index is not None and size_of(x) > 1:
            lines.append(f"{name} = {number(at(x, index))} there, of {few(x)}")
        elif x is not None:
            lines.append(f"{name} = {few(x)}")
    return tuple(lines)
