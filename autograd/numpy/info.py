"""What a storage can do: its devices and dtypes, their limits, and how they promote."""

from typing import Any

from ..node import Operand
from ..primitive import raw
from ..storage import devices, is_array, library_of, library_of_dtype


def _library(*given: Any) -> Any:
    """The library that dtypes or arrays are of; the default one where they do not say."""
    for x in given:
        x = raw(x)
        library = library_of(x) if is_array(x) else library_of_dtype(x)
        if library is not None:
            return library
    return devices.default().library


def finfo(type: Any, /) -> Any:                                             # the standard's name
    """The limits of a floating dtype, or of an array's: bits, eps, max, min, smallest_normal."""
    library = _library(type)
    return library.xp.finfo(_dtype(type, library))


def iinfo(type: Any, /) -> Any:
    """The limits of an integer dtype, or of an array's: bits, max, min."""
    library = _library(type)
    return library.xp.iinfo(_dtype(type, library))


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind: "real floating", "integral", "bool" ..., or one of several."""
    library = _library(dtype)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return bool(library.xp.isdtype(_dtype(dtype, library), tuple(
        one if isinstance(one, str) else library.named(one) for one in kinds)))


def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether an array or dtype may become a dtype without losing its kind."""
    library = _library(from_, to)
    return bool(library.xp.can_cast(_dtype(from_, library), library.named(to)))


def result_type(*arrays_and_dtypes: Any) -> Any:
    """The dtype that arrays, dtypes and Python numbers have together."""
    library = _library(*arrays_and_dtypes)
    return library.xp.result_type(*(
        x if type(x) in (bool, int, float, complex) else _dtype(x, library)
        for x in arrays_and_dtypes))


def _dtype(x: Any, library: Any) -> Any:
    if isinstance(x, Operand) or is_array(x):
        return getattr(x, "dtype", None) or library.dtype(float)            # a Value has none
    return library.named(x)


class Info:
    """What `__array_namespace_info__()` returns: the default storage, inspected."""

    def __init__(self, library: Any = None) -> None:
        self._library = library or devices.default().library

    def capabilities(self) -> dict[str, Any]:
        """Whether shapes may depend on data, and how many axes there may be."""
        return dict(self._library.xp.__array_namespace_info__().capabilities())

    def default_device(self) -> Any:
        """The device that new arrays go to."""
        return self._library.default()

    def default_dtypes(self, *, device: Any = None) -> dict[str, Any]:
        """The dtypes that new arrays get: real floating, complex floating, integral, indexing."""
        return dict(self._library.xp.__array_namespace_info__().default_dtypes(
            device=self._place(device)))

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, Any]:
        """The dtypes by name, all or those of a kind."""
        return dict(self._library.xp.__array_namespace_info__().dtypes(
            device=self._place(device), kind=kind))

    def devices(self) -> list[Any]:
        """The devices at hand."""
        return list(self._library.devices().values())

    def _place(self, device: Any) -> Any:
        return None if device is None else self._library.device(device)


def __array_namespace_info__() -> Info:                                     # noqa: N807
    """The devices, dtypes and capabilities of the default storage."""
    return Info()
