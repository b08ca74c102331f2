"""Which recorded operations sit on a kink: there the gradient is a convention, not a derivative."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ArgumentError, DtypeError, describe
from ...kinks import near
from ...node import Node
from ...storage import is_array
from ...sweep import history
from ...tensor import Tensor
from ...value import Value
from .. import names as naming
from ..numbers import at, count, few, first, shape, size_of, some
from ..wording import number
from .sentence import code, line_of, made


@dataclass(frozen=True)
class Kink:
    """A recorded result on a kink: `label`, the operation `op`, its `operands` there as numbers.

    `index` is the first such element, () for a number, `count` how many of the `size` there are;
    where the operation is no elementwise one they are the results, and `operands` are None.
    `line` is the line of code, known where it was recorded inside `with autograd.debug():`.
    """

    node: Node
    label: str
    op: str
    operands: tuple[Any, ...]
    index: tuple[int, ...]
    count: int
    size: int
    line: Any
    text: str

    def __repr__(self) -> str:
        where = f" at [{', '.join(map(str, self.index))}]" if self.index else ""
        several = f", {self.count:,} of {self.size:,} elements" if self.size > 1 else ""
        lines = [f"{self.text}{where}{several}", *(code(self.line) if self.line else [])]
        return "\n  ".join(lines)


def kinks(loss: Any, within: float = 0.0, *,
          names: bool | Mapping[str, Any] = False) -> list[Kink]:
    """The operations behind a loss whose operands sit on a kink or a step, oldest first.

    That is where relu, abs and others turn, maximum, max and where tie, floor and sign jump: their
    gradient is the convention of docs/kinks.md. `within` finds those nearer to one than that too,
    in the operands' own units. `names` calls nodes as the caller's variables, or those of a
    mapping. The order of sort, and conditions of where, are not recorded: they are not seen.
    Raises DtypeError for what has no graph, ArgumentError for a negative or infinite `within`.
    """
    if not isinstance(loss, (Value, Tensor)):
        raise DtypeError(f"kinks() of {describe(loss)}, which has no graph",
                         "give it the loss, a Value or a Tensor")
    if not isinstance(within, (int, float)) or not 0 <= within < math.inf:
        raise ArgumentError(f"kinks() within {describe(within)}",
                            "give a distance of 0 or more, as within=1e-6")
    nodes = history([loss.node if isinstance(loss, Tensor) else loss])
    called = naming.names(nodes, names)
    found = []
    for node in nodes:
        mask = near(node, within)
        if some(mask):
            found.append(_kink(node, mask, called))
    return found


def _kink(node: Node, mask: Any, called: Mapping[Node, str]) -> Kink:
    """What there is to say of a node on a kink."""
    index = first(mask)
    operands = tuple(at(x, index) if node.op.diagonal or not is_array(x) else None
                     for x in node.numbers())
    there = ", ".join(f"{called[arg]} = {few(arg.data) if x is None else number(x)}"
                      for arg, x in zip(node.args, operands, strict=True) if isinstance(arg, Node))
    return Kink(node, called[node], node.op.name, operands, index,
                count(mask), size_of(mask) if shape(mask) else 1, line_of(node),
                f"{made(node, called)} with {there}")
