"""Products of matrices: bilinear, so one transpose for each operand is written."""

import operator
from typing import Any

from ..errors import products_do_not_fit
from ..kinds import bilinear
from ..primitive import as_operand
from .shapes import matrix_transpose, reshape

matrix_product = bilinear("matrix_product",           # both operands have two axes or more
                          lambda g, y: g @ matrix_transpose(y),
                          lambda g, x: matrix_transpose(x) @ g,
                          infix=operator.matmul)


def matmul(x: Any, y: Any) -> Any:
    """x @ y for vectors, matrices and batches of matrices, as NumPy's matmul."""
    x, y = as_operand(x), as_operand(y)
    m, n = len(x.shape), len(y.shape)
    if not m or not n or x.shape[-1] != y.shape[-2 if n > 1 else -1]:
        raise products_do_not_fit(x, y)
    if m > 1 and n > 1:
        return matrix_product(x, y)
    left = reshape(x, shape=(1, *x.shape)) if m == 1 else x
    right = reshape(y, shape=(*y.shape, 1)) if n == 1 else y
    product = matrix_product(left, right)
    shape = list(product.shape)
    if n == 1:
        del shape[-1]
    if m == 1:
        del shape[-1 if n == 1 else -2]
    return reshape(product, shape=tuple(shape))
