"""A namespace is autograd.numpy over one storage: what a Tensor says it can be computed with.

`x.__array_namespace__()` gives it, and so code written to the array API standard makes its arrays
where x is. The functions are the same; those that make arrays, or ask about dtypes, do so for that
storage, and its dtypes stand under their names.
"""

from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any

from ..errors import ArgumentError
from ..storage import Device, devices, library_of
from . import creation, info

VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12")
_DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
           "float32", "float64", "complex64", "complex128")


class Namespace:
    """The public names of `autograd.numpy`, over one library; one object for each."""

    def __init__(self, library: Any) -> None:
        import autograd.numpy

        self.__name__ = f"autograd.numpy.over_{library.name}"
        vars(self).update(self._bound(autograd.numpy, library))
        for extension in ("linalg", "fft", "special"):
            module = getattr(autograd.numpy, extension)
            setattr(self, extension, SimpleNamespace(
                __name__=f"{self.__name__}.{extension}", **self._bound(module, library)))
        vars(self).update({dtype: found for dtype in _DTYPES
                           if (found := getattr(library.xp, dtype, None)) is not None})

    @staticmethod
    def _bound(module: Any, library: Any) -> dict[str, Any]:
        """A module's public names, those that need to know the storage bound to one."""
        names = {name: x for name, x in vars(module).items()
                 if not name.startswith("_") or name.startswith("__array_")}
        return {name: _over(library, x) if _needs_storage(x) else x for name, x in names.items()}

    def __deepcopy__(self, memo: Any) -> "Namespace":
        return self

    def __reduce__(self) -> Any:
        return find, (self.__name__,)

    def __repr__(self) -> str:
        return f"<{self.__name__}>"


def _needs_storage(x: Any) -> bool:
    return getattr(x, "__module__", None) in (creation.__name__, info.__name__) or (
        getattr(x, "__name__", None) in ("fftfreq", "rfftfreq"))


def _over(library: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with this library as the default one."""
    @wraps(function)
    def bound(*args: Any, **kwargs: Any) -> Any:
        if devices.default().library is library:
            return function(*args, **kwargs)
        with Device._at(library, library.default()):
            return function(*args, **kwargs)

    return bound


_spaces: dict[str, Namespace] = {}


def of(x: Any, api_version: str | None = None) -> Namespace:
    """The namespace of the library that holds the array x."""
    if api_version not in (None, *VERSIONS):
        raise ArgumentError(f"version {api_version!r} of the array API standard",
                            f"there are {', '.join(VERSIONS)}")
    library: Any = library_of(x)
    name = f"autograd.numpy.over_{library.name}"
    return _spaces.get(name) or _spaces.setdefault(name, Namespace(library))


def find(name: str) -> Namespace:
    """A namespace by its name: what pickle stores."""
    from ..storage.libraries import LIBRARIES

    library = LIBRARIES[name.rpartition("over_")[2]]
    return _spaces.get(name) or _spaces.setdefault(name, Namespace(library))
