"""What stands on an edge: the local derivative where it is one number, the map of g elsewhere.

Nothing is stated again here. The number is the rule applied to 1, the map is the same rule run on
symbols: `g @ Wᵀ`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..kinds import Local
from ..node import Node
from ..storage import is_array, quiet
from ..symbol import ATOM, Symbol, text
from .wording import index, metadata, number

WIDTH = 30                                  # characters that an edge has room for


def derivative(node: Node, i: int) -> str:
    """What the edge from operand i to `node` says."""
    op = node.op
    if isinstance(node.data, float) and isinstance(node.args[i].data, float):
        with suppress(Exception), quiet():      # a rule is anybody's code, or there is none
            return f"×{number(node.contribution(i, 1.0))}"
    formula = None if isinstance(op, Local) or not op.rules else _formula(node, i)
    return formula if formula and len(formula) <= WIDTH else f"{op.name}ᵀ(g)"


def _formula(node: Node, i: int) -> str | None:
    """The rule of operand i as text; None where it looks deeper than at shapes."""
    names = _names(node)
    sketches = tuple(_Sketch(name, like=arg) for name, arg in zip(names, node.args))
    try:
        g, z = _Sketch("g", like=node), _Sketch(_name(node, "z"), like=node)
        return text(node.op.rule(i, g, z, sketches, node.params))
    except Exception:                           # it may need real numbers
        return None


def _names(node: Node) -> list[str]:
    if len(node.args) > 3:
        return [_name(arg, f"x{i}") for i, arg in enumerate(node.args)]
    return [_name(arg, default) for arg, default in zip(node.args, "xyw")]


def _name(x: Any, default: str) -> str:
    """The label of an operand where it can stand in a formula; a number stands for itself."""
    if isinstance(x, (int, float)):
        return repr(x)
    label = x.label if isinstance(x, Node) else ""
    return label if str(label).isidentifier() and label != "g" else default


class _Sketch(Symbol):
    """A symbol that also tells a shape and a dtype, so that rules which ask for them print too."""

    __slots__ = ("dtype", "shape")
    dtype: Any
    shape: tuple[int, ...]

    def __init__(self, text: str, binding: int = ATOM, like: Any = None) -> None:
        super().__init__(text, binding)
        data = like.data if isinstance(like, Node) else like
        if is_array(data):
            self.shape, self.dtype = tuple(data.shape), data.dtype

    @classmethod
    def _apply(cls, op: Any, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        if op.name == "matrix_transpose":
            return cls(f"{text(args[0], ATOM)}ᵀ")
        if op.name == "where":
            return super()._apply(op, args, dict(params))
        shape = [str(tuple(params["shape"]))] if "shape" in params else []
        words = [*map(text, args), *shape, *metadata(params)]
        return cls(f"{op.name}({', '.join(words)})")

    def __getitem__(self, i: Any) -> _Sketch:
        return _Sketch(f"{text(self, ATOM)}[{index(i)}]")

    def __bool__(self) -> bool:
        raise TypeError("a symbol is neither true nor false: a rule must not branch on data")
