"""The fft extension of the array API standard, differentiable, and all else that NumPy's has."""
# ruff: noqa: I001

from typing import Any

from ..composite.fft import (
    fft as fft, fft2 as fft2, fftn as fftn, fftshift as fftshift, hfft as hfft, ifft as ifft,
    ifft2 as ifft2, ifftn as ifftn, ifftshift as ifftshift, ihfft as ihfft, irfft as irfft,
    irfft2 as irfft2, irfftn as irfftn, rfft as rfft, rfft2 as rfft2, rfftn as rfftn)
from ..errors import ArgumentError
from ..ops.elementwise import where
from .creation import arange


def fftfreq(n: int, /, d: float = 1.0, *, dtype: Any = None, device: Any = None) -> Any:
    """The frequency of each element of `fft` for n samples d apart: 0 up, then those below 0."""
    k = _whole(n, n, dtype, device)
    return where(k < (n + 1) // 2, k, k - n) / (n * d)


def rfftfreq(n: int, /, d: float = 1.0, *, dtype: Any = None, device: Any = None) -> Any:
    """The frequency of each element of `rfft` for n samples d apart."""
    return _whole(n, n // 2 + 1, dtype, device) / (n * d)


def _whole(n: int, count: int, dtype: Any, device: Any) -> Any:
    if n < 1:
        raise ArgumentError(f"the frequencies of {n} samples", "there is one sample at least")
    return arange(0.0, count, dtype=dtype, device=device)
