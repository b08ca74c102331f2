"""A rule is a Python function that names what it needs; binding finds that for it.

`lambda g, y: g * y` asks for the cotangent and the second operand. The names are data: the engine
knows from them that `add` keeps nothing, `exp` only its result, `log` only its operand.
"""

import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any

from .errors import DefinitionError

Rule = Callable[..., Any]
_PLACES = {"g": "g", "z": "z", "x": "args[0]", "y": "args[1]", "w": "args[2]", "xs": "args",
           "i": "i"}


def names(rule: Rule | None) -> set[str]:
    """What a rule asks for."""
    return set(inspect.signature(rule).parameters) if rule else set()


def metadata(rules: tuple[Rule | None, ...]) -> dict[str, Any]:
    """Keyword-only parameters of the rules, with their defaults (None where there is none)."""
    return {p.name: None if p.default is p.empty else p.default
            for rule in rules if rule for p in inspect.signature(rule).parameters.values()
            if p.kind is p.KEYWORD_ONLY}


def bind(name: str, rule: Rule) -> Rule:
    """A rule that names what it needs, as a function of all there is: (g, z, args, params, i)."""
    words = []
    for p in inspect.signature(rule).parameters.values():
        if p.kind is p.KEYWORD_ONLY:
            words.append(f"{p.name}=params[{p.name!r}]")
        elif p.name in _PLACES:
            words.append(_PLACES[p.name])
        else:
            raise DefinitionError(f"the rule of {name} asks for {p.name!r}",
                                  f"a rule may name {', '.join(_PLACES)}, and metadata after a *")
    if isinstance(rule, FunctionType):
        rule.__code__ = rule.__code__.replace(co_name=f"{name}_rule")       # for tracebacks
    source = f"lambda g, z, args, params, i=0: rule({', '.join(words)})"
    return eval(compile(source, f"<rule of {name}>", "eval"), {"rule": rule})


def source_of(rule: Any) -> str:
    """The source of a rule, as it is written where there is any to be read."""
    try:
        return textwrap.dedent(inspect.getsource(rule)).rstrip()
    except (OSError, TypeError):                # it was typed in, or is no Python
        return "(its source cannot be read)"
