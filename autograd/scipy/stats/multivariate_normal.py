"""The normal distribution of vectors, with a mean (d,) and a covariance (d, d).

A covariance that is a number or a vector stands for a diagonal matrix. One that is not positive
definite raises.
"""

import math
from typing import Any

from ... import numpy as np


def logpdf(x: Any, mean: Any, cov: Any) -> Any:
    """The logarithm of the density at each vector of x: shape (..., d) gives shape (...)."""
    root = _root(mean, cov)
    d = root.shape[0]
    apart = np.subtract(x, mean)
    if d == 1 and np.ndim(x) < 2:                       # numbers, each a vector of its own
        apart = np.reshape(apart, (*np.shape(x), 1))
    columns = np.reshape(apart, (-1, d)).T
    z = np.linalg.solve(root, columns)
    result = -0.5 * np.sum(z * z, axis=0) - 0.5 * d * math.log(2 * math.pi) - _log_volume(root)
    return np.reshape(result, np.shape(apart)[:-1])


def pdf(x: Any, mean: Any, cov: Any) -> Any:
    """The density at each vector of x."""
    return np.exp(logpdf(x, mean, cov))


def entropy(mean: Any, cov: Any) -> Any:
    """The differential entropy, in nats."""
    root = _root(mean, cov)
    return 0.5 * root.shape[0] * math.log(2 * math.pi * math.e) + _log_volume(root)


def _root(mean: Any, cov: Any) -> Any:
    """The lower triangle L with cov = L @ L.T."""
    if np.ndim(cov) < 2:
        cov = np.diag(np.broadcast_to(cov, (max(np.size(mean), np.size(cov)),)))
    return np.linalg.cholesky(cov)


def _log_volume(root: Any) -> Any:
    """log(det(cov)) / 2."""
    return np.sum(np.log(np.diagonal(root)))
