"""A frame is one moment of a training step, in symbols, in numbers and as code.

Forward computes a result, backward sends a contribution along one edge, update moves a leaf.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy

from ...kinks import near
from ...node import Node
from ...storage import is_array, namespace, repr_array, to_number
from ..derivative import derivative
from ..names import Names
from ..numbers import greatest, some
from ..wording import amount, expression, short


def brief(x: Any) -> str:
    """A number with six digits, an array as its numbers where these are few, else its range."""
    if x is None:
        return "–"
    if is_array(x) and x.shape == ():
        x = to_number(x)
    if not is_array(x):
        return f"{x:.6g}" if isinstance(x, (float, complex)) else short(x, 40)
    with numpy.printoptions(precision=4):
        text = " ".join(repr_array(x).split())
    return text if len(text) <= 40 else f"{tuple(x.shape)} {amount(x).partition(', mean')[0]}"


@dataclass(frozen=True, eq=False, repr=False)
class Frame:
    """One moment: `phase` (forward, loss, backward, update), the `node` it is about, three texts.

    `symbols`, `numbers` and `code` say the same thing; `line` is the line of code that made the
    node where it was recorded inside `with autograd.debug():`.
    """

    phase: str
    node: Node
    names: Names
    data: Mapping[Node, Any]

    @property
    def name(self) -> str:
        """What the node is called."""
        return self.names[self.node]

    @property
    def symbols(self) -> str:
        """The moment as a formula."""
        raise NotImplementedError

    @property
    def numbers(self) -> str:
        """The same with the numbers put in."""
        raise NotImplementedError

    @property
    def line(self) -> Any:
        """The line of code that made the node, or None."""
        return self.node.origin and self.node.origin.line

    @property
    def code(self) -> str:
        """The operation with the names put in, and the line of code where that is known."""
        if self.node.op is None:
            made = self.name
        else:
            made = f"{self.name} = {self._made(self._operands())}"
        line = self.line
        if line is None:
            return made
        said = "" if line.text in ("", made) else f": {line.text}"
        return f"{made}   # {line}{short(said, 80)}"

    def _made(self, operands: list[str]) -> str:
        return expression(self.node.op.name, self.node.params, operands)

    def _operands(self) -> list[str]:
        return [self.names.of(arg) for arg in self.node.args]

    def __repr__(self) -> str:
        return f"{self.symbols}   {self.numbers}   {self.code}"


class Forward(Frame):
    """A result is computed."""

    @cached_property
    def symbols(self) -> str:
        return f"{self.name} = {self._made(self._operands())}"

    @cached_property
    def numbers(self) -> str:
        operands = [brief(self.data[arg] if isinstance(arg, Node) else arg)
                    for arg in self.node.args]
        data = self.data[self.node]
        made = f"{len(data)} arrays" if isinstance(data, tuple) else brief(data)
        return f"{self._made(operands)} = {made}"


@dataclass(frozen=True, eq=False, repr=False)
class Seed(Frame):
    """The walk begins: the gradient of the root with respect to itself."""

    after: Any

    @cached_property
    def symbols(self) -> str:
        one = self.after == 1 if not is_array(self.after) else bool(
            namespace(self.after).all(self.after == 1))
        return f"d{self.name}/d{self.name}" + (" = 1" if one else ", the gradient given")

    @cached_property
    def numbers(self) -> str:
        return brief(self.after)


@dataclass(frozen=True, eq=False, repr=False)
class Step(Frame):
    """One contribution of the backward pass: along the edge from `node` to its operand `i`.

    `upstream` is the gradient of the node, `local` the local derivative where the operation is
    elementwise: its rule applied to 1; `before` and `after` are the gradient of the operand (None:
    not computed yet), hooks left out. A contribution in a broadcast shape is summed in a step of
    its own, `summed`, and `adds` nothing before that.
    """

    i: int
    root: str
    upstream: Any
    local: Any
    contribution: Any
    before: Any
    after: Any
    summed: bool = False

    @property
    def operand(self) -> Node:
        """The node that receives the contribution."""
        return self.node.args[self.i]

    @property
    def adds(self) -> bool:
        """Whether the contribution is added to the operand's gradient in this step."""
        return self.after is not self.before

    @cached_property
    def size(self) -> float:
        """The greatest absolute number of the operand's gradient after this step."""
        return greatest(self.after)

    @cached_property
    def kink(self) -> bool:
        """Whether an operand is at a point where the local derivative jumps."""
        try:
            return not self.summed and some(near(self.node))
        except Exception:                       # somebody's operation, or numbers that are traced
            return False

    @cached_property
    def symbols(self) -> str:
        x, z, loss = self.names[self.operand], self.name, self.root
        if self.summed:
            return f"d{loss}/d{x} += sum over {self._axes()}, because {x} was broadcast"
        sign = "+=" if self.adds else "gets"
        if self.node.op.diagonal:
            whole = not is_array(self.contribution) or not self.contribution.shape
            each = "" if whole else ", element by element"
            return f"d{loss}/d{x} {sign} d{loss}/d{z} · ∂{z}/∂{x}{each}"
        return f"d{loss}/d{x} {sign} {derivative(self.node, self.i, self.names)}, g = d{loss}/d{z}"

    @cached_property
    def numbers(self) -> str:
        local = self.local
        if local is None:
            made = f"{brief(self.upstream)} gives {brief(self.contribution)}"
        else:
            made = f"{brief(self.upstream)} × {brief(local)} = {brief(self.contribution)}"
            if isinstance(local, float) and self.contribution == 0 and not math.isfinite(local):
                made += " (0 stays 0)"              # see docs/kinks.md: the strong zero
        if not self.adds or (self.before is None and is_array(self.after) and self.after.shape):
            return made
        return f"{made}   ({brief(self.before)} → {brief(self.after)})"

    def _axes(self) -> str:
        """The axes that broadcasting made or stretched."""
        new, old = tuple(self.upstream.shape), tuple(self.contribution.shape)
        old = (0,) * (len(new) - len(old)) + old
        axes = [str(k) for k, (a, b) in enumerate(zip(new, old, strict=True)) if a != b]
        return f"{'axis' if len(axes) == 1 else 'axes'} {', '.join(axes)}"


@dataclass(frozen=True, eq=False, repr=False)
class Update(Frame):
    """A leaf moves against its gradient."""

    gradient: Any
    before: Any
    after: Any

    @cached_property
    def symbols(self) -> str:
        return f"{self.name} ← {self.name} + Δ{self.name}"

    @property
    def code(self) -> str:
        return f"update of {self.name}, after backward()"

    @cached_property
    def numbers(self) -> str:
        change = self.after - self.before
        moved = f"{brief(self.before)} → {brief(self.after)}   (by {brief(change)}"
        if is_array(change) and change.shape:
            return f"{moved})"
        return f"{moved}, its gradient is {brief(self.gradient)})"
