"""The fingerprint of a gradient says in 16 letters whether two runs gave the same bits.

    print(fingerprint(loss))        # 3f0c9a52e1b7d864, here and in every process

For tests, and for reports of what goes wrong elsewhere.
"""

from typing import Any

import numpy

from .errors import DtypeError, describe
from .node import Node
from .storage import dtype_name, is_array, to_numpy
from .sweep import contributions, history
from .tensor import Tensor
from .value import Value


def fingerprint(loss: Any) -> str:
    """16 hexadecimal digits of the gradient of a loss, a Value or a Tensor of one element.

    They follow from dtype, shape and bits of the gradients of all leaves, in the order in which the
    leaves were made, whatever library holds them. A leaf that the loss does not change counts as 0;
    nan is nan, of any bits. Nothing is written, and no hook is called. Raises DtypeError for what
    has no graph, ShapeError for several elements.
    """
    from hashlib import sha256  # which loads OpenSSL

    if not isinstance(loss, (Value, Tensor)):
        raise DtypeError(f"fingerprint() of {describe(loss)}, which has no graph",
                         "give it the loss, a Value or a Tensor")
    root, seed = loss._root(None)
    found: dict[Node, Any] = {root: seed}
    for node, i, _, _, part in contributions(root, seed):
        arg = node.args[i]
        found[arg] = found[arg] + part if arg in found else part
    digest = sha256()
    for leaf in history([root]):
        if leaf.op is None:
            digest.update(_told(found.get(leaf, leaf.zeros())))
    return digest.hexdigest()[:16]


def _told(g: Any) -> bytes:
    """dtype, shape and bits: little-endian, the last axis fastest, every nan the same."""
    array = numpy.asarray(to_numpy(g) if is_array(g) else g)
    name = dtype_name(g.dtype) if is_array(g) else "float64"
    if array.dtype.kind in "fc":
        array = numpy.where(array == array, array, array.dtype.type(numpy.nan))
    plain = numpy.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return f"{name} {array.shape} ".encode() + plain.tobytes()
