"""Beside NumPy and PyTorch: arrays meet Values and Tensors in operators; other functions refuse.

NumPy asks here before it computes. `array @ Tensor` is recorded; `numpy.sin(Tensor)` would drop the
gradient, so it raises and names the way, unless there is no gradient to lose: then NumPy computes
on the array itself, or on what `numpy.asarray` makes of another library's. PyTorch asks alike.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy

from .containers import leaves, rebuild
from .errors import GraphError, asked_by, way_of_asker
from .node import Node, Operand
from .ops import constants, elementwise as e, linalg
from .primitive import raw
from .storage import as_numpy, is_array, is_numpy

_OPERATORS: dict[str, Any] = {
    "add": e.add, "subtract": e.subtract, "multiply": e.multiply, "divide": e.divide,
    "true_divide": e.divide, "power": e.pow, "remainder": e.remainder,
    "floor_divide": e.floor_divide, "matmul": linalg.matmul,
    "equal": constants.equal, "not_equal": constants.not_equal, "less": constants.less,
    "less_equal": constants.less_equal, "greater": constants.greater,
    "greater_equal": constants.greater_equal}
_OF_SHAPES = ("shape", "ndim", "size")                  # no numbers, so no gradient
_OF_TORCH = {"add", "sub", "mul", "div", "pow", "matmul", "remainder", "floordiv", "eq", "ne", "lt",
             "le", "gt", "ge", "and", "or", "xor", "lshift", "rshift"}


class BesideNumPy(Operand):
    """NumPy's two protocols for those that are not its arrays, and PyTorch's."""

    __slots__ = ()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None,
                        **options: Any) -> Any:
        if any(isinstance(target, Operand) for target in out or ()):
            return _written(out, getattr(ufunc, method)(*inputs, **options))
        if method == "at" and isinstance(inputs[0], Operand):
            raise GraphError(f"numpy.{ufunc.__name__}.at would write into a Tensor",
                             "write x[index] += value, or autograd.numpy's functions")
        op = _OPERATORS.get(ufunc.__name__)
        if method != "__call__" or op is None or options:
            return _on_plain_arrays(getattr(ufunc, method), inputs, {**options, "out": out}
                                    if out is not None else options, f"numpy.{ufunc.__name__}")
        result = op(*inputs)
        if out is None:
            return result
        if _moves(result):
            raise GraphError(f"a recorded result of {ufunc.__name__} written into a NumPy array "
                             "would drop its gradient", "use .data on both sides, or a new Tensor")
        numpy.copyto(out[0], raw(result))               # p.data -= 0.1 * p.grad
        return out[0]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function.__name__ in _OF_SHAPES:
            return function(*map(raw, args), **{name: raw(x) for name, x in kwargs.items()})
        return _on_plain_arrays(function, args, kwargs,
                                f"{function.__module__}.{function.__name__}")

    @classmethod
    def __torch_function__(cls, function: Any, types: Any, args: Any = (),
                           kwargs: Any = None) -> Any:
        name, kwargs = function.__name__, kwargs or {}
        if name.strip("_") in _OF_TORCH:                # array * Tensor is Tensor.__rmul__'s
            return NotImplemented
        in_place = kwargs.get("inplace") or (name[-1] == "_" != name[0] and
                                             isinstance(args[0], Operand))
        if in_place or isinstance(kwargs.get("out"), Operand):
            raise GraphError(f"torch.{name} would write into a Tensor", "write x[...] = value")
        return _on_plain_arrays(function, args, kwargs, f"torch.{name}", raw)


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


def _read(x: Any) -> Any:
    """What NumPy reads of x: its number or array. It must not write there: nothing would know."""
    data = raw(x)
    if data is x or not is_array(data):
        return data
    view = (data if is_numpy(data) else as_numpy(data)).view()
    view.flags.writeable = False
    return view


def _written(targets: tuple[Any, ...], result: Any) -> Any:
    """The results of a ufunc, written to the Tensors and arrays of its `out`."""
    results = result if isinstance(result, tuple) else (result,)
    for target, part in zip(targets, results):
        if target is not None:
            target[...] = part
    done = tuple(part if target is None else target for target, part in zip(targets, results))
    return done[0] if len(done) == 1 else done


def _on_plain_arrays(function: Any, args: Any, kwargs: dict[str, Any], name: str,
                     read: Callable[[Any], Any] = _read) -> Any:
    """A function of NumPy or PyTorch on plain arrays, where no gradient is lost by it."""
    given = [tuple(args), kwargs]
    for leaf in leaves(given):
        if _moves(leaf):
            raise GraphError(f"{name} of a {type(leaf).__name__} would drop its gradient"
                             + asked_by(), f"{way_of_asker()}"
                             "autograd.numpy has most of NumPy's functions with gradients, "
                             "custom_gradient gives any function one; write x.detach() (or .data) "
                             "if dropping it is meant")
    args, kwargs = rebuild(given, [read(leaf) for leaf in leaves(given)])
    try:
        return function(*args, **kwargs)
    except ValueError as error:
        if "read-only" in str(error):
            raise GraphError(f"{name} would write into a Tensor", "write x[...] = value") from error
        raise
