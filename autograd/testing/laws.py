"""Laws that every derivative obeys, whatever it is the derivative of, as tests of any function.

    vjp_is_linear(f, x)             # raises AssertionError: the law, what was expected, what came
    check_laws(f, x)                # all that apply

They need no oracle: each compares two ways to one number. The arguments are those of
check_gradients.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from weakref import ref

import numpy as np

from ..containers import leaves
from ..debug import same
from ..evaluation import Call
from ..node import Node
from ..primitive import raw
from ..storage import copy, is_array, placed
from ..tensor import Tensor
from ..transforms import vjp
from .arguments import numbers, reals, weights
from .comparing import Inapplicable, Law, Point, Sides, finite, law
from .leaking import Before

SAMPLES = 3                             # in a batch


def _inner(xs: list[Any], ys: list[Any]) -> Any:
    """The real scalar product."""
    return np.asarray(reals(xs) @ reals(ys))


@law
def vjp_is_linear(p: Point) -> Iterator[Sides]:
    """pull(24 g - 12 h) = 24 pull(g) - 12 pull(h): a gradient is linear in its cotangent.

    The factors are large, so that a rule is heard that clips its gradient.
    """
    g, h = p.cotangents(), p.cotangents()
    both = p.pull([x.dtype.type(24) * x - x.dtype.type(12) * y for x, y in zip(g, h)])
    for name, x, y, got in zip(p.names, p.pull(g), p.pull(h), both):
        yield name, 24 * x - 12 * y, got


@law
def zero_gives_zero(p: Point) -> Iterator[Sides]:
    """pull(0) = 0: a cotangent of zeros has a gradient of zeros, where gradients are finite."""
    g = p.cotangents()
    for name, x, got in zip(p.names, p.pull(g), p.pull([0 * part for part in g])):
        yield name, 0 * x, got


@law
def push_and_pull_are_adjoint(p: Point) -> Iterator[Sides]:
    """<push t, g> = <t, pull g>: forward and reverse mode apply one Jacobian.

    A wrong elementwise formula obeys this, as both modes read it: see check_gradients.
    """
    t, g = p.tangents(), p.cotangents()
    pushed, pulled = p.push(t), p.pull(g)
    finite(pulled)                             # an infinite slope and a 0 meet in one mode only
    yield "<t, pull g>", _inner(pushed, g), _inner(t, pulled)


@law
def second_orders_agree(p: Point) -> Iterator[Sides]:
    """Forward over reverse = reverse over reverse: both are the Hessian times a vector."""
    g, t = p.cotangents(), p.tangents()
    forward, reverse = p.second(g, t, "forward"), p.second(g, t, "reverse")
    finite(reverse)
    for name, x, got in zip(p.names, forward, reverse):
        yield f"the Hessian times t, {name}", x, got


@law
def hessian_is_symmetric(p: Point) -> Iterator[Sides]:
    """<s, H t> = <t, H s>: a gradient is the gradient of something."""
    g, s, t = p.cotangents(), p.tangents(), p.tangents()
    yield ("<t, H s>", _inner(s, p.second(g, t, "forward")), _inner(t, p.second(g, s, "forward")))


@law
def batch_is_a_stack(p: Point) -> Iterator[Sides]:
    """The gradient of a batch is the stack of the gradients of its samples: in one graph here."""
    samples, gs, expected = _batch(p)

    def each(*stacked: Any) -> list[Any]:
        return [p.call(*(x[k] for x in stacked)) for k in range(SAMPLES)]

    value, pullback = vjp(each, *_stacks(p, samples))
    found = pullback(weights(value, [part for g in gs for part in g]))
    for name, x, got in zip(p.names, expected, map(numbers, found)):
        yield name, x, got[0] if len(got) == 1 else np.stack(got)


@law
def takes_batches(p: Point) -> Iterator[Sides]:
    """f(stack) = stack of f, and so its gradients.

    Not one of LAWS: it holds for functions of arrays that are meant to take a batch of them.
    """
    samples, gs, expected = _batch(p)
    value, pullback = vjp(p.call, *_stacks(p, samples))
    whole = numbers(value)
    for i, parts in enumerate(zip(*(numbers(p.vjp(x)[0]) for x in samples))):
        shape = np.shape(np.stack(parts))
        if np.shape(whole[i]) != shape:
            raise AssertionError("takes_batches does not hold: f(stack) = stack of f\n"
                                 f"expected the shape {shape}, got {np.shape(whole[i])}")
        yield f"output {i}", np.stack(parts), whole[i]
    found = pullback(weights(value, [np.stack(parts) for parts in zip(*gs)]))
    for name, x, got in zip(p.names, expected, found):
        yield f"the gradient by {name}", x, numbers(got)[0]


def _batch(p: Point) -> Any:
    """Samples, cotangents of each, and the stacks of their gradients."""
    samples = [p.at, *(p.beside() for _ in range(SAMPLES - 1))]
    gs = [p.cotangents() for _ in samples]
    return samples, gs, [np.stack(x) for x in zip(*(p.pull(g, x) for g, x in zip(gs, samples)))]


def _stacks(p: Point, samples: list[list[Any]]) -> list[Any]:
    """For each input one array of all samples; a list of them for numbers."""
    return [x.put(np.stack(parts)) if is_array(raw(x.given)) else [x.put(y) for y in parts]
            for x, parts in zip(p.inputs, zip(*samples))]


@law
def order_does_not_matter(p: Point) -> Iterator[Sides]:
    """A gradient is the same whatever was recorded before, between and after, in any order."""
    other, g, h = p.beside(), p.cotangents(), p.cotangents()
    expected = [("", p.pull(g)), (" beside", p.pull(h, other))]
    value, pullback = vjp(p.call, *p.given(p.at))
    value_beside, pullback_beside = vjp(p.call, *p.given(other))
    found = [pullback(weights(value, g)), pullback_beside(weights(value_beside, h))]
    for (where, xs), ys in zip(expected, found):
        for name, x, got in zip(p.names, xs, ys):
            yield f"{name}{where}, pulled after both were recorded", x, numbers(got)[0]
    value, pullback = vjp(lambda *xs: p.call(*xs[::-1]), *p.given(p.at)[::-1])
    for name, x, got in zip(p.names, expected[0][1], pullback(weights(value, g))[::-1]):
        yield f"{name}, recorded last to first", x, numbers(got)[0]


@law
def backward_repeats(p: Point) -> Iterator[Sides]:
    """backward() twice gives the same gradients twice, and changes no recorded data."""
    call = Call(p.call, range(len(p.at)), tuple(p.given(p.at)), {}, False)
    nodes = call.recorded()
    for name, x, given in zip(p.names, p.at, call.inputs):
        yield f"{name}, after the call", x, numbers(given)[0]
    held = [(node, [_copied(x) for x in (node.data, *node.numbers())]) for node in nodes]
    g = p.cotangents()
    found = [[numbers(x)[0] for x in call.pull(leaves(weights(call.out, g)))] for _ in range(2)]
    for i, out in enumerate(call.outputs):
        if isinstance(out, Node) or (type(out) is Tensor and out.requires_grad):
            found += [_backward(call, out, g[i], x) for x in (p.at, p.at)]
    for node, before in held:
        for x, now in zip(before, (node.data, *node.numbers())):
            if not same(x, now):
                name = node.op.name if node.op else "an argument"
                raise AssertionError("backward_repeats does not hold: it changes no recorded data\n"
                                     f"{name}: expected {x}, got {now}")
    for first, again in zip(found[::2], found[1::2]):
        for name, x, got in zip(p.names, first, again):
            yield f"{name}, backward again", x, got


@law
def nothing_leaks(p: Point) -> Iterator[Sides]:
    """What a derivative recorded is gone with its result, without the collector; modes are kept."""
    before = Before()
    p.pull(p.cotangents())                      # what is made once and kept
    collecting = gc.isenabled()
    gc.disable()
    own = gc.get_freeze_count() == 0
    gc.freeze() if own else gc.collect()        # what is there already is not looked at
    try:
        watched = _watched(p)
        alive = [name for name, x in watched if x() is not None]
        cycles = gc.collect()
    finally:
        if own:
            gc.unfreeze()
        if collecting:
            gc.enable()
        changed = before.put_back()
    if alive or cycles or changed:
        left = [*(f"{name} is still alive" for name in alive), changed,
                f"{cycles} objects in cycles" if cycles else ""]
        raise AssertionError("nothing_leaks does not hold: what a derivative recorded is gone with "
                             "it, and modes are kept\nexpected nothing, got "
                             f"{'; '.join(filter(None, left))}")
    yield from ()


def _watched(p: Point) -> list[tuple[str, Any]]:
    """Weak references to all that one derivative recorded, with the names of the operations."""
    call = Call(p.call, range(len(p.at)), tuple(p.given(p.at)), {}, False)
    call.pull(leaves(weights(call.out, p.cotangents())))
    found = []
    for node in call.recorded():
        name = f"the result of {node.op.name}" if node.op else "an argument"
        found += [(name, ref(x)) for x in (node, node.data) if isinstance(x, Node) or is_array(x)]
    return found


def _copied(x: Any) -> Any:
    return tuple(map(_copied, x)) if isinstance(x, tuple) else copy(x) if is_array(x) else x


def _backward(call: Call, out: Any, g: Any, like: list[Any]) -> list[Any]:
    """The gradients that backward() writes, from none."""
    for x in call.inputs:
        x.grad = None if type(x) is Tensor else 0.0
    if type(out) is Tensor:
        g = placed(out.data, g)
    out.backward(g)
    return [np.zeros_like(y) if x.grad is None else numbers(x.grad)[0]
            for x, y in zip(call.inputs, like)]


LAWS: dict[str, Law] = {check.__name__: check for check in (
    vjp_is_linear, zero_gives_zero, push_and_pull_are_adjoint, second_orders_agree,
    hessian_is_symmetric, batch_is_a_stack, order_does_not_matter, backward_repeats,
    nothing_leaks)}


def check_laws(f: Callable[..., Any], *args: Any,
               argnums: int | Sequence[int] | None = None) -> dict[str, str]:
    """Whether f obeys all LAWS at these arguments, those of check_gradients.

    Returns by law "holds", or why it says nothing there. Raises AssertionError with all that do
    not hold, ArgumentError where no argument is a number.
    """
    outcomes, broken = {}, []
    for name, check in LAWS.items():
        try:
            check(f, *args, argnums=argnums)
            outcomes[name] = "holds"
        except AssertionError as error:
            broken.append(str(error))
        except Inapplicable as reason:
            outcomes[name] = str(reason).partition("\n")[0]
    if broken:
        raise AssertionError("\n".join(broken))
    return outcomes
