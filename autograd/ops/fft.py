"""The Fourier transforms along one axis: linear, so only the transpose is written.

A transform of length n is a symmetric matrix, so its transpose is itself. Around it stand the cut
or the zeros that bring the axis to length n, and those that bring it back. The real ones keep the
half of the spectrum that says all: k from 0 to n // 2, each beside a conjugate that is not kept,
but for k = 0 and k = n / 2.
"""

from typing import Any

from ..kinds import linear
from ..primitive import raw
from ..storage import arange, full, is_complex
from .elementwise import where
from .shapes import concat

BACKWARD = "backward"           # norm: which direction is divided by n; ortho: both, by its root


def _of_complex(name: str) -> Any:
    """A transform of the array library; real numbers are made complex first."""
    def forward(xp: Any, x: Any, n: Any, axis: int, norm: str) -> Any:
        if not is_complex(x):
            x = xp.astype(x, xp.complex64 if x.dtype == xp.float32 else xp.complex128)
        return getattr(xp.fft, name)(x, n=n, axis=axis, norm=norm)

    return forward


def _rfft(xp: Any, x: Any, n: Any, axis: int, norm: str) -> Any:
    return xp.fft.rfft(x, n=n, axis=axis, norm=norm)


def lengthened(x: Any, n: int, axis: int) -> Any:
    """x cut to length n along an axis, or followed by zeros up to it."""
    axis %= len(x.shape)
    size, front = x.shape[axis], (slice(None),) * axis
    if n < size:
        return x[(*front, slice(n), ...)]
    if n == size:
        return x
    return concat(x, full(raw(x), (*x.shape[:axis], n - size, *x.shape[axis + 1:]), 0), axis=axis)


def _halved(g: Any, length: int, axis: int) -> Any:
    """The half of a spectrum that irfft reads: all but the first and n / 2 count twice."""
    n, axis = g.shape[axis], axis % len(g.shape)
    half = lengthened(g, n // 2 + 1, axis)
    k = arange(raw(half), n // 2 + 1)[(...,) + (None,) * (len(g.shape) - axis - 1)]
    return lengthened(where((k == 0) | (2 * k == n), half, 2 * half), length, axis)


fft = linear("fft", lambda g, x, *, n=None, axis=-1, norm=BACKWARD: lengthened(
    fft(g, axis=axis, norm=norm), x.shape[axis], axis), forward=_of_complex("fft"))
ifft = linear("ifft", lambda g, x, *, n=None, axis=-1, norm=BACKWARD: lengthened(
    ifft(g, axis=axis, norm=norm), x.shape[axis], axis), forward=_of_complex("ifft"))
rfft = linear("rfft", lambda g, x, *, n=None, axis=-1, norm=BACKWARD: lengthened(
    fft(g, n=n or x.shape[axis], axis=axis, norm=norm), x.shape[axis], axis), forward=_rfft)
rfft.real = True
irfft = linear("irfft", lambda g, x, *, n=None, axis=-1, norm=BACKWARD: _halved(
    ifft(g, axis=axis, norm=norm), x.shape[axis], axis), forward=_of_complex("irfft"))
