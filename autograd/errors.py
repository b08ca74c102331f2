"""Errors say what happened, with the shapes and values that came, and then the edit to make."""

import os
import sys
from typing import Any

import numpy


class AutogradError(Exception):
    """An error with two parts: what happened, and the help that mends it."""

    def __init__(self, what: str, help: str = "") -> None:
        super().__init__(f"{what}\nhelp: {help}" if help else what)


class ShapeError(AutogradError, ValueError):
    """Shapes that do not fit together."""


class NotASequenceError(ShapeError, TypeError):
    """One number where there must be several: len() and iter() of it."""


class OutOfRangeError(ShapeError, IndexError):
    """An index that is not there."""


class DtypeError(AutogradError, TypeError):
    """A kind of number that cannot be used here."""


class StorageError(AutogradError, TypeError):
    """Arrays of two libraries or devices in one operation."""


class GraphError(AutogradError, RuntimeError):
    """A graph that cannot be walked, or an operation that would leave it unseen."""


class ArgumentError(AutogradError, ValueError):
    """A value outside what is possible: a negative rate, an empty data set, a nan."""


class LinAlgError(ArgumentError, numpy.linalg.LinAlgError):
    """A matrix that has no inverse, no Cholesky factor, or no decomposition that was found."""


class DefinitionError(AutogradError, TypeError):
    """A primitive or rule that does not say what it must."""


class NotHereError(AutogradError, ImportError):
    """A name that HIPS autograd has, and what is written for it here."""


class GradientWarning(UserWarning):
    """The gradient ends here, and that may not be meant."""


def describe(x: Any) -> str:
    """What came, in one short phrase: `float64 array of shape (3, 4)`, `Value(2.0)`, `'abc'`."""
    shape, dtype = getattr(x, "shape", None), getattr(x, "dtype", None)
    if shape is not None and dtype is not None and not isinstance(x, type):
        kind = "Tensor" if type(x).__name__ == "Tensor" else "array"
        return f"{kind} of shape {tuple(shape)} and dtype {str(dtype).split('.')[-1]}"
    if type(x).__name__ == "Value":
        return f"Value({x.data!r})"
    try:
        text = repr(x)
    except Exception:                           # a list nested too deep, or an object of anybody
        return f"{type(x).__name__} that cannot be shown"
    if " at 0x" in text:                        # an address tells nothing
        return f"{type(x).__name__} object"
    return f"{type(x).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def asked_by() -> str:
    """The function of an installed package that asks for plain numbers, with its line, if one does.

    For messages: `scipy.stats._distn_infrastructure.logpdf, line 2114, asks for it`.
    """
    frame = _asking()
    if not frame:
        return ""                                       # the user's own code, which is in sight
    name = f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}"
    return f" ({name}, line {frame.f_lineno}, asks for it)"


def way_of_asker() -> str:
    """How the package that asks for plain numbers can keep the gradient, if it can: a help."""
    frame = _asking()
    package = frame.f_globals["__name__"].partition(".")[0] if frame else ""
    scipy = 'os.environ["SCIPY_ARRAY_API"] = "1" before SciPy is imported'
    if package == "scipy" and os.environ.get("SCIPY_ARRAY_API", "0") == "0":
        return f"write {scipy}: many of its functions then keep the gradient; else "
    if package == "sklearn" and not sys.modules[package].get_config()["array_api_dispatch"]:
        return (f"write {scipy}, then sklearn.set_config(array_api_dispatch=True): much of "
                "scikit-learn then keeps the gradient; else ")
    return ""


def _asking() -> Any:
    """The frame of an installed package that called NumPy or us, if one did."""
    frame: Any = sys._getframe(1)
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] in ("autograd", "numpy"):
        frame = frame.f_back
    found = frame and f"{os.sep}site-packages{os.sep}" in frame.f_code.co_filename
    return frame if found else None


def operands_do_not_fit(name: str, args: tuple[Any, ...], params: dict[str, Any],
                        error: Exception) -> Exception:
    """The error of an operation that its arrays refused, named, with every operand described."""
    came = ", ".join((*(describe(arg) for arg in args),
                      *(f"{key}={value!r}" for key, value in params.items())))
    shapes = [tuple(arg.shape) for arg in args if getattr(arg, "shape", None) is not None]
    kinds = {type(arg) for arg in args if getattr(arg, "shape", None) is not None}
    if len(kinds) > 1:
        names = sorted(f"{kind.__module__.split('.')[0]}" for kind in kinds)
        return StorageError(f"{name}: arrays of {' and '.join(names)} in one operation: {came}",
                            "move one of them first: x.to(y.device), of an array Tensor(x).to")
    places = {str(_device(arg)) for arg in args if getattr(arg, "shape", None) is not None}
    if len(places) > 1:
        return StorageError(f"{name}: arrays on {' and '.join(sorted(places))}: {came}",
                            "move one of them first: x.to(y.device)")
    if type(error).__name__ in ("LinAlgError", "_LinAlgError"):
        return LinAlgError(f"{name} of {came}: {error}", {
            "solve": "the matrix is singular: pinv(x) @ b is the solution of least squares, and a "
                     "multiple of the unit matrix added to x makes it regular",
            "cholesky": "add a small multiple of the unit matrix, or use eigh"}.get(
                name, "look for nan and inf in the matrix"))
    beyond = isinstance(error, IndexError) or " bounds" in str(error)
    if len(set(shapes)) > 1 and name != "concat" and not beyond:
        return ShapeError(f"{name}: shapes {' and '.join(map(str, shapes))} do not fit ({error})",
                          "axes are matched from the right and must be equal or 1; "
                          "add one with expand_dims or x[:, None]")
    if " complex" in came and any(word in str(error) for word in ("omplex", "dtype")):
        return DtypeError(f"{name} cannot be applied to {came}: {error}",
                          "over this library it takes real numbers; x.to(storage='numpy') may do")
    helps = {"reshape": "the new shape must have as many elements as the old",
             **dict.fromkeys(("getitem", "setitem", "take", "take_along_axis"),
                             "indices run from 0 to n - 1 along each axis, or back from -1"),
             "max": "an empty array has no greatest element",
             "min": "an empty array has no smallest element",
             "concat": "the arrays must have equal lengths on all axes but the one joined"}
    kind = (DtypeError if isinstance(error, TypeError) else
            OutOfRangeError if beyond else
            ShapeError if isinstance(error, ValueError) else GraphError)
    return kind(f"{name} cannot be applied to {came}: {error}",
                helps.get(name, f"help({name}) says what it takes; axes run from -n to n - 1"))


def _device(x: Any) -> Any:
    try:
        return x.device
    except Exception:                           # what is traced has none
        return None


def products_do_not_fit(left: Any, right: Any) -> Exception:
    """The error of a matrix product of two arrays."""
    x, y = tuple(left.shape), tuple(right.shape)
    if not x or not y:
        number, shape = (left, y) if not x else (right, x)
        return ShapeError(f"matmul of shape {shape} and a single number, {number}",
                          "multiply by numbers with *")
    inner, outer = x[-1], y[-2 if len(y) > 1 else -1]
    return ShapeError(f"matmul: shapes {x} and {y} do not fit: {inner} ≠ {outer}",
                      "the last axis of the left must equal the last but one of the right; "
                      "transpose one of them with .T")


def mixed(value: Any, other: Any) -> Exception:
    """The error of a Value beside a Tensor."""
    return DtypeError(f"a Value beside a Tensor: {describe(value)} and {describe(other)}",
                      "stack([values]) makes a Tensor of Values, t.values() Values of a Tensor; "
                      "both carry gradients")
