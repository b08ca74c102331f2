"""Random numbers are NumPy's own, as they are: `import autograd.numpy.random as npr`."""

from numpy.random import *  # noqa: F403
