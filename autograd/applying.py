"""An operation on Tensors is computed on their arrays, and recorded where one is tracked."""

from typing import Any

from .array_node import ArrayNode, TupleNode
from .composite.base import cast
from .handle import Handle
from .inputs import beside, bridged, settle
from .keeping import note
from .modes import recording
from .node import Operand
from .ops import indexing, shapes
from .primitive import NUMBERS, Primitive
from .storage import asarray, is_array, is_integer
from .views import link


def apply(op: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """The result of a primitive on operands of which one at least is a Tensor."""
    if op.fixed:
        args = tuple(arg.data if i in op.fixed and isinstance(arg, Operand) else arg
                     for i, arg in enumerate(args))
    arrays: list[Any] = []
    operands: list[Any] = []                            # what is recorded: nodes and constants
    tracked = constants = mixed = False
    for arg in args:
        if isinstance(arg, Handle):
            data = arg.node.data
            if arg.tracked:
                tracked = True
            else:
                constants = True
            operands.append(arg.node if arg.tracked else data)
            if arrays and type(data) is not type(arrays[0]):
                mixed = True
            arrays.append(data)
            continue
        if type(arg) not in NUMBERS:
            if isinstance(arg, Operand):
                return bridged(op, args, params)
            arg = beside(arg, args)
            constants = True
            if arrays and type(arg) is not type(arrays[0]):
                mixed = True
        arrays.append(arg)
        operands.append(arg)
    if mixed:
        settle(op, args, arrays, operands)
    data = op.on_arrays(tuple(arrays), params)
    if not (tracked and op.differentiable and recording()):
        operands = []
    return _handles(data, op, operands, params, args[0], constants)


def _handles(data: Any, op: Primitive, operands: list[Any], params: dict[str, Any], base: Any,
             constants: bool) -> Any:
    """The Tensor of what was computed, or of each part; recorded where there are operands."""
    tracked = bool(operands)
    if isinstance(data, tuple):
        return _outputs(data, op, operands, params, base, constants)
    if not is_array(data) or getattr(data, "shape", None) == ():
        data = asarray(data)
    if tracked and op.diagonal:                         # in a rule small integers would overflow
        operands = [cast(x, data.dtype) if is_integer(x) else x for x in operands]
    node = ArrayNode(data, op, tuple(operands), params) if tracked else ArrayNode(data)
    if tracked and constants:
        note(node)
    result = ArrayNode.handle(node, tracked)
    if op.view:
        link(result, base, op, params)
    return result


def _outputs(data: tuple[Any, ...], op: Primitive, operands: list[Any], params: dict[str, Any],
             base: Any, constants: bool) -> tuple[Any, ...]:
    """The outputs of an operation with several, each an item of one node."""
    tracked = bool(operands)
    whole = TupleNode(data, op, tuple(operands), params) if tracked else None
    if whole and constants:
        note(whole)
    outputs = tuple(ArrayNode.handle(
        ArrayNode(asarray(part), *((shapes.item, (whole,), {"i": i}) if tracked else ())), tracked)
        for i, part in enumerate(data))
    for output, index in zip(outputs, shapes.cuts(base, **params)) if op.view else ():
        link(output, base, indexing.getitem, {"index": index})
    return outputs
