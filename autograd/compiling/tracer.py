"""A tracer is an array without numbers: what is done with it is written down, a line of a program.

It stands where NumPy's arrays do, with a shape and a dtype. Any code that runs over the array API
can so be traced: the engine's operations, a backward pass, an optimiser's update. What asks for
the numbers themselves cannot, and is told so.
"""

import operator
from collections.abc import Callable
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import numpy

from ..containers import leaves
from ..errors import GraphError, asked_by
from ..operands import NUMBERS
from ..storage import libraries, numpy_storage
from ..storage.library import Library
from . import floats
from .printing import INFIX, PREFIX, added, function_of, put
from .program import Line, Program, Variable, replaced, variables

writing: ContextVar[Program] = ContextVar("writing")    # the program that is being written
BY_SHAPE = {"np.empty_like", "np.ones_like", "np.zeros_like"}       # constants: shapes are known
OPERATORS = {"add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv"}
METHODS = ("sum", "prod", "mean", "var", "std", "max", "min", "argmax", "argmin", "any", "all",
           "cumsum", "cumprod", "clip", "round", "astype", "squeeze", "swapaxes", "repeat", "take",
           "argsort", "conj", "trace", "diagonal")
ABOUT_DTYPES = {"isdtype", "result_type", "can_cast", "finfo", "iinfo", "broadcast_shapes"}


class Tracer:
    """A result of a program that is being written: its variable, and an example of its numbers.

    The example is there for its shape and dtype. That of a traced float is a float: it takes the
    dtype of the arrays beside it.
    """

    __slots__ = ("variable", "example")
    __hash__ = object.__hash__

    def __init__(self, variable: Variable, example: Any) -> None:
        self.variable, self.example = variable, example

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return NAMESPACE

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
        return NAMESPACE.transpose(self)

    @property
    def mT(self) -> Any:                                                    # noqa: N802
        return NAMESPACE.matrix_transpose(self)

    @property
    def at(self) -> Any:
        """JAX's way to write: x.at[index].set(values) and .add(values) are new arrays."""
        return _At(self)

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
        home = NAMESPACE
        for name in (getattr(function, "__module__", None) or "numpy").split(".")[1:]:
            home = getattr(home, name)
        if params.get("out") is not None or function.__name__ not in dir(home):
            raise GraphError(f"{function.__name__} of {self!r} cannot be compiled",
                             "take a function of autograd.numpy, and no out=")
        return getattr(home, function.__name__)(*args, **params)

    def reshape(self, *shape: Any, **params: Any) -> Any:
        """As NumPy's: the shape as one tuple, or its numbers."""
        return NAMESPACE.reshape(self, shape[0] if len(shape) == 1 else shape, **params)

    def transpose(self, *axes: Any) -> Any:
        """As NumPy's: the axes as one tuple, or its numbers."""
        return NAMESPACE.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def ravel(self) -> Any:
        return NAMESPACE.reshape(self, -1)

    flatten = ravel

    def dot(self, other: Any) -> Any:
        return NAMESPACE.dot(self, other)

    def copy(self) -> Any:
        """Itself: nothing is ever written to it."""
        return self

    def _unknown(self, *_: Any, **__: Any) -> Any:
        raise GraphError(f"a function that is being compiled asks for numbers{asked_by()}: those "
                         f"of {self!r} are known when the program runs",
                         "write where(condition, x, y) for an if, return what is wanted as a "
                         "number, or make the argument that decides static")

    __bool__ = __float__ = __int__ = __complex__ = __index__ = __array__ = _unknown
    item = tolist = __dlpack__ = _unknown


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
    program = writing.get()
    real = floats.real(map(example, leaves(args)))
    name, function = (real and floats.operator(name)) or (name, function)
    operands = replaced((args, params), lambda x: x.variable if type(x) is Tracer else x)
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


def example(x: Any) -> Any:
    """The numbers that stand for a tracer while it is traced."""
    return x.example if type(x) is Tracer else x


