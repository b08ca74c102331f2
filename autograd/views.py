"""Views are Tensors that share memory; what is written to one of them, the others see.

    y = x * 2.0
    v = y[1:]
    v *= 3.0                        # y is x * [2, 6, 6], and so is its gradient

A view holds its base and the way it looks at it, a base knows its views weakly. Where memory is
truly shared an unrecorded write needs no more. A recorded write, and any write over a storage that
copies where NumPy does not, is put back into the base, and the views that are alive look again.

A base that is recorded and a look that is not (`detach`) must not hold each other: a loss that is
kept detached would keep its graph. An unrecorded Tensor stands in between, and knows it weakly.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple
from weakref import ReferenceType, ref

from .array_node import ArrayNode
from .errors import GraphError, describe
from .keeping import keep
from .node import NOTHING
from .ops import elementwise, indexing, shapes
from .storage import copy, indexing as by_index, namespace, ndarray, shadow, shares_memory, writable

# Steps are None, the whole base, or (steps before, operation, its metadata).
_TURNS = (shapes.reshape, shapes.permute_dims, shapes.matrix_transpose, shapes.flip,
          shapes.to_device)


class StandIn(NamedTuple):
    """What an unrecorded Tensor stands in for: a recorded one, and its node."""

    handle: "ReferenceType[Any]"
    node: "ReferenceType[Any]"


def link(view: Any, base: Any, op: Any = None, params: dict[str, Any] = NOTHING) -> None:
    """Remember that `view`, op(base) or (without op) base itself, may look at the base's memory."""
    found = base._base
    root, steps = found if type(found) is tuple else (base, None)
    if op is not None:
        steps, data = (steps, op, params), view.node.data
        if not (type(data) is ndarray and data.base is root.node.data) and not (
                by_index.is_view(params["index"], data) if op is indexing.getitem else
                _looks(view, base, root, steps)):
            return
    if base.tracked and not view.tracked:
        root = _stand_in(root)
    view._base = root, steps
    _know(root, view)


def leave(handle: Any) -> None:
    """Before a handle gets another array: what shared its memory stays with the old one."""
    if type(handle._base) is tuple:
        root = handle._base[0]
        root._views = [ref(view) for view in views_of(root) if view is not handle]
    elif handle._views:
        old = ArrayNode.handle(ArrayNode(handle.data), handle.tracked)
        for view in views_of(handle):
            stands = isinstance(view._base, StandIn)
            view._base = StandIn(ref(old), ref(old.node)) if stands else (old, view._base[1])
            _know(old, view)
    handle._base = handle._views = None


def root_of(handle: Any) -> Any:
    """The Tensor that a view looks at; a Tensor that is no view is its own."""
    return handle._base[0] if type(handle._base) is tuple else handle


def steps_of(handle: Any) -> Any:
    """How a view looks at its base."""
    return handle._base[1] if type(handle._base) is tuple else None


def views_of(root: Any) -> list[Any]:
    """The views of a Tensor that are alive."""
    return [view for reference in root._views or () if (view := reference()) is not None]


def is_part(part: Any, whole: Any, index: Any) -> bool:
    """Whether `part` is a view and looks at whole[index]: then that write has happened already."""
    before, op, params = steps_of(part) or (None, None, NOTHING)
    return (op is indexing.getitem and root_of(part) is root_of(whole) and before is steps_of(whole)
            and by_index.is_basic(index) and params["index"] == index)


# -- writing -----------------------------------------------------------------------------------

def check_recorded(handle: Any) -> None:
    """Raise GraphError where a recorded write to this Tensor would go past another one."""
    root = root_of(handle)
    if root.is_leaf and root.tracked:
        raise GraphError("a leaf that requires a gradient cannot be written to while recording",
                         "do it inside `with autograd.no_grad():`, or on a copy: x = x + 0")
    above = root._base.handle() if isinstance(root._base, StandIn) else None
    if above is not None or any(isinstance(view._base, StandIn) for view in views_of(root)):
        raise GraphError("a recorded write to a Tensor that shares its memory with one that is "
                         "detached from it, or it from that: the other would not see it",
                         "write to a copy (x = x + 0), or let go of the other first")


def check_unrecorded(handle: Any) -> None:
    """Raise GraphError where an unrecorded write would change a recorded result."""
    root = root_of(handle)
    node = root.node if root.tracked else (
        root._base.node() if isinstance(root._base, StandIn) else None)
    if node is not None and node.op is not None:
        raise GraphError(f"an unrecorded write to a recorded result, {node.op.name}(...), of "
                         f"{describe(node.data)}: its gradient would be that of other numbers",
                         "write while recording, or to a copy: x = x.detach() + 0")


