"""What PyTorch and JAX call NumPy's own names, in NumPy's signature; None: no counterpart."""

import jax.numpy as jnp
import torch
from classic_domains import CLASSIC

STACKS = ("vstack", "hstack", "dstack", "column_stack")


def together(library, name):
    """A function of a sequence of arrays, called with the arrays themselves."""
    return lambda *xs: getattr(library, name)(xs)


TORCH = dict.fromkeys(CLASSIC) | {f"classic.{name}": function for name, function in {
    **{name: getattr(torch, name) for name in (
        "angle", "deg2rad", "rad2deg", "sinc", "fmax", "fmin", "nan_to_num", "where", "kron",
        "atleast_1d", "atleast_2d", "atleast_3d", "flipud", "fliplr")},
    "fabs": torch.abs, "inner": lambda x, y: torch.inner(*map(torch.as_tensor, (x, y))),
    "vdot": lambda x, y: torch.vdot(x.reshape(-1), y.reshape(-1)),
    "diagonal": lambda x, offset, axis1, axis2: torch.diagonal(x, offset, axis1, axis2),
    "trace": lambda x, offset, axis1, axis2: torch.diagonal(x, offset, axis1, axis2).sum(-1),
    "diag": lambda x, k: torch.diag(x, k),
    "ravel": lambda x, order: (
        x if order == "C" else x.permute(tuple(range(x.ndim))[::-1])).reshape(-1),
    **{name: together(torch, name) for name in STACKS},
    "array_split": lambda x, indices_or_sections, axis: torch.tensor_split(
        x, indices_or_sections, axis),
    "rot90": lambda x, k, axes: torch.rot90(x, k, axes)}.items()}
JAX = {name: getattr(jnp, name.removeprefix("classic."), None) for name in CLASSIC} | {
    f"classic.{name}": together(jnp, name) for name in STACKS} | {
    "classic.angle": lambda x: jnp.angle(x).astype(x.dtype),
    "classic.select": lambda a, b, x, y, z: jnp.select([a, b], [x, y], z)}
