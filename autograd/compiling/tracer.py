"""A tracer is an array without numbers: what is done with it is written down, a line of a program.

It stands where NumPy's arrays do, with a shape and a dtype. Any code that runs over the array API
can so be traced: the engine's operations, a backward pass, an optimiser's update. What asks for
the numbers themselves cannot, and is told so.
"""

import operator
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, ClassVar

import numpy

from ..containers import leaves
from ..errors import GraphError, asked_by
from . import floats
from .printing import added, put
from .program import Line, Program, Variable, replaced, variables

writing: ContextVar[Program] = ContextVar("writing")    # the program that is being written
BY_SHAPE = {"np.empty_like", "np.ones_like", "np.zeros_like"}       # constants: shapes are known
SHAPED_BY_NUMBERS = {f"np.{name}" for name in (
    "nonzero", "flatnonzero", "argwhere", "unique", "unique_all", "unique_counts", "unique_inverse",
    "unique_values", "compress", "extract", "trim_zeros", "bincount")}


class Tracer:
    """A result of a program that is being written: its variable, and an example of its numbers.

    The example is there for its shape and dtype. That of a traced float is a float: it takes the
    dtype of the arrays beside it.
    """

    __slots__ = ("variable", "example")
    namespace: ClassVar[Any]            # NumPy's functions, of tracers
    __hash__ = object.__hash__

    def __init__(self, variable: Variable, example: Any) -> None:
        self.variable, self.example = variable, example

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return self.namespace

    def __repr__(self) -> str:
        return f"<traced array of shape {self.shape} and dtype {self.dtype}>"

    @property
    def shape(self) -> tuple[int, ...]:
        return self.variable.shape

    @property
    def dtype(self) -> Any:
        return self.variable.dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return numpy.size(self.example)

    @property
    def device(self) -> None:
        """Nowhere: it has no numbers yet."""
        return None

    @property
    def T(self) -> Any:                                                     # noqa: N802
        return self.namespace.transpose(self)

    @property
    def mT(self) -> Any:                                                    # noqa: N802
        return self.namespace.matrix_transpose(self)

    @property
    def at(self) -> Any:
        """JAX's way to write: x.at[index].set(values) and .add(values) are new arrays."""
        return _At(self)

    def __format__(self, how: str) -> str:
        return _unknown(LATER)(self) if how else repr(self)

    def __getitem__(self, index: Any) -> Any:
        return written("getitem", operator.getitem, (self, index), {})

    def __len__(self) -> int:
        return len(self.example)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise GraphError(f"x[...] = values, of {self!r}: a program changes no argument",
                         "write x = x.at[...].set(values), or make it a Tensor first: Tensor(x)")

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **params: Any) -> Any:
        return self.__array_function__(ufunc if method == "__call__" else getattr(ufunc, method),
                                       (), args, params)

    def __array_function__(self, function: Any, types: Any, args: Any, params: Any) -> Any:
        """NumPy's own functions of tracers are written down too."""
        home = self.namespace
        for name in (getattr(function, "__module__", None) or "numpy").split(".")[1:]:
            home = getattr(home, name)
        if params.get("out") is not None or function.__name__ not in dir(home):
            raise GraphError(f"{function.__name__} of {self!r} cannot be compiled",
                             "take a function of autograd.numpy, and no out=")
        return getattr(home, function.__name__)(*args, **params)

    def reshape(self, *shape: Any, **params: Any) -> Any:
        """As NumPy's: the shape as one tuple, or its numbers."""
        return self.namespace.reshape(self, shape[0] if len(shape) == 1 else shape, **params)

    def transpose(self, *axes: Any) -> Any:
        """As NumPy's: the axes as one tuple, or its numbers."""
        return self.namespace.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def ravel(self) -> Any:
        return self.namespace.reshape(self, -1)

    def flatten(self) -> Any:
        return self.ravel().copy()

    def dot(self, other: Any) -> Any:
        return self.namespace.dot(self, other)

def _unknown(cure: str) -> Any:
    """A method that asks a tracer for its numbers."""
    def method(self: Tracer, *_: Any, **__: Any) -> Any:
        raise GraphError(f"a function that is being compiled asks for numbers{asked_by()}: those "
                         f"of {self!r} are known when the program runs", cure)

    return method


LATER = "return what is wanted as a number, and print it outside"
CURES = {
    "write where(condition, x, y) for an if, np.maximum for max, or make the argument that decides "
    "static": ("__bool__",),
    "a size or a count is part of the program: make the argument that decides static":
        ("__int__", "__index__"),
    "write np.sin for math.sin, and x for float(x)": ("__float__", "__complex__", "__round__"),
    "write np.stack([x, y]) for np.array([x, y])": ("__array__",),
    LATER: ("item", "tolist", "__dlpack__")}
for _cure, _words in CURES.items():
    for _word in _words:
        setattr(Tracer, _word, _unknown(_cure))


class _At:
    """Places of an array to write to, once an index is given."""

    def __init__(self, x: Tracer, *index: Any) -> None:
        self.x, self.index = x, index

    def __getitem__(self, index: Any) -> "_At":
        return _At(self.x, index)

    def set(self, values: Any) -> Any:
        return written("put", put, (self.x, *self.index, values), {})

    def add(self, values: Any) -> Any:
        return written("added", added, (self.x, *self.index, values), {})


def written(name: str, function: Callable[..., Any], args: tuple[Any, ...],
            params: dict[str, Any]) -> Any:
    """What a function makes of tracers, written down as a line; an example of it is computed."""
    program = begun(args)
    if shaped_by_numbers(name, leaves(args), leaves(params)):
        raise GraphError(f"{name} of {leaves(args)[0]!r} has a shape that depends on numbers"
                         f"{asked_by()}", "a program has one shape: where(mask, x, 0.0) keeps it")
    real = floats.real(map(example, leaves(args)))
    name, function = (real and floats.operator(name)) or (name, function)
    operands = replaced((args, params), lambda x: x.variable if type(x) is Tracer else
                        program.copy(x) if isinstance(x, numpy.ndarray) else x)
    with numpy.errstate(all="ignore"):
        found: Any = function(*replaced(args, example), **replaced(params, example))
    found = float(found) if real and type(found) is int else found  # where(x > 0, 1, 0.5)
    several = isinstance(found, (tuple, list))
    parts = found if several else [found]
    known = name in BY_SHAPE or all(x.value is not None for x in variables(operands))
    made = [Variable(x, value=numpy.asarray(x) if known else None) for x in parts]
    if not known:
        program.lines.append(Line(tuple(made), name, *operands))
    tracers = iter([Tracer(x, part) for x, part in zip(made, parts)])
    return replaced(found, lambda _: next(tracers)) if several else next(tracers)


def shaped_by_numbers(name: str, args: list[Any], params: list[Any]) -> bool:
    """Whether the shape of what a function returns depends on the numbers of tracers."""
    others = [x for x in (*args[1:], *params) if type(x) is Tracer and x.variable.value is None]
    return name in SHAPED_BY_NUMBERS or (name == "np.repeat" and bool(others)) or (
        name == "getitem" and any(x.dtype == bool for x in others))


def begun(args: Any) -> Program:
    """The program that is being written; an error for tracers that have outlived theirs."""
    if (program := writing.get(None)) is None:
        raise GraphError(f"{leaves(args)[0]!r} is left over from a function that was compiled",
                         "return what is needed later, do not keep it in a list or an attribute")
    return program


def example(x: Any) -> Any:
    """The numbers that stand for a tracer while it is traced."""
    return x.example if type(x) is Tracer else x
