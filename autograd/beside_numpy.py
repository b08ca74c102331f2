"""Beside NumPy: arrays meet Values and Tensors in operators; other functions of NumPy refuse.

NumPy asks here before it computes. `array @ Tensor` is recorded; `numpy.sin(Tensor)` would drop the
gradient, so it raises and names the way, unless there is no gradient to lose.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from .containers import leaves, rebuild
from .errors import GraphError, asked_by
from .node import Node, Operand
from .ops import constants, elementwise as e, linalg
from .primitive import raw

_OPERATORS: dict[str, Any] = {
    "add": e.add, "subtract": e.subtract, "multiply": e.multiply, "divide": e.divide,
    "true_divide": e.divide, "power": e.pow, "remainder": e.remainder,
    "floor_divide": e.floor_divide, "matmul": linalg.matmul,
    "equal": constants.equal, "not_equal": constants.not_equal, "less": constants.less,
    "less_equal": constants.less_equal, "greater": constants.greater,
    "greater_equal": constants.greater_equal}


class BesideNumPy(Operand):
    """NumPy's two protocols for those that are not its arrays."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None,
                        **options: Any) -> Any:
        op = _OPERATORS.get(ufunc.__name__)
        if method != "__call__" or op is None or options:
            return _on_plain_arrays(getattr(ufunc, method), inputs, {**options, "out": out}
                                    if out is not None else options, ufunc.__name__)
        result = op(*inputs)
        if out is None:
            return result
        if _moves(result):
            raise GraphError(f"a recorded result of {ufunc.__name__} written into a NumPy array "
                             "would drop its gradient", "use .data on both sides, or a new Tensor")
        out[0][...] = raw(result)                       # p.data -= 0.1 * p.grad
        return out[0]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _on_plain_arrays(function, args, kwargs, function.__name__)


def passing(module: ModuleType, name: str) -> Callable[[str], Any]:
    """The `__getattr__` of a module of ours: what else NumPy's has, as it is.

    It takes plain numbers, and refuses what is recorded.
    """
    def find(word: str) -> Any:
        try:
            if word != "__path__":                      # that would say where submodules are
                return getattr(module, word)
        except AttributeError:
            pass
        raise AttributeError(f"{name} has no {word!r}, nor has NumPy")

    return find


def _moves(x: Any) -> bool:
    return isinstance(x, Node) or (isinstance(x, Operand) and getattr(x, "tracked", False))


def _on_plain_arrays(function: Any, args: Any, kwargs: dict[str, Any], name: str) -> Any:
    """A function of NumPy on the arrays themselves, where no gradient is lost by it."""
    given = [tuple(args), kwargs]
    for leaf in leaves(given):
        if _moves(leaf):
            raise GraphError(f"numpy.{name} of a {type(leaf).__name__} would drop its gradient"
                             + asked_by(),
                             "autograd.numpy has most of NumPy's functions with gradients, "
                             "custom_gradient gives any function one; write x.detach() (or .data) "
                             "if dropping it is meant")
    args, kwargs = rebuild(given, [raw(leaf) for leaf in leaves(given)])
    return function(*args, **kwargs)
