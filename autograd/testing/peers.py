"""The derivatives of a program by this engine, PyTorch and JAX, each by its own means.

What is differentiated is a weighted sum of the result, the weights of a fixed pattern; the second
order is the gradient of such a sum of the gradients. All comes back as NumPy arrays.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .. import numpy as anp
from ..errors import ArgumentError
from ..storage import to_numpy
from ..tensor import Tensor
from ..transforms import grad
from .programs import Program, setting


class Derivatives(NamedTuple):
    """A result, the gradients of its weighted sum by each input, and those of the gradients' sum.

    `second` is empty for order 1.
    """

    value: Any
    first: tuple[Any, ...]
    second: tuple[Any, ...]


def weights(x: Any, which: int = 0) -> Any:
    """Weights between 0.5 and 1.5 in the shape and dtype of a NumPy array."""
    return (1 + 0.5 * np.cos(1.7 * np.arange(x.size) + which)).reshape(x.shape).astype(x.dtype)


def derivatives(program: Program, engine: str = "autograd", order: int = 1) -> Derivatives:
    """Value and derivatives of a program, order 1 or 2, by autograd, value, torch or jax."""
    by: dict[str, Callable[[Program, int], Derivatives]] = {
        "autograd": by_autograd, "value": by_value, "torch": by_torch, "jax": by_jax}
    if engine not in by or order not in (1, 2):
        raise ArgumentError(f"derivatives of order {order} by {engine!r}",
                            f"order is 1 or 2, and these differentiate: {', '.join(by)}")
    with np.errstate(all="ignore"), setting(engine):
        return by[engine](program, order)


def by_autograd(program: Program, order: int) -> Derivatives:
    """By this engine, over NumPy."""
    which = range(len(program.inputs))
    ends = weights(np.asarray(program.run("numpy")))
    mine = [weights(x, i + 1) for i, x in enumerate(program.inputs)]
    first = grad(lambda *xs: anp.sum(program(*xs) * ends), which)
    second = grad(lambda *xs: sum(anp.sum(g * w) for g, w in zip(first(*xs), mine)), which)
    value = program(*map(Tensor, program.inputs))
    return Derivatives(to_numpy(value.data), _arrays(first(*program.inputs)),
                       _arrays(second(*program.inputs)) if order > 1 else ())


def by_value(program: Program, order: int) -> Derivatives:
    """By this engine, on Values; for programs of single numbers."""
    which = range(len(program.inputs))
    mine = [float(weights(x, i + 1)) for i, x in enumerate(program.inputs)]
    end, numbers = float(weights(np.zeros(()))), [float(x) for x in program.inputs]
    first = grad(lambda *xs: program(*xs) * end, which)
    second = grad(lambda *xs: sum(g * w for g, w in zip(first(*xs), mine)), which)
    return Derivatives(np.asarray(float(program.run("value").data)), _arrays(first(*numbers)),
                       _arrays(second(*numbers)) if order > 1 else ())


def by_torch(program: Program, order: int) -> Derivatives:
    """By PyTorch."""
    import torch

    xs = program.arguments("torch")
    value = program.run("torch", *xs)
    total = (value * torch.tensor(weights(value.detach().numpy()))).sum()

    def gradients(y: Any) -> Any:
        if not y.requires_grad:
            return [torch.zeros_like(x) for x in xs]
        return torch.autograd.grad(y, xs, create_graph=order > 1, allow_unused=True,
                                   materialize_grads=True)

    first = gradients(total)
    second = gradients(sum((g * torch.tensor(weights(x, i + 1))).sum() for i, (g, x) in enumerate(
        zip(first, program.inputs)))) if order > 1 else ()
    # A tensor of PyTorch's that is known to be zero has no memory until it is copied.
    return Derivatives(value.detach().numpy(), *(
        tuple(g.detach().clone().numpy() for g in part) for part in (first, second)))


def by_jax(program: Program, order: int) -> Derivatives:
    """By JAX, step by step: without jit it compiles each operation once for each shape."""
    import jax

    with jax.disable_jit():
        return _by_jax(program, order)


def _by_jax(program: Program, order: int) -> Derivatives:
    import jax
    import jax.numpy as jnp

    xs, which = program.arguments("jax"), tuple(range(len(program.inputs)))
    value = program.run("jax", *xs)
    ends = weights(np.asarray(value))
    mine = [weights(x, i + 1) for i, x in enumerate(program.inputs)]
    first = jax.grad(lambda *ys: jnp.sum(program.run("jax", *ys) * ends), which)
    second = jax.grad(lambda *ys: sum(jnp.sum(g * w) for g, w in zip(first(*ys), mine)), which)
    return Derivatives(np.asarray(value), _arrays(first(*xs)),
                       _arrays(second(*xs)) if order > 1 else ())


def _arrays(parts: Any) -> tuple[Any, ...]:
    return tuple(np.asarray(part) for part in parts)
