"""One evaluation of a function on fresh nodes, and the walks over what it recorded.

Fresh nodes are identities recorded on the caller's, and the walks stop at nodes older than the
oldest of them: that is what keeps nested derivatives apart.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from . import sweep
from .containers import leaves, rebuild
from .debug import explain_first_nan
from .errors import DtypeError, GradientWarning, GraphError, ShapeError, describe
from .inputs import beside_one
from .kinds import zeros_like
from .modes import bridge, debugging, enable_grad, recording
from .node import Node, Operand
from .ops.elementwise import identity, of_complex
from .primitive import raw
from .storage import (
    copy,
    device_of,
    full,
    is_array,
    is_complex,
    is_floating,
    is_numpy,
    library_of,
    namespace,
    ndarray,
    owns_memory,
    to_number,
)
from .sweep import history, pull, push
from .tensor import Tensor
from .value import Value

Function = Callable[..., Any]


class Call:
    """A function evaluated on fresh nodes in place of the arguments that are differentiated."""

    aux: Any                        # what the function returned beside its output

    def __init__(self, f: Function, argnums: int | Sequence[int], args: tuple[Any, ...],
                 kwargs: dict[str, Any], has_aux: bool) -> None:
        self.single = isinstance(argnums, int)
        numbers: Any = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        for i in numbers:
            if not isinstance(i, int):
                raise DtypeError(f"argnums {argnums!r}", "give one position or a tuple of them")
            if not -len(args) <= i < len(args):
                raise ShapeError(f"argnums {i} of {len(args)} positional arguments",
                                 "give the position of an argument of the function")
        if len({i % len(args) for i in numbers}) < len(numbers):
            raise ShapeError(f"argnums {argnums!r} names an argument twice", "name each once")
        self.trees = [args[i] for i in numbers]
        self.given = [leaf for tree in self.trees for leaf in leaves(tree)]
        recorded = recording()
        with enable_grad():
            near = next((raw(x) for x in leaves([args, kwargs])
                         if type(x) is Tensor or is_array(x)), None)
            self.inputs = [_fresh(leaf, near) for leaf in self.given]
            self.nodes = [node_of(x) for x in self.inputs]
            self.since = min((node.serial for node in self.nodes), default=0)
            replaced, new = list(args), iter(self.inputs)
            for i, tree in zip(numbers, self.trees):
                replaced[i] = rebuild(tree, [next(new) for _ in leaves(tree)])
            with bridge():
                out = f(*replaced, **kwargs)
        if has_aux and not (isinstance(out, tuple) and len(out) == 2):
            raise GraphError(f"has_aux=True, and the function returned {describe(out)}",
                             "return the pair (output, aux)")
        self.out, self.aux = out if has_aux else (out, None)
        self.outputs = [_as_output(leaf) for leaf in leaves(self.out)]
        if self.nodes and self.outputs and not any(isinstance(x, Operand) for x in self.outputs):
            warnings.warn("the function that is differentiated returned plain numbers, which do "
                          "not depend on its arguments: the gradient is 0. help: return what was "
                          "computed, without item() or data", GradientWarning, stacklevel=3)
        self.differentiable = recorded and self._reaches_outside()

    def _reaches_outside(self) -> bool:
        """Whether the caller's graph is involved: then the result must be recorded on it."""
        if any(isinstance(x, Operand) and getattr(x, "requires_grad", True) for x in self.given):
            return True
        return any(isinstance(arg, Node) and arg.serial < self.since
                   for node in self.recorded() for arg in node.args)

    def recorded(self) -> list[Node]:
        """What the outputs were made by since the call began, oldest first."""
        return history(self.outs(), self.since)

    def outs(self) -> list[Node]:
        """The nodes of the outputs, of those that have one."""
        return [node for node in map(node_of, self.outputs) if node is not None]

    def pull(self, cotangents: list[Any]) -> list[Any]:
        """Gradients of all inputs, flat, for cotangents of all outputs."""
        seeds: dict[Node, Any] = {}
        for out, g in zip(self.outputs, cotangents, strict=True):
            node = node_of(out)
            if node is not None:
                g = _seed(g, out, self.differentiable)
                seeds[node] = seeds[node] + g if node in seeds else g
        found = pull(seeds, self.nodes, since=self.since, differentiable=self.differentiable)
        if debugging():
            explain_first_nan(seeds, found)
        own = {id(raw(g)) for g in cotangents}
        return [self.plain(sweep.own(found.get(node, node.zeros()), own), like)
                for node, like in zip(self.nodes, self.given, strict=True)]

    def push(self, tangents: list[Any]) -> list[Any]:
        """Tangents of all outputs, flat, for tangents of all inputs."""
        start = {node: _seed(t, x, self.differentiable)
                 for node, t, x in zip(self.nodes, tangents, self.inputs, strict=True)}
        found = push(self.outs(), start, since=self.since, differentiable=self.differentiable)
        own = {id(raw(t)) for t in tangents}
        return [self.plain(sweep.own(found.get(node_of(out), zeros_like(out)), own), out)
                for out in self.outputs]

    def plain(self, x: Any, like: Any = None) -> Any:
        """A result as the caller wrote his numbers: plain in, plain out, recorded if it must be."""
        if isinstance(x, Operand):
            return x if self.differentiable else raw(x)
        if self.differentiable and type(like) is Value:
            return Value(x)                     # a constant beside what is recorded
        if type(like) in (float, int, complex):
            return to_number(x) if is_array(x) else x
        if not owns_memory(x):
            x = copy(x)
        if type(like) is Tensor and any(type(given) is Tensor for given in self.given):
            return Tensor(x)
        number = type(x) is ndarray and not x.shape and type(like) is not ndarray
        return x[()] if number else x           # one number, as NumPy's functions return it

    def value(self) -> Any:
        """The output of the function, outside of the fresh nodes."""
        return rebuild(self.out, [self.plain(x if self.differentiable else raw(x), x)
                                  for x in self.outputs])

    def shaped(self, flat: list[Any]) -> Any:
        """Flat results in the containers of the differentiated arguments."""
        source, trees = iter(flat), []
        for tree in self.trees:
            trees.append(rebuild(tree, [next(source) for _ in leaves(tree)]))
        return trees[0] if self.single else tuple(trees)

    def scalar(self) -> Any:
        """The one number the function returned; raises if it returned anything else."""
        if len(self.outputs) != 1 or isinstance(self.out, (list, tuple, dict)):
            raise ShapeError("grad of a function that returned several outputs",
                             "return one number (has_aux=True for more), or use jacobian or vjp")
        out = self.outputs[0]
        if is_array(raw(out)) and is_complex(raw(out)):
            raise DtypeError(f"grad of a function that returned {describe(out)}",
                             "return a real number, or use vjp with a cotangent")
        if getattr(out, "shape", ()) not in ((), (1,)) and getattr(out, "size", 1) != 1:
            raise ShapeError(f"grad of a function that returned {describe(out)}",
                             "return one number, or use elementwise_grad, jacobian or vjp")
        return out


