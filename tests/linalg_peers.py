"""What PyTorch and JAX call the operations of linear algebra: the same words, of theirs."""

import functools

import array_api_compat.torch
import jax
import jax.numpy as jnp
from linalg_domains import eig, words

jax_eig = functools.partial(jax.lax.linalg.eig, compute_left_eigenvectors=False,
                            enable_eigvec_derivs=True)


def jax_det(x):
    """The determinant; JAX has none of matrices without rows."""
    return jnp.linalg.det(x) if x.shape[-1] else jnp.prod(x, axis=(-2, -1))


TORCH = vars(words(array_api_compat.torch)) | {"cross": array_api_compat.torch.linalg.cross}
JAX = vars(words(jnp)) | {"cross": jnp.cross, "det": jax_det,
                          "eig": lambda x: eig(jnp, x, jax_eig)}
