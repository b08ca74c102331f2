"""A library is what holds arrays: how it is found, its namespace, its devices and dtypes.

`Library` itself serves any that follows the array API standard; those known by name stand in
`libraries`, each with what is special about it.
"""

import importlib
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy

from ..errors import DtypeError


class Library:
    """An array library; this class itself serves any that follows the standard."""

    module = ""                         # what is imported
    install = ""                        # how to get it
    takes_any_index = False             # that NumPy takes, in x[index] and x.at[index]
    immutable = False                   # whether its arrays never change
    traces = False                      # whether NumPy's arrays are constants beside its own

    def __init__(self, name: str, xp: Any = None) -> None:
        self.name = name
        if xp is not None:
            self.xp = xp

    @cached_property
    def xp(self) -> Any:
        """The array API namespace."""
        return importlib.import_module(self.module)

    @property
    def found(self) -> bool:
        """Whether the library is installed."""
        return find_spec(self.name) is not None

    @property
    def _info(self) -> Any:
        return self.xp.__array_namespace_info__()

    def devices(self) -> dict[str, Any]:
        """The devices at hand, the library's own objects, by a name in words."""
        return {str(device): device for device in self._info.devices() if device is not None}

    def default(self) -> Any:
        """The device that new arrays go to."""
        return self._info.default_device()

    def device(self, which: Any) -> Any:
        """The device meant by a name ("cpu", "cuda" for "cuda:0") or an object; None if none is."""
        found = self.devices()
        if not isinstance(which, str):
            return next((device for device in found.values() if device == which), None)
        name = which.lower().replace("gpu", "cuda")
        return found.get(name, found.get(f"{name}:0"))

    def title(self, device: Any) -> str:
        """What a device is sold as; empty where there is nothing to say."""
        return ""

    def device_of(self, x: Any) -> Any:
        """Where x is kept; None where that is not known."""
        return x.device

    def records(self, x: Any) -> bool:
        """Whether an engine of the library's own records what is done with x."""
        return False

    def is_int(self, x: Any) -> bool:
        """Whether x stands for an int of Python's, which becomes a float where one is needed."""
        return False

    def computing(self, name: str, compute: Any) -> Any:
        """What computes an operation of that name on arrays of this library, usually `compute`."""
        return compute

    def put(self, x: Any, device: Any) -> Any:
        """A NumPy array, a number or nested lists as a new array of this library."""
        return self.xp.asarray(x, device=device, copy=True)

    def move(self, x: Any, device: Any) -> Any:
        """An array of this library on another of its devices."""
        return x.to_device(device)

    def to_numpy(self, x: Any) -> Any:
        """The numbers of x as a NumPy array, from any device."""
        return numpy.asarray(self.move(x, self.default()))

    def dtype(self, dtype: Any) -> Any:
        """The dtype of new arrays for a name, a Python type, or any library's; None for None."""
        return self.named(dtype)

    def named(self, dtype: Any) -> Any:
        """This library's own dtype for a name, a Python type, or another library's dtype."""
        if dtype is None:
            return None
        if dtype in _SORTS:
            return self.xp.bool if dtype is bool else self._info.default_dtypes()[_SORTS[dtype]]
        name = dtype_name(dtype)
        if not hasattr(self.xp, name):
            raise DtypeError(f"{self.name} has no dtype {dtype!r}",
                             "use 'float32', 'float64', 'int64', 'bool' or another of its own")
        return getattr(self.xp, name)

    def __repr__(self) -> str:
        return f"<array library {self.name}>"


_SORTS = {bool: "bool", int: "integral", float: "real floating", complex: "complex floating"}


def dtype_name(dtype: Any) -> str:
    """The name of any library's dtype: "float32"."""
    try:
        return numpy.dtype(dtype).name
    except TypeError:
        return str(dtype).rpartition(".")[2]
