"""HIPS autograd's check of gradients: `check_grads(f, modes=["fwd", "rev"], order=2)(*args)`.

Along random directions, a derivative is compared with the difference of two values.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from .containers import leaves, rebuild
from .primitive import raw
from .transforms import jvp, vjp

STEP, BAR = 1e-6, 1e-6


def check_grads(f: Callable[..., Any], argnum: int | Sequence[int] = 0,
                modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> Callable[..., None]:
    """A function of the arguments of f that raises AssertionError where a derivative is wrong.

    Derivatives with respect to the arguments `argnum`, in forward ("fwd") and reverse mode
    ("rev"), up to `order`, to 1e-6 of max(1, their size).
    """
    chosen = (argnum,) if isinstance(argnum, int) else tuple(argnum)

    def check(*args: Any, **kwargs: Any) -> None:
        def of_chosen(*xs: Any) -> Any:
            every = list(args)
            for i, x in zip(chosen, xs):
                every[i] = x
            return f(*every, **kwargs)

        _check(of_chosen, tuple(args[i] for i in chosen), modes, order)

    return check


def _check(f: Callable[..., Any], xs: tuple[Any, ...], modes: Sequence[str], order: int) -> None:
    rng = numpy.random.default_rng(0)
    xs = rebuild(xs, [_plain(x) for x in leaves(xs)])
    t, g = _random(rng, xs), _random(rng, f(*xs))
    up, down = (f(*(_moved(x, step, d) for x, d in zip(xs, t))) for step in (STEP, -STEP))
    expected = (_inner(g, up) - _inner(g, down)) / (2 * STEP)
    found = {"fwd": lambda: _inner(g, jvp(f, xs, t)[1]),
             "rev": lambda: _inner(t, vjp(f, *xs)[1](g))}
    deeper = {"fwd": lambda *xs: jvp(f, xs, t)[1], "rev": lambda *xs: vjp(f, *xs)[1](g)}
    for mode in modes:
        derivative = found[mode]()
        assert abs(derivative - expected) <= BAR * max(1.0, abs(expected)), (
            f"{mode}: the derivative of {f.__name__} is {expected}, by its rules {derivative}")
        if order > 1:
            _check(deeper[mode], xs, modes, order - 1)


def _plain(x: Any) -> Any:
    return numpy.asarray(raw(x), dtype=None if numpy.iscomplexobj(raw(x)) else float)


def _random(rng: numpy.random.Generator, tree: Any) -> Any:
    """Normal numbers, complex ones where they are, in the containers and shapes of `tree`."""
    shapes = [_plain(leaf) for leaf in leaves(tree)]
    return rebuild(tree, [rng.normal(size=x.shape) + (
        1j * rng.normal(size=x.shape) if numpy.iscomplexobj(x) else 0.0) for x in shapes])


def _moved(x: Any, step: float, direction: Any) -> Any:
    return rebuild(x, [a + step * d for a, d in zip(leaves(x), leaves(direction))])


def _inner(x: Any, y: Any) -> float:
    """The real scalar product of two containers of arrays."""
    return float(sum(numpy.sum(numpy.conj(_plain(a)) * _plain(b)).real
                     for a, b in zip(leaves(x), leaves(y))))
