"""A kink is a point where a derivative jumps: to one side of it the rule says another number."""

from typing import Any

import numpy

from ...kinds import Local
from ...node import Node
from ...storage import is_array, namespace, quiet, to_number


def at_kink(node: Node, i: int) -> bool:
    """Whether operand i of the operation that made `node` is at a kink of it.

    The derivatives just below and above are compared, then those a thousand times as far away: a
    jump stays as it is, while any other difference grows. False where that cannot be computed.
    """
    if not (node.op.diagonal or isinstance(node.op, Local)):
        return False
    try:
        with quiet():
            near, far = (_differences(node, i, distance) for distance in (1, 1000))
    except Exception:                       # somebody's rule, or numbers that are traced
        return False
    return bool(numpy.any((near[0] > 1e-9 * near[1]) & (near[0] > 0.5 * far[0])))


def _differences(node: Node, i: int, distance: int) -> tuple[Any, Any]:
    """How far the derivatives at both sides differ, and how large they are."""
    below, above = (_derivative(node, i, sign * distance) for sign in (-1, 1))
    return numpy.abs(above - below), numpy.abs(above) + numpy.abs(below)


def _derivative(node: Node, i: int, distance: int) -> Any:
    """The rule of operand i applied to ones, with the operand moved."""
    operands = list(node.numbers())
    operands[i] = moved = _moved(operands[i], distance)
    op, params = node.op, node.params
    if is_array(moved):
        z = op.on_arrays(tuple(operands), params)
        g = namespace(z).ones_like(z)
    else:
        z, g = op.on_floats(tuple(operands), params), 1.0
    return numpy.asarray(op.pull(i, g, z, tuple(operands), params))


def _moved(x: Any, distance: int) -> Any:
    """x with element k moved by `distance` times k + 1 units in the last place: ties break."""
    array = numpy.asarray(x)
    steps = distance * numpy.arange(1, array.size + 1).reshape(array.shape)
    moved = array + steps.astype(array.dtype) * numpy.spacing(numpy.abs(array))
    return namespace(x).asarray(moved) if is_array(x) else to_number(moved)
