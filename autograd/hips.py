"""HIPS autograd's names for what `vjp`, `jvp` and `hvp` do: functions of the arguments, one moving.

`argnum` says which argument moves; a tuple of several takes and gives tuples.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from .containers import leaves_like, rebuild
from .evaluation import Call, Function
from .transforms import Argnums, grad


def make_vjp(f: Function, argnum: Argnums = 0) -> Function:
    """make_vjp(f)(*args) is (pullback, f(*args)); pullback(g) is what g means for the argument."""
    @wraps(f, updated=())
    def made(*args: Any, **kwargs: Any) -> tuple[Callable[[Any], Any], Any]:
        call = Call(f, argnum, args, kwargs, False)

        def pullback(g: Any) -> Any:
            return call.shaped(call.pull(leaves_like(g, call.out, "the cotangent")))

        return pullback, call.value()

    return made


def make_jvp(f: Function, argnum: Argnums = 0) -> Function:
    """make_jvp(f)(*args)(v) is (f(*args), the derivative of f along v)."""
    @wraps(f, updated=())
    def made(*args: Any, **kwargs: Any) -> Callable[[Any], tuple[Any, Any]]:
        call = Call(f, argnum, args, kwargs, False)
        moving = call.trees[0] if call.single else tuple(call.trees)

        def push(v: Any) -> tuple[Any, Any]:
            tangents = call.push(leaves_like(v, moving, "the tangent"))
            return call.value(), rebuild(call.out, tangents)

        return push

    return made


def hessian_vector_product(f: Function, argnum: int = 0) -> Function:
    """hessian_vector_product(f)(*args, v) is the Hessian of f, for one argument, times v."""
    @wraps(f, updated=())
    def product(*args: Any, **kwargs: Any) -> Any:
        return make_jvp(grad(f, argnum), argnum)(*args[:-1], **kwargs)(args[-1])[1]

    return product
