"""Explaining: what an operation does to a gradient, in words and in LaTeX, printed from its rule.

A function is run once, and what it recorded is listed with the local derivatives: symbols from
the rules, numbers from this run.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Sequence
from typing import Any

from ...errors import ArgumentError, GraphError
from ...node import Node, serial
from ...primitive import Primitive
from ...sweep import history
from ...tensor import Tensor
from ..example import Example
from ..wording import short
from .operation import Part, code, kind_of, operation
from .recorded import recorded

EXAMPLES = "give it example arguments: explain(f, 2.0, 3.0), arrays where it works on arrays"
COUNTS = ("numbers come as Values, arrays as Tensors; a number that counts something is given by "
          "its name, explain(f, 2.0, n=3), or in a lambda")
RECORD = ("use the functions of autograd.numpy and what they return, without .data, .item() or "
          "no_grad()")
CHAIN = ("The gradient is the sum over all paths from the result back to a leaf of the product of "
         "what stands along the path.")


class Explanation:
    """The answer of `explain`: print() shows it, `.latex` has the equations, notebooks both."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts
        self.equations = parts[0].equations         # each `left = right`, in LaTeX

    @property
    def latex(self) -> str:
        """The equations as one formula, to stand between $$ and $$."""
        if len(self.equations) == 1:
            return self.equations[0]
        lines = " \\\\[4pt]\n".join(line.replace(" = ", " &= ", 1) for line in self.equations)
        return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"

    def __repr__(self) -> str:
        return "\n\n".join(part.text for part in self._parts)

    def _repr_markdown_(self) -> str:
        return "\n\n".join(part.markdown for part in self._parts)


def explain(f: Any, *args: Any, **kwargs: Any) -> Explanation:
    """The derivative of an operation in words and in LaTeX, printed from the rules.

    `f` is an operation such as np.tanh, one of your own, a function or Module, or a recorded Value
    or Tensor. A function is called once on args and kwargs, numbers as Values, floating arrays as
    Tensors; without any on 0.5, 0.6 ..., one for each argument that it needs. Raises ArgumentError
    where that fails or records nothing.
    """
    given = bool(args or kwargs)
    if isinstance(f, Primitive) and not given:
        return Explanation([operation(f)])
    if isinstance(f, (Node, Tensor)) and not given:
        node = f.node if isinstance(f, Tensor) else f
        if node.op is None:
            raise ArgumentError(f"explain() of a {type(f).__name__} that nothing was recorded of",
                                "explain what was computed, such as the loss")
        return _of_graph("This result was made by", [node])
    if not callable(f):
        raise ArgumentError(f"explain() of {type(f).__name__}" + " with arguments" * given,
                            "give it an operation such as np.tanh, a function and its arguments, "
                            "or a recorded Value or Tensor")
    needed = [] if given else _needed(f)
    since = serial()
    guesses = tuple(0.5 + k / 10 for k in range(len(needed)))
    example = _example(f, args or guesses, kwargs, COUNTS if given else EXAMPLES)
    title = f"{_name(f)}({', '.join(short(node.label) for node in example.inputs)})"
    guessed = ", run on guesses as no example arguments were given," * bool(needed)
    return _of_graph(f"{code(title)}{guessed} recorded", example.roots, since)


def _of_graph(subject: str, roots: Sequence[Node], since: int = -1) -> Explanation:
    """The table of what led to the roots after serial `since`, and each operation in it once."""
    nodes = history(roots)
    made = [node for node in nodes if node.op is not None and node.serial > since]
    if not made:
        raise ArgumentError(f"{subject} no operation".replace("`", ""), RECORD)
    table = recorded(nodes, since)
    head = f"{subject} {len(made):,} operation{'s' * (len(made) > 1)}, in this order:"
    plain = textwrap.fill(head.replace("`", ""), 80)
    parts = [Part(f"{plain}\n{table.text}\n\n{textwrap.fill(CHAIN, 80)}",
                  f"{head}\n\n{table.markdown}\n\n{CHAIN}", table.equations)]
    kinds: set[str] = set()
    for op in dict.fromkeys(node.op for node in made):
        parts.append(operation(op, brief=kind_of(op) in kinds))
        kinds.add(kind_of(op))
    return Explanation(parts)


def _needed(f: Any) -> list[str]:
    """The positional arguments that a function cannot do without."""
    try:
        words = inspect.signature(getattr(f, "forward", None) or f).parameters.values()
    except (TypeError, ValueError):                     # some functions written in C
        return []
    return [word.name for word in words if word.default is word.empty
            and word.kind in (word.POSITIONAL_ONLY, word.POSITIONAL_OR_KEYWORD)]


def _example(f: Any, args: tuple[Any, ...], kwargs: dict[str, Any], help: str) -> Example:
    """The function called on the arguments; what it raises is named."""
    try:
        return Example(f, args, kwargs)
    except ArgumentError:                               # it says what to give
        raise
    except Exception as error:
        what, _, own = str(error).partition("\nhelp: ")
        what = short(re.sub(r" at 0x[0-9a-fA-F]+", "", what), 200)
        raise ArgumentError(f"{_name(f)} raised {type(error).__name__}: {what}",
                            own if isinstance(error, GraphError) else help) from error


def _name(f: Any) -> str:
    """What a function is called; an object by its class."""
    name = getattr(f, "__name__", "") or type(f).__name__
    return short("lambda" if name == "<lambda>" else name)
