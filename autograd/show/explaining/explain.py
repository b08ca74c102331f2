"""Explaining: what an operation does to a gradient, in words and in LaTeX, printed from its rule.

A function is run once, and what it recorded is listed with the local derivatives: symbols from
the rules, numbers from this run.
"""

from __future__ import annotations

import inspect
import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy

from ...errors import ArgumentError, GraphError
from ...node import Node, serial
from ...primitive import Primitive
from ...sweep import history
from ...tensor import Tensor
from ..example import Example, signed
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


def explain(f: Any, *args: Any, names: bool | Mapping[str, Any] = False,
            **kwargs: Any) -> Explanation:
    """The derivative of an operation in words and in LaTeX, printed from the rules.

    `f` is an operation such as np.tanh, one of your own, a function or Module, or a recorded Value
    or Tensor. A function is called once on args and kwargs, numbers as Values, floating arrays as
    Tensors; without any on guesses, 0.5, 0.6 ..., one for each argument that it needs, or small
    arrays where numbers do not do; a Module on its example. `names` calls nodes as the caller's
    variables, or those of a mapping. Raises ArgumentError where that fails or records nothing.
    """
    given = bool(args or kwargs)
    if isinstance(f, Primitive) and not given:
        return Explanation([operation(f)])
    if isinstance(f, (Node, Tensor)) and not given:
        node = f.node if isinstance(f, Tensor) else f
        if node.op is None:
            raise ArgumentError(f"explain() of a {type(f).__name__} that nothing was recorded of",
                                "explain what was computed, such as the loss")
        return _of_graph("This result was made by", [node], names=names)
    if not callable(f):
        raise ArgumentError(f"explain() of {type(f).__name__}" + " with arguments" * given,
                            "give it an operation such as np.tanh, a function and its arguments, "
                            "or a recorded Value or Tensor")
    since = serial()
    example, guess = (_example(f, args, kwargs, COUNTS), "") if given else _guessed(f)
    title = f"{_name(f)}({', '.join(short(node.label) for node in example.inputs)})"
    guessed = f", run on {guess} as no example arguments were given," if guess else ""
    return _of_graph(f"{code(title)}{guessed} recorded", example.roots, since, names)


def _of_graph(subject: str, roots: Sequence[Node], since: int = -1,
              names: bool | Mapping[str, Any] = False) -> Explanation:
    """The table of what led to the roots after serial `since`, and each operation in it once."""
    nodes = history(roots)
    made = [node for node in nodes if node.op is not None and node.serial > since]
    if not made:
        raise ArgumentError(f"{subject} no operation".replace("`", ""), RECORD)
    table = recorded(nodes, since, names)
    head = f"{subject} {len(made):,} operation{'s' * (len(made) > 1)}, in this order:"
    plain = textwrap.fill(head.replace("`", ""), 80)
    parts = [Part(f"{plain}\n{table.text}\n\n{textwrap.fill(CHAIN, 80)}",
                  f"{head}\n\n{table.markdown}\n\n{CHAIN}", table.equations)]
    kinds: set[str] = set()
    for op in dict.fromkeys(node.op for node in made):
        parts.append(operation(op, brief=kind_of(op) in kinds))
        kinds.add(kind_of(op))
    return Explanation(parts)


def _guessed(f: Any) -> tuple[Example, str]:
    """The function called on the first guess that it works on, and what that was."""
    error, packed = None, None
    for args, guess in _guesses(f):
        try:
            example = _example(f, args, {}, EXAMPLES)
        except ArgumentError as raised:
            error = error or raised
            continue
        if not any(node.op and node.op.name == "from_values" for node in history(example.roots)):
            return example, guess
        packed = packed or (example, guess)             # it made arrays of the numbers
    if packed is None:
        assert error is not None
        raise error
    return packed


def _guesses(f: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Arguments for a function, and what they are."""
    if inspect.ismethod(getattr(f, "_any_example", None)):
        with suppress(ArgumentError):
            yield (f._any_example(),), "its own example"
    n = len(_needed(f))
    yield tuple(0.5 + k / 10 for k in range(n)), "guesses" if n else ""
    for shape in ((2,), (2, 2)) if n else ():
        yield (tuple((0.5 + numpy.arange(n * math.prod(shape)) / 10).reshape(n, *shape)),
               f"guesses, arrays of shape {shape},")


def _needed(f: Any) -> list[str]:
    """The positional arguments that a function cannot do without."""
    try:
        words = inspect.signature(signed(f)).parameters.values()
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
