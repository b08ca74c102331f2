"""The normal distribution with mean `loc` and standard deviation `scale`, which broadcast."""

import math
from typing import Any

from ... import numpy as np


def _standard(x: Any, loc: Any, scale: Any) -> Any:
    return np.divide(np.subtract(x, loc), scale)


def pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The density."""
    z = _standard(x, loc, scale)
    return np.exp(-0.5 * z * z) / (scale * math.sqrt(2 * math.pi))


def logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The logarithm of the density."""
    z = _standard(x, loc, scale)
    return -0.5 * z * z - np.log(scale) - 0.5 * math.log(2 * math.pi)


def cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of a number up to x."""
    return np.special.ndtr(_standard(x, loc, scale))


def logcdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Its logarithm, accurate in the tail."""
    return np.special.log_ndtr(_standard(x, loc, scale))


def sf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """The probability of a number above x."""
    return np.special.ndtr(-_standard(x, loc, scale))


def logsf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Its logarithm, accurate in the tail."""
    return np.special.log_ndtr(-_standard(x, loc, scale))
