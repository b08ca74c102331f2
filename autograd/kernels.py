"""Kernels are rules printed as plain Python: run on symbols once, compiled, kept.

`multiply` with two nodes for operands prints as

    def multiply_xy(node):
        g = node.grad
        x = node.x
        y = node.y
        dx = g * y.data
        dy = g * x.data
        if dx != dx and g == 0: dx = 0.0
        if dy != dy and g == 0: dy = 0.0
        x.grad += dx
        y.grad += dy

which is what one would write by hand. Where Python's `/` raises, the same rule printed with the
IEEE division takes over. Over NumPy a rule prints as a function of a node and its cotangent, where
it can. `Node.contribution` with `pull` stays the definition of both, in a test.
"""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from .node import Node
from .storage import asarray, may_hold_nan, ndarray, scalars, zero_or_nan
from .symbol import Elements, Exact, Name, Symbol, parts, text

OPERANDS = "xyw"


def compile_function(source: str, name: str, **names: Any) -> Callable[..., Any]:
    """The function `name` of `source`, compiled where the scalar functions are in scope.

    The scope has no name: torch.compile would look for a module of that name.
    """
    scope = {**names, **vars(scalars)}
    del scope["__name__"]
    exec(compile(source, f"<kernel {name}>", "exec"), scope)
    return scope[name]


def pull_source(op: Any, i: int, kind: type[Symbol], names: list[str], z: str = "z") -> str:
    """The rule of operand i as text, its operands called `names`."""
    rule = op.rules[i]
    return text(rule(kind("g"), kind(z), tuple(kind(name) for name in names), {}))


def guard(op: Any, name: str) -> list[str]:
    """The strong zero: what comes out nan where g is exactly 0 is replaced by 0."""
    return [f"if {name} != {name} and g == 0: {name} = 0.0"] if op.poles else []


def scalar_pull(op: Any, i: int) -> Callable[..., float]:
    """The rule of operand i as a function of floats (g, z, *operands), in IEEE arithmetic."""
    names = list(OPERANDS[:len(op.rules)])
    lines = [f"def {op.name}_wrt_{names[i]}(g, z, {', '.join(names)}):",
             f"    r = {pull_source(op, i, Exact, names)}",
             *(f"    {line}" for line in guard(op, "r")), "    return r"]
    return compile_function("\n".join(lines), f"{op.name}_wrt_{names[i]}", **_over_floats(op))


def _over_floats(op: Any) -> dict[str, Any]:
    """Every primitive, and part of a rule, on floats: what a printed rule may call."""
    def on_floats(op: Any, *numbers: Any, **params: Any) -> Any:
        return op.on_floats(numbers, {**op.defaults, **params})

    return {**parts, **{name: partial(on_floats, other) for name, other in op.every.items()}}


_OVER_NUMPY = """
def {name}(node, g):
    {before}
    part = {part}
    if {poles} and may_hold_nan(part):
        return mended(part, g)
    return part
"""
_OPERAND = """{x} = node.args[{k}]
    if type({x}) is not ndarray:
        if isinstance({x}, Node):
            {x} = {x}.data
        elif {alone}:
            return plain(node, g)"""


def _over_numpy(op: Any, names: Iterable[str]) -> dict[str, Any]:
    """The primitives of these names on NumPy's arrays, and the parts of rules."""
    array = asarray(0.0)
    return {**{name: part.function for name, part in parts.items()},
            **{name: op.every[name].computing(array) for name in names if name in op.every}}


def pull_over_numpy(op: Any, i: int) -> Callable[[Any, Any], Any] | None:
    """The rule of operand i over NumPy's real arrays, (node, g) to what g means for that operand.

    None for a rule that asks more of its operands than symbols tell: it runs as it is written. A
    number beside the arrays is one only to the operators; functions of it take the plain way. A
    user's rule may branch as it likes.
    """
    if not op.direct or op.view is None:
        return None
    names = OPERANDS[:len(op.rules)]
    try:
        part = text(op.rules[i](Elements("g"), Elements("z"), tuple(map(Elements, names)),
                                {word: Name(word) for word in op.defaults}))
    except Exception:
        return None
    words = set(re.findall(r"[a-z]\w*", part))
    before = ["z = node.data"] if "z" in words else []
    before += [_OPERAND.format(x=x, k=k, alone="(" in part)
               for k, x in enumerate(names) if x in words]
    before += [f"{word} = node.params[{word!r}]" for word in op.defaults if word in words]
    name = f"{op.name}_wrt_{names[i]}"
    source = _OVER_NUMPY.format(name=name, before="\n    ".join(before) or "pass", part=part,
                                poles=op.poles)
    scope = {**_over_numpy(op, words), "ndarray": ndarray, "Node": Node, "mended": op.mended,
             "plain": lambda node, g: node.contribution(i, g),
             "may_hold_nan": may_hold_nan, "zero_or_nan": zero_or_nan}
    exec(compile(source, f"<kernel {name}>", "exec"), scope)
    return scope[name]


