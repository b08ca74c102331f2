"""What stands on an edge: the local derivative where it is one number, the map of g elsewhere.

Nothing is stated again here. The number is the rule applied to 1, the map is the same rule run on
symbols: `g @ Wᵀ`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress

from ..kinds import Local
from ..node import Node
from ..storage import is_array, quiet
from ..symbol import ATOM, SIGN, SUM
from .formula import Words
from .names import Names
from .wording import MANY, SIGNS, amount, expression

WIDTH = 30                                  # characters that an edge has room for
WIDEST = 48                                 # ... where names are long
PLAIN = re.compile(r"[^\W\d][\w.']*(\[[\w'\".: -]+\])*…?(#\d+)?")
SEVERAL_WORDS = re.compile(r"[^\W\d][\w.']*( [\w.']+)+…?(#\d+)?")


def derivative(node: Node, i: int, names: Mapping[Node, str] | None = None) -> str:
    """What the edge from operand i to `node` says, with the names of the operands and the result.

    A name that would be misread in a formula is left for the place of its node: v3. Without
    `names` labels count, and the letters of the rules.
    """
    op = node.op
    if isinstance(node.data, float) and isinstance(node.args[i].data, float):
        with suppress(Exception), quiet():      # a rule is anybody's code, or there is none
            return f"×{amount(node.contribution(i, 1.0))}"
    if len(node.args) > MANY:                   # the formula would name them all
        return f"{op.name}ᵀ(g)"
    *operands, z = _words(node, names)
    formula = None
    if op.rules and not isinstance(op, Local):
        formula = Words.of_rule(op, i, Words("g", like=node), z, operands, node.params)
    room = WIDTH + sum(len(x.text) - 1 for x in (*operands, z) if x.text in (formula or ""))
    if formula and len(formula) <= min(room, WIDEST):
        return formula
    if not op.diagonal:
        return f"{op.name}ᵀ(g)"
    made = expression(op.name, node.params, [x.text for x in operands])
    made = f"({made})" if op.name in SIGNS else made
    partial = f"g * ∂{made}/∂{operands[i].text}"
    return partial if len(partial) <= WIDTH else f"g * ∂{z.text}/∂{operands[i].text}"


def _words(node: Node, names: Mapping[Node, str] | None) -> list[Words]:
    """The operands and then the result as symbols, each called by its name."""
    letters = "xyw" if len(node.args) <= 3 else [f"x{i}" for i in range(len(node.args))]
    known = names if isinstance(names, Names) else Names(names or {})
    arrays: dict[int, str] = {}                 # constants without a name
    words = []
    for x, letter in zip([*node.args, node], [*letters[:len(node.args)], "z"], strict=True):
        if isinstance(x, Node):
            text = _placed(x, known) if x in known else _letter(x, letter)
        elif is_array(x) and (math.prod(x.shape) != 1 or amount(x)[-1:] == "t"):
            text = arrays.setdefault(id(x), known.constants.get(id(x)) or (
                f"{known.array}{len(arrays) + 1}" if arrays else known.array))
        else:
            text = amount(x)
        loose = isinstance(x, complex) or text[:1] == "-"
        words.append(Words(text, (SIGN if text[:1] == "-" else SUM) if loose else ATOM, like=x))
    return words


def _placed(node: Node, names: Names) -> str:
    """The name of a node as it can stand in a formula, where it is taken for one thing."""
    name = names[node]
    if PLAIN.fullmatch(name) and name != "g":
        return name
    if SEVERAL_WORDS.fullmatch(name):
        return f"({name})"
    return f"v{next(place for place, other in enumerate(names) if other is node)}"


def _letter(node: Node, letter: str) -> str:
    label = node.label
    return label if str(label).isidentifier() and label != "g" else letter
