"""An example is one call of a function on fresh leaves, so that there is a graph to draw."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..containers import leaves
from ..errors import ArgumentError, describe
from ..modes import bridge, enable_grad
from ..node import Node
from ..primitive import Primitive
from ..storage import is_array, is_floating
from ..tensor import Tensor
from ..value import Value


class Example:
    """What a function made of example arguments.

    `out` is what it returned, `roots` the nodes of that, `inputs` the leaves it got, called as its
    parameters are, `names` what else to call nodes: several outputs are called out[0], out[1] ...
    """

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...],
                 kwargs: dict[str, Any]) -> None:
        called = _name(f)
        self.arrays = any(is_array(x) or isinstance(x, Tensor) for x in leaves([args, kwargs]))
        self.inputs: list[Node] = []
        labels = _labels(f, called, args, kwargs)
        with enable_grad(), bridge():
            fresh = [self._fresh(x, label) for x, label in zip(args, labels)]
            named = {key: x if type(x) is int else self._fresh(x, key)
                     for key, x in kwargs.items()}
            self.out = out = f(*fresh, **named)
        self.roots = [node for x in leaves(out) for node in _nodes(x)]
        if not self.roots:
            raise ArgumentError(f"{called} returned {describe(out)}, which is no graph",
                                "compute what it returns from its arguments, in Values or Tensors")
        self.names: Mapping[str, Any] = {"out": out} if len(self.roots) > 1 else {}

    def _fresh(self, x: Any, label: str) -> Any:
        """x as leaves to be differentiated; what holds no real numbers stays as it is."""
        if isinstance(x, dict):
            return type(x)((key, self._fresh(item, f"{label}[{key!r}]")) for key, item in x.items())
        if isinstance(x, (list, tuple)) and not getattr(type(x), "_fields", None):
            return type(x)(self._fresh(item, f"{label}[{i}]") for i, item in enumerate(x))
        if isinstance(x, (Value, Tensor)):
            label, x = x.label or label, x.data
        if isinstance(x, (int, float)) and not isinstance(x, bool):
            leaf: Any = (Tensor(float(x), requires_grad=True, label=label) if self.arrays
                         else Value(x, label=label))
        elif is_array(x) and is_floating(x):
            leaf = Tensor(x, requires_grad=True, label=label)
        else:
            return x
        self.inputs += _nodes(leaf)
        return leaf


def _nodes(x: Any) -> Iterator[Node]:
    if isinstance(x, Node):
        yield x
    elif isinstance(x, Tensor) and x.requires_grad:
        yield x.node


def _name(f: Any) -> str:
    """What a function or Module is called in a sentence."""
    return str(getattr(f, "__name__", type(f).__name__))


def _labels(f: Any, called: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    """The names of the parameters that take the positional arguments."""
    try:
        signature = inspect.signature(signed(f))
        signature.bind(*args, **kwargs)
    except ValueError:                                      # a builtin may have none
        return _letters(len(args))
    except TypeError as error:
        given = f"{len(args) + len(kwargs)} example argument{'s' * (len(args) + len(kwargs) != 1)}"
        words = ", ".join(str(p.replace(annotation=p.empty)) for p in signature.parameters.values())
        raise ArgumentError(f"{called}({words}) with {given}: {error}",
                            f"give an example of each argument of {called}") from error
    parameters = list(signature.parameters.values())
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
    if not named:
        return _letters(len(args))
    return [*named, *(f"{rest[0]}[{i}]" for i in range(len(args) - len(named)) if rest)]


def signed(f: Any) -> Any:
    """What has the parameters of a callable: of a Module its forward."""
    return f if isinstance(f, Primitive) else getattr(f, "forward", None) or f


def _letters(count: int) -> list[str]:
    """Names for arguments that the function does not name."""
    return list("xyzw"[:count]) if count <= 4 else [f"x{i}" for i in range(count)]
