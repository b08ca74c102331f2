"""Two distributions with gradients for every argument: normal, and multivariate normal."""

from . import multivariate_normal as multivariate_normal, norm as norm