def shared_by_memory(handle: Any) -> bool:
    """Whether all that looks at the memory of this Tensor sees what is written to its array."""
    root = root_of(handle)
    if handle is root and not root._views and root._base is None:
        return True
    return all(shares_memory(other.data, root.data) or not other.size for other in _family(root))


def rewrite(handle: Any, new: Any, taped: bool) -> None:
    """Let the numbers of this Tensor be those of `new`, for all that looks at its memory."""
    root = root_of(handle)
    new = _put_back(root, steps_of(handle), new)
    if isinstance(root._base, StandIn):         # a leaf; a recorded result would have raised
        leaf, node = root._base.handle(), root._base.node()
        root = root if leaf is None else leaf
        if leaf is None and node is not None and not writable(node.data):
            node.data = new.data
    _spread(root, new, taped)


def _spread(root: Any, new: Any, taped: bool) -> None:
    moves = list(_moves(root, new))             # all are made before one is: an error loses nothing
    for handle, made in moves:
        _move(handle, made, taped)


def _moves(root: Any, new: Any) -> Iterator[tuple[Any, Any]]:
    """A Tensor and its views, each with what it will hold."""
    yield root, new
    for view in views_of(root):
        if isinstance(view._base, StandIn):
            yield from _moves(view, new)
        else:
            yield view, _look(new, steps_of(view))


def _move(handle: Any, new: Any, taped: bool) -> None:
    if taped:
        handle.node, handle.tracked = new.node, new.tracked
    elif writable(handle.data):
        keep(handle.data)
        by_index.write(namespace(new.data), handle.data, new.data, ...)
    else:
        handle.node.data = new.data


def _put_back(root: Any, steps: Any, new: Any) -> Any:
    """The whole base, with `new` where the steps look."""
    path = _path(steps)
    bases = [root]
    for op, params in path[:-1]:
        bases.append(op(bases[-1], **params))
    for (op, params), base in zip(reversed(path), reversed(bases)):
        if op is indexing.getitem:
            new = indexing.setitem(base, new, **params)
        elif op in _TURNS:                      # their transpose is their inverse
            new = op.rule(0, new, None, (base,), params)
        else:
            raise GraphError(f"a write through {op.name}, of which the base is {describe(base)}",
                             "write to the base, or to a copy: x = x + 0")
    return new


def _look(root: Any, steps: Any) -> Any:
    for op, params in _path(steps):
        root = op(root, **params)
    return root


def _path(steps: Any) -> list[tuple[Any, dict[str, Any]]]:
    path = []
    while steps is not None:
        steps, op, params = steps
        path.append((op, params))
    return path[::-1]


# -- who looks at what -------------------------------------------------------------------------

def _looks(view: Any, base: Any, root: Any, steps: Any) -> bool:
    """Whether the last step shares memory in NumPy: for the result to mean the same everywhere."""
    op = steps[1]
    if op in (elementwise.real, elementwise.imag):
        return bool(view.dtype != base.dtype)
    if op is shapes.to_device:
        return view.data is base.data
    if op is not shapes.reshape:
        return True
    if shares_memory(base.data, root.data):
        return bool(shares_memory(view.data, base.data))
    trial = start = shadow(root.data)
    for turn, words in _path(steps):
        trial = turn.on_arrays((trial,), words)
    looks = bool(shares_memory(trial, start))
    if not looks and shares_memory(view.data, base.data) is not False:
        view.node.data = copy(view.data)
    return looks


def _stand_in(root: Any) -> Any:
    """The unrecorded Tensor through which a recorded one is seen by those that are detached."""
    for view in views_of(root):
        if isinstance(view._base, StandIn):
            return view
    between = ArrayNode.handle(ArrayNode(root.data), False)
    between._base = StandIn(ref(root), ref(root.node))
    _know(root, between)
    return between


def _know(root: Any, view: Any) -> None:
    views = root._views
    if views is None:
        views = root._views = []
    elif not len(views) % 64 and not len(views) & (len(views) - 1):     # forget those gone
        views[:] = [reference for reference in views if reference() is not None]
    views.append(ref(view))


def _family(root: Any) -> list[Any]:
    """All Tensors that look at the memory of a base, itself among them."""
    above = root._base.handle() if isinstance(root._base, StandIn) else None
    found = [root if above is None else above]
    for handle in found:                        # grows while it is read
        found += views_of(handle)
    return found