class Opaque:
    """The step of a node that no kernel serves: its operands stand in `x`, as a tuple."""

    def __init__(self, op: Any, params: dict[str, Any]) -> None:
        self.op, self.params = op, params

    def __call__(self, node: Any) -> None:
        raise NeedsGeneralWalk


class NeedsGeneralWalk(Exception):
    """The graph holds arrays or black boxes too: the walk of `sweep` takes over."""


def step(op: Any, nodes: tuple[bool, ...]) -> Callable[[Any], None]:
    """One backward step of a node of op: adds to the gradient of each operand that is a node.

    `nodes` says which operands are; see `place` for where a node keeps them.
    """
    name = f"{op.name}_{''.join(x for x, is_node in zip(OPERANDS, nodes) if is_node)}"
    source = "\n".join([f"def {name}(node):", *(f"    {line}" for line in body(op, nodes))])
    kernel: Any = compile_function(source, name, **_over_floats(op))
    kernel.op, kernel.nodes = op, nodes
    return kernel


def place(args: tuple[Any, ...], nodes: tuple[bool, ...]) -> tuple[Any, Any, Any]:
    """Where a Value keeps its operands: its first two nodes in x and y, a number in c.

    Several numbers stand in c as a tuple. Walks need not ask of x and y whether they are nodes.
    """
    found = [arg for arg, is_node in zip(args, nodes) if is_node]
    numbers = [arg for arg, is_node in zip(args, nodes) if not is_node]
    return (found[0], found[1] if len(found) > 1 else None,
            numbers[0] if len(numbers) == 1 else tuple(numbers))


def placed(node: Any) -> tuple[Any, ...]:
    """The operands of a node in their order: the inverse of `place`."""
    nodes = node.step.nodes
    found = iter((node.x, node.y))
    count = len(nodes) - sum(nodes)
    numbers = iter((node.c,) if count == 1 else node.c if count else ())
    return tuple([next(found if is_node else numbers) for is_node in nodes])


def body(op: Any, nodes: tuple[bool, ...]) -> list[str]:
    """The lines of one backward step."""
    operands = OPERANDS[:len(nodes)]
    moving = [i for i, is_node in enumerate(nodes) if is_node]
    numbers = [x for x, is_node in zip(operands, nodes) if not is_node]
    names = [f"{x}.data" if is_node else x for x, is_node in zip(operands, nodes)]
    lines = ["g = node.grad",
             *(f"{operands[i]} = node.{slot}" for i, slot in zip(moving, "xy"))]
    if numbers:
        lines.append(f"{', '.join(numbers)} = node.c")
    fast = {i: pull_source(op, i, Symbol, names, "node.data") for i in moving}
    exact = {i: pull_source(op, i, Exact, names, "node.data") for i in moving}
    if fast == exact and not op.poles:
        return lines + [f"{operands[i]}.grad += {fast[i]}" for i in moving]
    if fast == exact:
        lines += [f"d{operands[i]} = {fast[i]}" for i in moving]
    else:
        lines += ["try:", *(f"    d{operands[i]} = {fast[i]}" for i in moving),
                  "except ArithmeticError:",
                  *(f"    d{operands[i]} = {exact[i]}" for i in moving)]
    for i in moving:
        lines += guard(op, f"d{operands[i]}")
    return lines + [f"{operands[i]}.grad += d{operands[i]}" for i in moving]


def walk(hot: list[Any]) -> Callable[[list[Any]], None]:
    """The loop over all steps, newest node first, with the bodies of the `hot` steps inlined."""
    lines = ["def walk(nodes):", "    for node in nodes:", "        step = node.step"]
    for kernel in hot:
        lines += [f"        {'if' if kernel is hot[0] else 'elif'} step is {kernel.__name__}:",
                  *(f"            {line}" for line in body(kernel.op, kernel.nodes))]
    lines += ["        else:", "            step(node)"]
    return compile_function("\n".join(lines), "walk", **{k.__name__: k for k in hot})
