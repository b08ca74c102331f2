"""Transforms take a function and return its derivative: any order, forward and reverse mixed.

A transform hands its function fresh nodes, identities recorded on the caller's, and its walk stops
at nodes older than the oldest of them. So the inner derivative of
`grad(lambda x: grad(lambda y: x * y)(x))(3.0)` does not see that x and y are one: it is 1, not 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import composite
from .errors import DtypeError, GraphError, ShapeError, describe
from .node import Node, Operand, enable_grad, recording
from .ops import shapes
from .ops.elementwise import identity
from .primitive import raw
from .storage import asarray, is_array, is_floating, namespace
from .sweep import history, pull, push
from .tensor import Tensor, stack
from .value import Value

Function = Callable[..., Any]


# -- nested containers: tuples, lists and dicts of numbers and arrays ---------------------------------

def leaves(tree: Any) -> list[Any]:
    """The leaves of nested tuples, lists and dicts, in order."""
    if isinstance(tree, dict):
        return [leaf for key in tree for leaf in leaves(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in leaves(item)]
    return [tree]


def rebuild(tree: Any, new: list[Any]) -> Any:
    """The same containers with other leaves."""
    source = iter(new)

    def build(x: Any) -> Any:
        if isinstance(x, dict):
            return type(x)((key, build(x[key])) for key in x)
        if isinstance(x, tuple) and hasattr(x, "_fields"):
            return type(x)(*map(build, x))
        return type(x)(map(build, x)) if isinstance(x, (list, tuple)) else next(source)

    return build(tree)


# -- one evaluation on fresh nodes -----------------------------------------------------------------------

class _Call:
    """A function evaluated on fresh nodes in place of the arguments that are differentiated."""

    def __init__(self, f: Function, argnums: int | Sequence[int], args: tuple[Any, ...],
                 kwargs: dict[str, Any], has_aux: bool) -> None:
        self.single = isinstance(argnums, int)
        numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        for i in numbers:
            if not -len(args) <= i < len(args):
                raise ShapeError(f"argnums {i} of {len(args)} positional arguments",
                                 "give the position of an argument of the function")
        self.trees = [args[i] for i in numbers]
        self.given = [leaf for tree in self.trees for leaf in leaves(tree)]
        recorded = recording()
        with enable_grad():
            self.inputs = [_fresh(leaf) for leaf in self.given]
            self.nodes = [_node(x) for x in self.inputs]
            self.since = min((node.serial for node in self.nodes), default=0)
            replaced, new = list(args), iter(self.inputs)
            for i, tree in zip(numbers, self.trees):
                replaced[i] = rebuild(tree, [next(new) for _ in leaves(tree)])
            out = f(*replaced, **kwargs)
        if has_aux and not (isinstance(out, tuple) and len(out) == 2):
            raise GraphError(f"has_aux=True, and the function returned {describe(out)}",
                             "return the pair (output, aux)")
        self.out, self.aux = out if has_aux else (out, None)
        self.outputs = [_as_output(leaf) for leaf in leaves(self.out)]
        self.differentiable = recorded and self._reaches_outside()

    def _reaches_outside(self) -> bool:
        """Whether the caller's graph is involved: then the result must be recorded on it."""
        if any(isinstance(x, Operand) and getattr(x, "requires_grad", True) for x in self.given):
            return True
        roots = [x for x in map(_node, self.outputs) if x is not None]
        return any(isinstance(arg, Node) and arg.serial < self.since
                   for node in history(roots, self.since) for arg in node.args)

    def pull(self, cotangents: list[Any]) -> list[Any]:
        """Gradients of all inputs, flat, for cotangents of all outputs."""
        seeds: dict[Node, Any] = {}
        for out, g in zip(self.outputs, cotangents, strict=True):
            node = _node(out)
            if node is not None:
                g = _seed(g, out, self.differentiable)
                seeds[node] = seeds[node] + g if node in seeds else g
        found = pull(seeds, self.nodes, since=self.since, differentiable=self.differentiable)
        return [self.plain(found.get(node, node.zeros()), like)
                for node, like in zip(self.nodes, self.given, strict=True)]

    def push(self, tangents: list[Any]) -> list[Any]:
        """Tangents of all outputs, flat, for tangents of all inputs."""
        start = {node: _seed(t, x, self.differentiable)
                 for node, t, x in zip(self.nodes, tangents, self.inputs, strict=True)}
        roots = [node for node in map(_node, self.outputs) if node is not None]
        found = push(roots, start, since=self.since, differentiable=self.differentiable)
        return [self.plain(found.get(_node(out), _zeros(out)), out) for out in self.outputs]

    def plain(self, x: Any, like: Any = None) -> Any:
        """A result as the caller wrote his numbers: plain in, plain out, recorded if it must be."""
        if isinstance(x, Operand):
            return x if self.differentiable else _unwrap(x)
        if type(like) is Tensor and any(type(given) is Tensor for given in self.given):
            return Tensor(x)
        return x

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
        if getattr(out, "shape", ()) not in ((), (1,)) and getattr(out, "size", 1) != 1:
            raise ShapeError(f"grad of a function that returned {describe(out)}",
                             "return one number, or use elementwise_grad, jacobian or vjp")
        return out


