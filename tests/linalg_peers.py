"""What PyTorch and JAX call the operations of linear algebra: the same words, of theirs."""

import functools

import array_api_compat.torch
import jax
import jax.numpy as jnp
import torch
from linalg_domains import eig, words

jax_eig = functools.partial(jax.lax.linalg.eig, compute_left_eigenvectors=False,
                            enable_eigvec_derivs=True)


def jax_det(x):
    """The determinant; JAX has none of matrices without rows."""
    return jnp.linalg.det(x) if x.shape[-1] else jnp.prod(x, axis=(-2, -1))


def torch_cond(x, p):
    """The condition number; PyTorch's own of some orders has no gradient."""
    norm, inv = torch.linalg.matrix_norm, torch.linalg.inv
    return torch.linalg.cond(x, p) if p in (None, 2, -2) else norm(x, p) * norm(inv(x), p)


TORCH = vars(words(array_api_compat.torch)) | {
    "cross": array_api_compat.torch.linalg.cross, "cond": torch_cond}
JAX = vars(words(jnp)) | {"cross": jnp.cross, "det": jax_det,
                          "eig": lambda x: eig(jnp, x, jax_eig)}
