"""Gradient descent in three forms, for parameters in any containers: sgd, rmsprop, adam.

`grad(x, i)` is the gradient at x in iteration i; `callback(x, i, gradient)`, if given, is called
before each step. The new parameters are returned. For modules there are `nn.SGD` and `nn.Adam`.
"""

from collections.abc import Callable
from typing import Any

from .. import numpy as np
from .flatten import flatten

Gradient = Callable[[Any, int], Any]
Callback = Callable[[Any, int, Any], Any] | None


def sgd(grad: Gradient, x0: Any, callback: Callback = None, num_iters: int = 200,
        step_size: float = 0.1, mass: float = 0.9) -> Any:
    """Descent with momentum: each step is `step_size` times a running mean of the gradients."""
    mean: Any = 0.0

    def step(g: Any, i: int) -> Any:
        nonlocal mean
        mean = mass * mean + (1 - mass) * g
        return step_size * mean

    return _descend(grad, x0, callback, num_iters, step)


def rmsprop(grad: Gradient, x0: Any, callback: Callback = None, num_iters: int = 100,
            step_size: float = 0.1, gamma: float = 0.9, eps: float = 1e-8) -> Any:
    """Each gradient over the root of a running mean of its squares (Tieleman and Hinton, 2012)."""
    square: Any = 1.0

    def step(g: Any, i: int) -> Any:
        nonlocal square
        square = gamma * square + (1 - gamma) * g * g
        return step_size * g / (np.sqrt(square) + eps)

    return _descend(grad, x0, callback, num_iters, step)


def adam(grad: Gradient, x0: Any, callback: Callback = None, num_iters: int = 100,
         step_size: float = 0.001, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> Any:
    """The running means of both, corrected for their start at 0 (Kingma and Ba, 2015)."""
    mean: Any = 0.0
    square: Any = 0.0

    def step(g: Any, i: int) -> Any:
        nonlocal mean, square
        mean = b1 * mean + (1 - b1) * g
        square = b2 * square + (1 - b2) * g * g
        root = np.sqrt(square / (1 - b2 ** (i + 1)))
        return step_size * mean / (1 - b1 ** (i + 1)) / (root + eps)

    return _descend(grad, x0, callback, num_iters, step)


def _descend(grad: Gradient, x0: Any, callback: Callback, num_iters: int,
             step: Callable[[Any, int], Any]) -> Any:
    """x0 after `num_iters` steps down: `step` says how far, of a gradient in one vector."""
    x, unflatten = flatten(x0)
    for i in range(num_iters):
        g = grad(unflatten(x), i)
        if callback:
            callback(unflatten(x), i, g)
        x = x - step(flatten(g)[0], i)
    return unflatten(x)
