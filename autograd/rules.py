"""A rule is a Python function that names what it needs; binding finds that for it.

`lambda g, y: g * y` asks for the cotangent and the second operand. The names are data: the engine
knows from them that `add` keeps nothing, `exp` only its result, `log` only its operand.
"""

import inspect
import textwrap
from collections.abc import Callable, Iterable, Sequence
from inspect import Parameter
from types import FunctionType
from typing import Any

from .errors import DefinitionError

Rule = Callable[..., Any]
REQUIRED = Parameter.empty                  # the default of metadata that must be given
_PLACES = {"g": "g", "z": "z", "x": "args[0]", "y": "args[1]", "w": "args[2]", "xs": "args",
           "i": "i"}


def names(rule: Rule | None) -> set[str]:
    """What a rule asks for."""
    return set(inspect.signature(rule).parameters) if rule else set()


def metadata(rules: Iterable[Rule | None]) -> dict[str, Any]:
    """Keyword-only parameters of the rules: those that must be given (REQUIRED) before the rest."""
    found = {p.name: p.default for rule in rules if rule
             for p in inspect.signature(rule).parameters.values() if p.kind is p.KEYWORD_ONLY}
    return dict(sorted(found.items(), key=lambda item: item[1] is not REQUIRED))


def signature(operands: int | Sequence[str], metadata: dict[str, Any]) -> inspect.Signature:
    """The signature of a primitive: operands by position (0: any number), then its metadata."""
    if isinstance(operands, int):
        operands = ["x"] if operands == 1 else [f"x{i + 1}" for i in range(operands)]
    found = [Parameter(name, Parameter.POSITIONAL_ONLY) for name in operands] or [
        Parameter("xs", Parameter.VAR_POSITIONAL)]
    kind = Parameter.POSITIONAL_OR_KEYWORD if operands else Parameter.KEYWORD_ONLY
    return inspect.Signature(
        found + [Parameter(name, kind, default=default) for name, default in metadata.items()])


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
    if isinstance(rule, FunctionType) and rule.__name__ == "<lambda>":
        rule.__code__ = rule.__code__.replace(co_name=f"{name}_rule")       # for tracebacks
    source = f"lambda g, z, args, params, i=0: rule({', '.join(words)})"
    return eval(compile(source, f"<rule of {name}>", "eval"), {"rule": rule})


def source_of(rule: Any) -> str:
    """The source of a rule, as it is written where there is any to be read."""
    try:
        return textwrap.dedent(inspect.getsource(rule)).rstrip()
    except (OSError, TypeError):                # it was typed in, or is no Python
        return "(its source cannot be read)"
