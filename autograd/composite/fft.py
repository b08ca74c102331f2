"""Fourier transforms over one axis or several, made of those along one axis.

Signatures are those of the array API standard, and what it has by name alone is taken by position
too, as in NumPy. `norm` says which direction is divided by n: "backward", the inverse; "forward";
"ortho", both by its root.
"""

from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError, ShapeError
from ..ops import elementwise as e, fft as ops
from ..ops.shapes import axes_of, roll
from .base import as_operand, floating

_OPPOSITE = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


def fft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The spectrum of x along an axis, complex; x is cut or followed by zeros to length n."""
    return _along(ops.fft, x, n, axis, norm)


def ifft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The inverse of `fft` along an axis."""
    return _along(ops.ifft, x, n, axis, norm)


def rfft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The spectrum of real x along an axis: its first n // 2 + 1 elements, which say the rest."""
    return _along(ops.rfft, floating(as_operand(x)), n, axis, norm)


def irfft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The inverse of `rfft`, real, of length n (2 · (m - 1) for x of length m)."""
    x = as_operand(x)
    (axis,) = axes_of(axis, len(x.shape))
    return _along(ops.irfft, x, 2 * (x.shape[axis] - 1) if n is None else n, axis, norm)


def hfft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The spectrum, real, of x with Hermitian symmetry, of which only half is given."""
    return irfft(e.conj(as_operand(x)), n=n, axis=axis, norm=_OPPOSITE.get(norm, norm))


def ihfft(x: Any, /, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    """The inverse of `hfft`: half of a Hermitian signal, from its real spectrum."""
    return e.conj(rfft(x, n=n, axis=axis, norm=_OPPOSITE.get(norm, norm)))


def fftn(x: Any, /, s: Sequence[int] | None = None, axes: Sequence[int] | None = None,
         norm: str = "backward") -> Any:
    """`fft` along several axes (None: all, or as many as s has, the last ones), of lengths s."""
    return _over(fft, x, s, axes, norm)


def ifftn(x: Any, /, s: Sequence[int] | None = None, axes: Sequence[int] | None = None,
          norm: str = "backward") -> Any:
    """The inverse of `fftn`."""
    return _over(ifft, x, s, axes, norm)


def rfftn(x: Any, /, s: Sequence[int] | None = None, axes: Sequence[int] | None = None,
          norm: str = "backward") -> Any:
    """`rfft` along the last of the axes, then `fft` along the others."""
    x = as_operand(x)
    *others, (last, n) = _axes("rfftn", x, s, axes)
    x = rfft(x, n=n, axis=last, norm=norm)
    for axis, n in reversed(others):
        x = fft(x, n=n, axis=axis, norm=norm)
    return x


def irfftn(x: Any, /, s: Sequence[int] | None = None, axes: Sequence[int] | None = None,
           norm: str = "backward") -> Any:
    """The inverse of `rfftn`, real."""
    x = as_operand(x)
    *others, (last, n) = _axes("irfftn", x, s, axes)
    for axis, length in others:
        x = ifft(x, n=length, axis=axis, norm=norm)
    return irfft(x, n=n, axis=last, norm=norm)


def fft2(x: Any, /, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1),
         norm: str = "backward") -> Any:
    """`fftn` along two axes."""
    return fftn(x, s, axes, norm)


def ifft2(x: Any, /, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1),
          norm: str = "backward") -> Any:
    """The inverse of `fft2`."""
    return ifftn(x, s, axes, norm)


def rfft2(x: Any, /, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1),
          norm: str = "backward") -> Any:
    """`rfftn` along two axes."""
    return rfftn(x, s, axes, norm)


def irfft2(x: Any, /, s: Sequence[int] | None = None, axes: Sequence[int] = (-2, -1),
           norm: str = "backward") -> Any:
    """The inverse of `rfft2`, real."""
    return irfftn(x, s, axes, norm)


def fftshift(x: Any, /, axes: int | Sequence[int] | None = None) -> Any:
    """The frequency 0 moved to the middle along the axes (None: all)."""
    return _rolled(x, axes, 1)


def ifftshift(x: Any, /, axes: int | Sequence[int] | None = None) -> Any:
    """The inverse of `fftshift`: frequency 0 first."""
    return _rolled(x, axes, -1)


def _rolled(x: Any, axes: Any, sign: int) -> Any:
    x = as_operand(x)
    over = axes_of(axes, len(x.shape))
    shift = tuple(sign * (x.shape[i] // 2) for i in over)
    return roll(x, shift=shift, axis=over) if over else e.positive(x)


def _along(transform: Any, x: Any, n: int | None, axis: int, norm: str) -> Any:
    """A transform along one axis, its arguments looked at."""
    x = as_operand(x)
    (axis,) = axes_of(axis, len(x.shape))
    if norm not in _OPPOSITE:
        raise ArgumentError(f"{transform.name} with norm={norm!r}",
                            'norm is "backward", "ortho" or "forward"')
    length = x.shape[axis] if n is None else n
    if length < 1:
        raise ShapeError(f"{transform.name} of length {length} along axis {axis} of shape "
                         f"{tuple(x.shape)}", "a transform has one element at least")
    return transform(x, n=n, axis=axis, norm=norm)


def _axes(name: str, x: Any, s: Any, axes: Any) -> list[tuple[int, int | None]]:
    """The axes meant, each with its length (None: as it is)."""
    ndim = len(x.shape)
    if axes is None:
        axes = range(-len(s), 0) if s else range(ndim)
    over = axes_of(tuple(axes), ndim)
    if s is not None and len(s) != len(over):
        raise ShapeError(f"{name}: lengths s={tuple(s)} for axes {over}", "give one for each axis")
    if not over:
        raise ShapeError(f"{name} over no axes of shape {tuple(x.shape)}", "name one at least")
    return list(zip(over, s or [None] * len(over)))


def _over(transform: Any, x: Any, s: Any, axes: Any, norm: str) -> Any:
    x = as_operand(x)
    for axis, n in reversed(_axes(f"{transform.__name__}n", x, s, axes)):
        x = transform(x, n=n, axis=axis, norm=norm)
    return x
