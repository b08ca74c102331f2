"""Transforms take a function and return its derivative: any order, forward and reverse mixed.

A transform hands its function fresh nodes, identities recorded on the caller's, and its walk stops
at nodes older than the oldest of them. So the inner derivative of
`grad(lambda x: grad(lambda y: x * y)(x))(3.0)` does not see that x and y are one: it is 1, not 2.
"""

import math
from collections.abc import Sequence
from functools import wraps
from typing import Any

from .bridges import stack
from .containers import leaves_like, rebuild
from .errors import DtypeError, ShapeError, describe
from .evaluation import Call, Function
from .node import Operand
from .ops import shapes
from .ops.elementwise import of_complex
from .primitive import raw
from .storage import asarray, eye, full, is_array, namespace

Argnums = int | Sequence[int]


def value_and_grad(f: Function, argnums: Argnums = 0, has_aux: bool = False, *,
                   argnum: Argnums | None = None) -> Function:
    """A function that returns (f(x), gradient): the gradient in the shape of the arguments.

    `argnums` (HIPS autograd says `argnum`) chooses the arguments, a sequence gives a tuple of
    gradients; with `has_aux` f returns (output, aux) and so does the result. Raises ShapeError
    unless f returns one number.
    """
    argnums = argnums if argnum is None else argnum

    @wraps(f, updated=())                       # the name and the parameters; nothing it holds
    def transformed(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, argnums, args, kwargs, has_aux)
        out = call.scalar()
        gradient = call.shaped(call.pull([_ones(out)]))
        value = call.value()
        return ((value, call.aux), gradient) if has_aux else (value, gradient)

    return transformed


def grad(f: Function, argnums: Argnums = 0, has_aux: bool = False, *,
         argnum: Argnums | None = None) -> Function:
    """The gradient of a function that returns one number, in the shape of its arguments."""
    both = value_and_grad(f, argnums, has_aux, argnum=argnum)

    @wraps(f, updated=())
    def transformed(*args: Any, **kwargs: Any) -> Any:
        value, gradient = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return transformed


def elementwise_grad(f: Function, argnums: Argnums = 0, *,
                     argnum: Argnums | None = None) -> Function:
    """The derivative of a function that maps arrays element by element, as an array.

    Raises DtypeError where the result is complex: jvp(f, (x,), (ones,)) is the derivative there.
    """
    argnums = argnums if argnum is None else argnum

    @wraps(f, updated=())
    def transformed(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, argnums, args, kwargs, False)
        for out in call.outputs:
            _refuse_complex("elementwise_grad to", out, "")
        return call.shaped(call.pull([_ones(out) for out in call.outputs]))

    return transformed


def vjp(f: Function, *args: Any, has_aux: bool = False) -> Any:
    """(f(*args), pullback), where pullback(cotangent) returns a gradient for each argument.

    With `has_aux`, (output, pullback, aux).
    """
    call = Call(f, range(len(args)), args, {}, has_aux)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        return call.shaped(call.pull(leaves_like(cotangent, call.out, "the cotangent")))

    return (call.value(), pullback, call.aux) if has_aux else (call.value(), pullback)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """(f(*primals), the derivative of f along tangents); with `has_aux`, aux as a third."""
    call = Call(f, range(len(primals)), tuple(primals), {}, has_aux)
    flat = leaves_like(tuple(tangents), tuple(primals), "the tangent")
    out = rebuild(call.out, call.push(flat))
    return (call.value(), out, call.aux) if has_aux else (call.value(), out)


def jacobian(f: Function, argnums: int = 0, mode: str = "reverse", *,
             argnum: int | None = None) -> Function:
    """The Jacobian of an array function: shape (*output, *input). mode: "reverse" or "forward".

    Reverse mode takes real outputs, of real or complex inputs; forward mode real inputs. Raises
    DtypeError for others: a function of complex numbers has no one complex Jacobian.
    """
    argnums = argnums if argnum is None else argnum
    if mode not in ("reverse", "forward"):
        raise ShapeError(f"jacobian has no mode {mode!r}", 'use "reverse" or "forward"')

    @wraps(f, updated=())
    def transformed(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, argnums, args, kwargs, False)
        if len(call.inputs) != 1 or len(call.outputs) != 1:
            raise ShapeError("jacobian of containers", "differentiate one array to one array")
        x, out = call.inputs[0], call.outputs[0]
        if mode == "reverse":
            _refuse_complex("jacobian, reverse, to", out, 'mode="forward" for real inputs; ')
            rows = [call.pull([unit])[0] for unit in _units(out)]
            return _assemble(rows, _shape(out) + _shape(x), x, out)
        _refuse_complex("jacobian, forward, of", x, 'mode="reverse" for real outputs; ')
        columns = [call.push([unit])[0] for unit in _units(x)]
        full = _assemble(columns, _shape(x) + _shape(out), x, out)
        n = len(_shape(x))
        if not n:
            return full
        return shapes.permute_dims(
            full, axes=(*range(n, n + len(_shape(out))), *range(n)))

    return transformed


def hessian(f: Function, argnums: int = 0, *, argnum: int | None = None) -> Function:
    """The matrix of second derivatives of a function that returns one number: (*input, *input)."""
    argnums = argnums if argnum is None else argnum
    return jacobian(grad(f, argnums), argnums, mode="forward")


def hvp(f: Function, primals: Any, tangents: Any) -> Any:
    """The Hessian of f at `primals` times `tangents`, without the Hessian: forward over reverse."""
    return jvp(grad(f), (primals,), (tangents,))[1]


def _refuse_complex(what: str, x: Any, instead: str) -> None:
    if of_complex(x):
        raise DtypeError(f"{what} {describe(x)}", f"{instead}jvp(f, (x,), (t,)) is f'(x) t of a "
                         "holomorphic f; others are functions of real and imaginary part")


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
    xp, shape, rows = namespace(data), _shape(x), eye(data, math.prod(_shape(x)))
    return [xp.reshape(rows[i, :], shape) for i in range(math.prod(shape))]


def _assemble(rows: list[Any], shape: tuple[int, ...], x: Any, out: Any) -> Any:
    if not shape:
        return rows[0]
    if not rows:
        return full(raw(x), shape, 0)
    if any(isinstance(row, Operand) for row in rows):
        return shapes.reshape(stack(rows), shape=shape)
    if not is_array(rows[0]):
        return asarray(rows).reshape(shape)
    xp = namespace(rows[0])
    return xp.reshape(xp.stack(rows), shape)