def _fresh(x: Any, near: Any) -> Any:
    """A fresh node for an argument; a float beside an array `near` becomes a 0-d Tensor there."""
    if isinstance(x, Operand):
        if isinstance(x, Value) or getattr(x, "requires_grad", False):
            return identity(x)
        return Tensor(x.data, requires_grad=True)
    if type(x) in (float, int):
        if near is None:
            return Value(x)
        beside = not is_numpy(near) and is_floating(near)
        with device_of(near):
            return Tensor(full(near, (), float(x)) if beside else float(x), requires_grad=True)
    if type(x) is complex:
        return Tensor(x, requires_grad=True)
    library: Any = library_of(x)
    if library and library.is_int(x):
        x = x * 1.0
    if is_array(x) and not is_floating(x):
        raise DtypeError(f"an argument of dtype {x.dtype} cannot be differentiated",
                         "make it floating: x.astype(float)")
    if isinstance(x, bool) or not is_array(x):
        raise DtypeError(f"an argument that cannot be differentiated: {describe(x)}",
                         "argnums chooses the arguments; they hold floats, arrays, Values, Tensors")
    return Tensor(x, requires_grad=True)


def node_of(x: Any) -> Any:
    """The node behind an output; None where nothing is recorded of it."""
    if isinstance(x, Node):
        return x
    return x.node if type(x) is Tensor and x.requires_grad else None


def _as_output(x: Any) -> Any:
    if isinstance(x, Operand) or is_array(x) or type(x) in (float, int, bool, complex):
        return x
    raise DtypeError(f"a function that returned {describe(x)}",
                     "return a number, a Value, a Tensor, or containers of them")


def _seed(g: Any, like: Any, differentiable: bool) -> Any:
    """A cotangent or tangent for `like`, as the walk wants it: recorded or plain."""
    if isinstance(like, Value):
        if not differentiable:
            return float(raw(g))
        return g if isinstance(g, Value) else Value(raw(g))
    data = raw(like)
    plain = raw(g)
    if of_complex(plain) and not of_complex(data):
        raise DtypeError(f"a complex tangent or cotangent for a real array, {describe(data)}",
                         "take its real part")
    if is_array(data):
        g = beside_one("a tangent or cotangent", g, data)
        plain = raw(g)
    if type(plain) is not type(data):
        plain = namespace(data).asarray(plain, dtype=data.dtype)
    if tuple(plain.shape) != tuple(data.shape):
        raise ShapeError(f"a tangent or cotangent of shape {tuple(plain.shape)} for an array of "
                         f"shape {tuple(data.shape)}", "they must be equal")
    if differentiable:
        return g if type(g) is Tensor else Tensor(plain)
    return plain