def _fresh(x: Any) -> Any:
    if isinstance(x, Operand):
        if isinstance(x, Value) or getattr(x, "requires_grad", False):
            return identity(x)
        return Tensor(x.data, requires_grad=True)
    if type(x) in (float, int):
        return Value(x)
    if isinstance(x, bool) or not is_array(x):
        raise DtypeError(f"an argument that cannot be differentiated: {describe(x)}",
                         "argnums chooses the arguments; they hold floats, arrays, Values, Tensors")
    return Tensor(x, requires_grad=True)


def _node(x: Any) -> Any:
    if isinstance(x, Node):
        return x
    return x.node if type(x) is Tensor and x.requires_grad else None


def _as_output(x: Any) -> Any:
    if isinstance(x, Operand) or is_array(x) or type(x) in (float, int, bool, complex):
        return x
    raise DtypeError(f"a function that returned {describe(x)}",
                     "return a number, a Value, a Tensor, or containers of them")


def _zeros(x: Any) -> Any:
    x = raw(x)
    return namespace(x).zeros_like(x) if is_array(x) else 0.0


def _unwrap(x: Any) -> Any:
    return x.data


def _seed(g: Any, like: Any, differentiable: bool) -> Any:
    """A cotangent or tangent for `like`, as the walk wants it: recorded or plain."""
    if isinstance(like, Value):
        return g if isinstance(g, Value) and differentiable else float(raw(g))
    data = raw(like)
    plain = raw(g)
    if not is_array(plain) or type(plain) is not type(data):
        plain = namespace(data).asarray(plain, dtype=data.dtype)
    if tuple(plain.shape) != tuple(data.shape):
        raise ShapeError(f"a tangent or cotangent of shape {tuple(plain.shape)} for an array of "
                         f"shape {tuple(data.shape)}", "they must be equal")
    if differentiable:
        return g if type(g) is Tensor else Tensor(plain)
    return plain


# -- the transforms ------------------------------------------------------------------------------------------

def value_and_grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """A function that returns (f(x), gradient): the gradient in the shape of the arguments.

    `argnums` chooses the arguments (a sequence gives a tuple of gradients); with `has_aux` f
    returns (output, aux) and so does the result. Raises ShapeError unless f returns one number.
    """
    def transformed(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, argnums, args, kwargs, has_aux)
        out = call.scalar()
        gradient = call.shaped(call.pull([_ones(out)]))
        value = call.value()
        return ((value, call.aux), gradient) if has_aux else (value, gradient)

    return transformed


def grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """The gradient of a function that returns one number, in the shape of its arguments."""
    both = value_and_grad(f, argnums, has_aux)

    def transformed(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return transformed


def elementwise_grad(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The derivative of a function that maps arrays element by element, as an array."""
    def transformed(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, argnums, args, kwargs, False)
        return call.shaped(call.pull([_ones(out) for out in call.outputs]))

    return transformed


def vjp(f: Function, *args: Any, has_aux: bool = False) -> Any:
    """(f(*args), pullback), where pullback(cotangent) returns a gradient for each argument.

    With `has_aux`, (output, pullback, aux).
    """
    call = _Call(f, range(len(args)), args, {}, has_aux)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        given = leaves(cotangent)
        if len(given) != len(call.outputs):
            raise ShapeError(f"{len(given)} cotangents for {len(call.outputs)} outputs",
                             "give the cotangent the containers of the output")
        return call.shaped(call.pull(given))

    return (call.value(), pullback, call.aux) if has_aux else (call.value(), pullback)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """(f(*primals), the derivative of f along tangents); with `has_aux`, aux as a third."""
    call = _Call(f, range(len(primals)), tuple(primals), {}, has_aux)
    flat = leaves(tuple(tangents))
    if len(flat) != len(call.nodes):
        raise ShapeError(f"{len(flat)} tangents for {len(call.nodes)} inputs",
                         "give the tangents the containers of the primals")
    out = rebuild(call.out, call.push(flat))
    return (call.value(), out, call.aux) if has_aux else (call.value(), out)


def jacobian(f: Function, argnums: int = 0, mode: str = "reverse") -> Function:
    """The Jacobian of an array function: shape (*output, *input). mode: "reverse" or "forward"."""
    if mode not in ("reverse", "forward"):
        raise ShapeError(f"jacobian has no mode {mode!r}", 'use "reverse" or "forward"')

    def transformed(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, argnums, args, kwargs, False)
        if len(call.inputs) != 1 or len(call.outputs) != 1:
            raise ShapeError("jacobian of containers", "differentiate one array to one array")
        x, out = call.inputs[0], call.outputs[0]
        if mode == "reverse":
            rows = [call.pull([unit])[0] for unit in _units(out)]
            return _assemble(rows, _shape(out) + _shape(x), x, out)
        columns = [call.push([unit])[0] for unit in _units(x)]
        full = _assemble(columns, _shape(x) + _shape(out), x, out)
        n = len(_shape(x))
        if not n:
            return full
        return composite.permute_dims(
            full, axes=(*range(n, n + len(_shape(out))), *range(n)))

    return transformed


def hessian(f: Function, argnums: int = 0) -> Function:
    """The matrix of second derivatives of a function that returns one number: (*input, *input)."""
    return jacobian(grad(f, argnums), argnums, mode="forward")


def hvp(f: Function, primals: Any, tangents: Any) -> Any:
    """The Hessian of f at `primals` times `tangents`, without the Hessian: forward over reverse."""
    return jvp(grad(f), (primals,), (tangents,))[1]


def _ones(x: Any) -> Any:
    data = raw(x)
    return namespace(data).ones_like(data) if is_array(data) else 1.0


def _shape(x: Any) -> tuple[int, ...]:
    return tuple(getattr(raw(x), "shape", ()))


def _units(x: Any) -> list[Any]:
    """Every unit vector in the shape of x."""
    data = raw(x)
    if not is_array(data):
        return [1.0]
    xp, shape = namespace(data), _shape(x)
    size = data.size
    eye = xp.eye(size, dtype=data.dtype)
    return [xp.reshape(eye[i, :], shape) for i in range(size)]


def _assemble(rows: list[Any], shape: tuple[int, ...], x: Any, out: Any) -> Any:
    if not shape:
        return rows[0]
    if not rows:
        data = raw(x)
        return namespace(data).zeros(shape, dtype=data.dtype)
    if any(isinstance(row, Operand) for row in rows):
        return shapes.reshape(stack(rows), shape=shape)
    if not is_array(rows[0]):
        return asarray(rows).reshape(shape)
    xp = namespace(rows[0])
    return xp.reshape(xp.stack(rows), shape)
