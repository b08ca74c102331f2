"""The linalg extension of the array API standard, differentiable, and what NumPy's has beside it.
"""

from typing import TYPE_CHECKING

import numpy as _numpy

from ..beside_numpy import passing as _passing
from ..composite.decompositions import (
    cholesky as cholesky,
    eig as eig,
    eigh as eigh,
    eigvals as eigvals,
    eigvalsh as eigvalsh,
    matrix_rank as matrix_rank,
    qr as qr,
    svd as svd,
    svdvals as svdvals,
)
from ..composite.linalg import (
    cond as cond,
    det as det,
    diagonal as diagonal,
    inv as inv,
    lstsq as lstsq,
    matrix_norm as matrix_norm,
    matrix_power as matrix_power,
    norm as norm,
    outer as outer,
    pinv as pinv,
    slogdet as slogdet,
    solve as solve,
    trace as trace,
    vector_norm as vector_norm,
)
from ..composite.products import cross as cross, tensordot as tensordot, vecdot as vecdot
from ..errors import LinAlgError as LinAlgError
from ..ops.linalg import matmul as matmul
from ..ops.shapes import matrix_transpose as matrix_transpose

if not TYPE_CHECKING:
    __getattr__ = _passing(_numpy.linalg, __name__)
