"""NumPy's functions for tracers: each writes down what is done, and Python's signs do so too."""

import operator
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy

from ..containers import leaves
from ..errors import GraphError
from ..operands import NUMBERS
from ..storage import libraries, numpy_storage
from ..storage.library import Library
from . import floats
from .printing import INFIX, PREFIX, function_of
from .program import Variable, replaced
from .tracer import Tracer, begun, example, written

ABOUT_DTYPES = {"isdtype", "result_type", "can_cast", "finfo", "iinfo", "broadcast_shapes"}
OPERATORS = {"add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv"}
METHODS = ("sum", "prod", "mean", "var", "std", "max", "min", "argmax", "argmin", "any", "all",
           "cumsum", "cumprod", "clip", "round", "astype", "squeeze", "swapaxes", "repeat", "take",
           "argsort", "conj", "trace", "diagonal", "copy")


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

    def is_int(self, x: Any) -> bool:
        return type(x.example) is int

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


def _in_place(word: str) -> Any:
    def method(self: Tracer, other: Any) -> Any:
        if not self.variable.weak and self.variable in begun(self).given:
            raise GraphError(f"x {INFIX[word][0]}= ..., of {self!r}: a program changes no argument",
                             f"write x = x {INFIX[word][0]} ...")
        return getattr(operator, word)(self, other)

    return method


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
    return lambda self, *args, **params: getattr(self.namespace, name)(self, *args, **params)


Tracer.namespace = Namespace(numpy_storage, "np")
for _word in METHODS:
    setattr(Tracer, _word, _named(_word))
for _word in (*INFIX, *PREFIX, "abs"):
    setattr(Tracer, f"__{_word}__", _method(_word, False))
    if _word in INFIX and _word not in ("lt", "le", "gt", "ge", "eq", "ne"):
        setattr(Tracer, f"__r{_word}__", _method(_word, True))
        setattr(Tracer, f"__i{_word}__", _in_place(_word))
libraries.add(Tracer, _Tracers("tracers", Tracer.namespace))
