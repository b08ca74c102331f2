"""HIPS autograd's names for what `vjp`, `jvp` and `hvp` do: functions of the arguments, one moving.

`argnum` says which argument moves; a tuple of several takes and gives tuples.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from .containers import leaves_like, rebuild
from .errors import NotHereError
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


WRITTEN = {                             # a name of HIPS autograd, and what is written here
    "deriv": "elementwise_grad(f)(x)",
    "grad_and_aux": "grad(f, has_aux=True)(x)",
    "grad_named": "grad(f, 1)(x, y)",
    "multigrad_dict": 'grad(lambda p: f(**p))({"x": x, "y": y})',
    "holomorphic_grad": "jvp(f, (z,), (1.0,))[1]",
    "make_hvp": "hvp(f, x, v)",
    "make_ggnvp": "vjp(f, x)[1](jvp(f, (x,), (v,))[1])[0]",
    "vector_jacobian_product": "vjp(f, x)[1](v)[0]",
    "checkpoint": "f: nothing is recomputed",
    "defjvp": "nothing: forward mode follows from defvjp",
    "getval": "x.data",
    "isbox": "isinstance(x, (Value, Tensor))",
    "fixed_point": "custom_gradient", "Box": "custom_gradient", "VSpace": "custom_gradient"}


def named(module: str) -> Callable[[str], Any]:
    """The `__getattr__` of a module: for what only HIPS autograd has, the word to write here.

    It is an ImportError: of an AttributeError `from autograd import deriv` shows no word.
    """
    def find(name: str) -> Any:
        if name in WRITTEN:
            raise NotHereError(f"{module} has no {name}, which is HIPS autograd's",
                               f"write {WRITTEN[name]}; docs/from_hips.md says more")
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return find