def of_floats(name: str, function: Callable[..., Any], args: tuple[Any, ...],
              params: dict[str, Any]) -> Any:
    """What a function of the array API makes of floats; None where it makes arrays."""
    kinds = list(map(example, leaves(args)))
    if (number := floats.constant(name, tuple(map(example, args)), params)) is not None:
        return Tracer(Variable(number, value=numpy.asarray(number)), number)
    if name in floats.LOGICAL and set(map(type, kinds)) == {bool}:
        return written(floats.LOGICAL[name], function_of(floats.LOGICAL[name]), args, {})
    if not floats.real(kinds):
        return None
    if floats.same(name, tuple(map(example, args)), params):
        return args[0]
    line = floats.line_of(name)
    return None if line is None or params else written(line, function_of(line), args, {})


def as_array(x: Any) -> Any:
    """A float as an array of one number."""
    if type(x) is not Tracer or x.example is None or type(x.example) not in NUMBERS:
        return x
    return written("np.asarray", numpy.asarray, (x,), {})


class Namespace:
    """NumPy's functions, each of which writes down what is done with tracers."""

    def __init__(self, module: Any, path: str) -> None:
        self.__name__, self._module, self._path = "tracers of " + path, module, path

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if isinstance(found, ModuleType):
            found = Namespace(found, f"{self._path}.{name}")
        elif callable(found) and not isinstance(found, type):
            found = self._tracing(name, found)
        setattr(self, name, found)
        return found

    def __dir__(self) -> list[str]:
        return dir(self._module)

    def _tracing(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def traced(*args: Any, **params: Any) -> Any:
            if name in ABOUT_DTYPES:
                return function(*replaced(args, example), **replaced(params, example))
            if name in OPERATORS and len(args) == 2 and not params:
                return written(OPERATORS[name], function_of(OPERATORS[name]), args, {})
            params = {key: x for key, x in params.items() if key != "device"}
            if params.get("copy"):
                del params["copy"]                  # in a program nothing is written to
            found = of_floats(name, function, args, params)
            if found is not None:
                return found
            if floats.real(map(example, leaves(args))):
                args = replaced(args, as_array)
            return written(f"{self._path}.{name}", function, args, params)

        traced.__name__ = name
        return traced


class _Tracers(Library):
    """Tracers as an array library."""

    takes_any_index = immutable = traces = True

    def computing(self, name: str, compute: Callable[..., Any]) -> Callable[..., Any]:
        on_floats = floats.computing(name)

        def either(*args: Any, **params: Any) -> Any:
            if on_floats and not params and floats.real(map(example, args)):
                line = floats.line_of(name) or name
                return args[0] if name in floats.ITSELF else written(line, on_floats, args, {})
            return compute(*args, **params)

        return either if on_floats else compute

    def named(self, dtype: Any) -> Any:
        return libraries.NUMPY.named(dtype)

    def default(self) -> Any:
        return None

    def devices(self) -> dict[str, Any]:
        return {}


def _method(word: str, reflected: bool) -> Any:
    function = function_of(word)
    others = (Tracer, *NUMBERS, numpy.ndarray, numpy.generic)

    def method(self: Tracer, *other: Any) -> Any:
        if other and not isinstance(other[0], others):
            return NotImplemented
        args = (*other, self) if reflected else (self, *other)
        return written(word, function, args, {})

    return method


def _named(name: str) -> Any:
    return lambda self, *args, **params: getattr(NAMESPACE, name)(self, *args, **params)


for _word in METHODS:
    setattr(Tracer, _word, _named(_word))
for _word in (*INFIX, *PREFIX, "abs"):
    setattr(Tracer, f"__{_word}__", _method(_word, False))
    if _word in INFIX and _word not in ("lt", "le", "gt", "ge", "eq", "ne"):
        setattr(Tracer, f"__r{_word}__", _method(_word, True))
NAMESPACE = Namespace(numpy_storage, "np")
libraries.add(Tracer, _Tracers("tracers", NAMESPACE))
