"""Which operation is to blame: the first in a graph whose derivative is wrong by itself."""

from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from ..errors import AutogradError, describe
from ..evaluation import Call, node_of
from ..node import Node
from ..primitive import raw
from ..storage import is_array, is_floating, to_numpy
from ..sweep import history, push
from .arguments import Arguments, numbers, reals


def called(arguments: Arguments) -> Call:
    """The function recorded at its arguments."""
    args = arguments.put(reals([x.numbers for x in arguments.inputs]))
    return Call(arguments.call, tuple(range(len(args))), tuple(args), {}, False)


def largest(arguments: Arguments) -> tuple[float, Any]:
    """The largest finite number on the way to the results, and for each number of a result on the
    way to its derivative along ones.

    What cancels leaves rounding behind: a small derivative may be made of large terms.
    """
    call, tangents = called(arguments), dict[Node, Any]()
    with suppress(AutogradError):                       # an operation without a derivative
        tangents = push(call.outs(), {node: node.zeros() + 1 for node in call.nodes},
                        since=call.since)
    terms = []
    for out, number in zip(call.outputs, numbers(call.outputs), strict=True):
        root = node_of(out)
        made_of = history([root], call.since) if root else []
        most = _greatest([tangents[node] for node in made_of if node in tangents])
        terms.append(np.full(number.shape, most, number.dtype))
    return _greatest([node.data for node in call.recorded() if node.op]), abs(reals(terms))


def _greatest(found: list[Any]) -> float:
    parts = [abs(to_numpy(raw(part))) for x in found
             for part in (x if isinstance(x, tuple) else (x,))]
    return max((float(np.max(x, initial=0.0, where=np.isfinite(x))) for x in parts), default=0.0)


def culprit(arguments: Arguments, order: int) -> str:
    """The first operation of a call that fails alone, described; "" if none does."""
    from .checking import examined

    for node in called(arguments).recorded():
        if node.op is None or node.op.name in ("identity", "item"):
            continue
        operands = [raw(x.data if isinstance(x, Node) else x) for x in node.args]
        moving = [i for i, x in enumerate(operands)
                  if isinstance(node.args[i], Node) and (not is_array(x) or is_floating(x))]

        alone = partial(_applied, node.op, operands, moving, node.params)
        try:
            found, _ = examined(alone, tuple(operands[i] for i in moving), order)
        except Exception:               # it cannot be called alone
            continue
        if found.verdict == "fail":
            words = "".join(f", {key}={value!r}" for key, value in node.params.items())
            none = ": its rule returned None" if _says_nothing(node, operands, moving) else ""
            return f"{node.op.name}({', '.join(map(describe, operands))}{words}){none}"
    return ""


def _says_nothing(node: Any, operands: list[Any], moving: list[int]) -> bool:
    with suppress(Exception):
        return any(node.op.rule(i, node.zeros() + 1, node.data, tuple(operands), node.params)
                   is None for i in moving)
    return False


def _applied(op: Any, operands: list[Any], moving: list[int], params: dict[str, Any],
             *new: Any) -> Any:
    args = list(operands)
    for i, x in zip(moving, new):
        args[i] = x
    return op(*args, **params)
