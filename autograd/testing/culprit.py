"""Which operation is to blame: the first in a graph whose derivative is wrong by itself."""

from functools import partial
from typing import Any

from ..errors import describe
from ..evaluation import Call
from ..node import Node
from ..primitive import raw
from ..storage import is_array, is_floating
from ..sweep import history
from .arguments import Arguments, reals


def culprit(arguments: Arguments, order: int) -> str:
    """The first operation of a call that fails alone, described; "" if none does."""
    from .checking import examined

    args = arguments.put(reals([x.numbers for x in arguments.inputs]))
    call = Call(arguments.call, tuple(range(len(args))), tuple(args), {}, False)
    for node in history([node for node in map(_node, call.outputs) if node is not None],
                        call.since):
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
            return f"{node.op.name}({', '.join(map(describe, operands))}{words})"
    return ""


def _node(x: Any) -> Any:
    return x if isinstance(x, Node) else getattr(x, "node", None)


def _applied(op: Any, operands: list[Any], moving: list[int], params: dict[str, Any],
             *new: Any) -> Any:
    args = list(operands)
    for i, x in zip(moving, new):
        args[i] = x
    return op(*args, **params)
