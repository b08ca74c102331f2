"""Special functions come from the library that holds the numbers: scipy.special, torch.special ...

Where that library has none of the name, SciPy computes it if the numbers lie in main memory, where
it reads them in place. Nothing is moved from a device for it, and what is traced has no numbers.
"""

import importlib
from collections.abc import Callable
from functools import cache, partial
from types import ModuleType
from typing import Any

import numpy

from ..errors import GraphError, StorageError
from .libraries import library_of as library_of

_HOMES = {                          # where the functions of a library are looked for, in order
    "numpy": ("scipy.special",),
    "cupy": ("cupyx.scipy.special", "cupy"),
    "torch": ("torch.special",),
    "jax": ("jax.scipy.special", "jax.numpy"),
}
_WORDS = {                          # what they are called there; "" where SciPy's is taken instead
    "torch": {"k0": "modified_bessel_k0", "k1": "modified_bessel_k1",
              "k0e": "scaled_modified_bessel_k0", "k1e": "scaled_modified_bessel_k1",
              "polygamma": ""},     # its order is no array; bessel_j0 ... are wrong in digit 5
    "jax": {"hyp2f1": "",           # hyp2f1(2.5, 1.5, 3, -0.3) is 3e44
            "polygamma": ""},       # orders must be integers, and in a rule they are floats
}
_MADE: dict[tuple[str, str], Callable[..., Any]] = {    # where the library's own loses its digits
    ("torch", "ndtr"): lambda f, xp, x: 0.5 * f("erfc")(-(0.5 ** 0.5) * x),
    ("jax", "betaln"): lambda f, xp, a, b: f("gammaln")(a) + f("gammaln")(b) - f("gammaln")(a + b),
    ("jax", "poch"): lambda f, xp, x, m: xp.exp(f("gammaln")(x + m) - f("gammaln")(x)) * (
        f("gammasgn")(x + m) * f("gammasgn")(x)),
    ("jax", "beta"): lambda f, xp, a, b: xp.exp(f("betaln")(a, b)) * (
        f("gammasgn")(a) * f("gammasgn")(b) * f("gammasgn")(a + b)),
}
_MAIN_MEMORY = 1                    # DLPack's number for it


def special(name: str) -> Callable[..., Any]:
    """What computes the special function of this name: the `forward` of a primitive."""
    def forward(xp: Any, *args: Any) -> Any:
        return find(name, library_of(next(x for x in args if library_of(x))))(*args)

    return forward


@cache
def find(name: str, library: Any) -> Callable[..., Any]:
    """The function of this name for the arrays of a library."""
    if made := _MADE.get((library.name, name)):
        return _on_arrays(partial(made, partial(find, library=library), library.xp), library)
    word = _WORDS.get(library.name, {}).get(name, name)
    for home in _HOMES.get(library.name, ()):
        found = getattr(_module(home), word, None) if word else None
        if found is not None:
            return _on_arrays(found, library)
    return _in_main_memory(name, library)


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise StorageError(f"the special functions of {name} are not installed here",
                           "pip install 'wengert[special]'" if name == "scipy.special" else
                           f"pip install {name.partition('.')[0]}") from error


def _on_arrays(function: Callable[..., Any], library: Any) -> Callable[..., Any]:
    """The function, given arrays of one floating dtype: integers and numbers are made such.

    SciPy makes integer arrays floats itself; but beside a Python number it would make float32
    float64.
    """
    as_they_are = {numpy.ndarray, numpy.float64, numpy.float32}

    def call(*args: Any) -> Any:
        if all(type(x) in as_they_are for x in args) or any(map(_is_complex, args)):
            return function(*args)
        return function(*floats(library, args))

    return call


def _is_complex(x: Any) -> bool:
    library = library_of(x)
    return library is not None and library.xp.isdtype(x.dtype, "complex floating")


def floats(library: Any, args: tuple[Any, ...]) -> list[Any]:
    """Operands as arrays of a library, of one floating dtype and on one device."""
    xp, arrays = library.xp, [x for x in args if library_of(x)]
    dtypes = [x.dtype for x in arrays if xp.isdtype(x.dtype, "real floating")]
    if not dtypes or (len(dtypes) < len(arrays) and library.name == "numpy"):
        dtypes += [library.dtype(float)]
    dtype = dtypes[0] if len(dtypes) == 1 else xp.result_type(*dtypes)
    return [xp.astype(x, dtype, copy=False) if library_of(x) else
            xp.full((), x, dtype=dtype, device=library.device_of(arrays[0])) for x in args]


def _in_main_memory(name: str, library: Any) -> Callable[..., Any]:
    """SciPy's function on what it can read in place."""
    compute = getattr(_module("scipy.special"), name)

    def call(*args: Any) -> Any:
        like = next(x for x in args if library_of(x))
        numbers = [_read(name, x, library) if library_of(x) else x for x in args]
        return library.xp.asarray(numpy.asarray(compute(*numbers)), device=like.device)

    return call


def _read(name: str, x: Any, library: Any) -> Any:
    try:
        kind, _ = x.__dlpack_device__()
    except Exception as error:
        raise GraphError(f"{library.name} has no function {name}, and SciPy's cannot be traced",
                         "compute it outside of what is traced") from error
    if kind != _MAIN_MEMORY:
        raise StorageError(f"{library.name} has no function {name}, and SciPy's reads main memory "
                           f"alone, not {x.device}", "move the operands first: x.to('cpu')")
    return numpy.from_dlpack(x)
