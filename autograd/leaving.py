"""Leaving the graph is never silent: what would drop a gradient raises or warns, and says how."""

import operator
import warnings
from typing import TYPE_CHECKING, Any

from .errors import GradientWarning, GraphError, ShapeError, StorageError, asked_by, way_of_asker
from .handle import Handle
from .modes import bridging
from .primitive import find
from .storage import as_numpy, to_number, to_numpy


def warn_leaving(function: str, kind: str, way: str, stacklevel: int = 3) -> None:
    """Warn the caller of a method that its result drops a gradient; `way` is the silent way."""
    if bridging():
        raise GraphError(f"{function}() of a {kind} inside a function that is differentiated would "
                         "drop the gradient", "for functions of math use autograd.numpy, for "
                         f"arrays of results stack([...]); write {function}(x.detach()) if "
                         "dropping it is meant")
    warnings.warn(f"{function}() of a {kind} is a plain number: the gradient ends here. help: use "
                  f"{way} if that is meant; for functions of math use autograd.numpy",
                  GradientWarning, stacklevel)


class Leaving(Handle):
    """The ways out of a Tensor: arrays, Python numbers, other libraries."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError

    def numpy(self) -> Any:
        """The array as a NumPy array, copied from another device; raises if it needs a gradient."""
        self._refuse_to_leave("numpy()")
        return to_numpy(self.data)

    if not TYPE_CHECKING:           # else type checkers take `array @ Tensor` for an array
        def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
            self._refuse_to_leave("__array__")
            try:
                return as_numpy(self.data, dtype, copy)
            except (TypeError, RuntimeError) as error:      # a device that NumPy cannot read
                raise StorageError(f"NumPy cannot read a Tensor on {self.device}: {error}",
                                   "write x.numpy(), which copies the numbers") from error

    def __dlpack__(self, /, *, stream: Any = None, max_version: Any = None, dl_device: Any = None,
                   copy: bool | None = None) -> Any:
        self._refuse_to_leave("__dlpack__")
        asked = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
        return self.data.__dlpack__(**{word: x for word, x in asked.items() if x is not None})

    def __dlpack_device__(self) -> Any:
        return self.data.__dlpack_device__()

    def _refuse_to_leave(self, name: str) -> None:
        if self.requires_grad:
            raise GraphError(f"{name} on a Tensor that requires a gradient would drop it"
                             + asked_by(),
                             f"{way_of_asker()}write x.detach() if that is meant (or x.data for "
                             "the array); for functions of NumPy that keep the gradient use "
                             "autograd.numpy")

    def item(self) -> Any:
        """The one element as a Python number."""
        if self.size != 1:
            raise ShapeError(f"item() of a Tensor of shape {self.shape}",
                             "index one element first, or use tolist()")
        return to_number(self.data)

    def tolist(self) -> Any:
        """Nested lists of Python numbers."""
        return [self[i].tolist() for i in range(self.shape[0])] if self.shape else self.item()

    def values(self) -> Any:
        """Nested lists of Values, one for each element; gradients go through."""
        if not self.shape:
            return find("element")(self)
        return [self[i].values() for i in range(self.shape[0])]

    def __float__(self) -> float:
        self._warn_leaving("float")
        return float(self.item())

    def __int__(self) -> int:
        self._warn_leaving("int")
        return int(self.item())

    def __complex__(self) -> complex:
        self._warn_leaving("complex")
        return complex(self.item())

    def __index__(self) -> int:
        return operator.index(self.item())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(f"whether a Tensor of shape {self.shape} is true is not one question",
                             "write .any() or .all(), or where(condition, x, y) for each element")
        return bool(self.item())

    def _warn_leaving(self, function: str) -> None:
        if self.requires_grad:
            warn_leaving(function, "Tensor", ".item()", stacklevel=4)

