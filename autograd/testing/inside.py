"""What is inside an argument: numbers in containers and Modules, each by its name.

`x[0]`, `x['w']`, `x.field`, `model.layers.0.weight`. Containers are built anew around new numbers.
A Module stays the one it is: its parameters are exchanged wherever it holds them, a Tensor that it
holds under two names under both, and put back.
"""

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError, describe
from ..node import Operand
from ..storage import is_array

Visit = Callable[[str, Any], Any]
Kept = list[tuple[dict[str, Any], dict[str, Any]]]     # attributes of Modules, as they were
MISSING = object()


def walked(name: str, x: Any, visit: Visit, kept: Kept) -> Any:
    """x with visit(name, number) in place of each number; `put_back` undoes what is `kept`."""
    if _is_number(x):
        return visit(name, x)
    if found := parameters(x):
        new = {id(p): visit(_dotted(name, path), p) for path, p in found}
        if any(new[id(p)] is not p for _, p in found):
            _exchange(x, new, kept, set())
        return x
    parts = _parts(name, x)
    new_parts = [walked(inner, part, visit, kept) for _, inner, part in parts]
    return _with(x, parts, new_parts)


def put_back(kept: Kept) -> None:
    """Give Modules the parameters that they had."""
    for attributes, before in reversed(kept):
        attributes.update(before)


def beside(name: str, x: Any, given: Any, visit: Callable[[str, Any], None]) -> None:
    """visit(name, other) for each number in x, with what is in its place in other containers.

    Dicts go by key. What is not there is MISSING; raises ArgumentError for what is of another kind.
    """
    if _is_number(x) or given is MISSING:
        if _is_number(x):
            return visit(name, given)
        given = {}
    named = [(path, _dotted(name, path), p) for path, p in parameters(x)]
    parts = named or _parts(name, x)
    if not parts:
        return None
    keys = [key for key, _, _ in parts]
    if isinstance(given, dict):
        others = [given.get(key, MISSING) for key in keys]
        wrong = [key for key in given if key not in keys]
    elif isinstance(given, (list, tuple)):
        others, wrong = list(given), list(range(len(keys), len(given)))
        others += [MISSING] * (len(keys) - len(others))
    else:
        others = [getattr(given, str(key), MISSING) for key in keys]
        wrong = [] if type(given) is type(x) else [type(given).__name__]
    if wrong or (isinstance(x, dict) and not isinstance(given, dict)):
        raise ArgumentError(f"the gradient of {name} is {describe(given)}, where {name} has "
                            f"{', '.join(map(repr, keys))}", "give it the same containers")
    for (_, inner, part), other in zip(parts, others):
        beside(inner, part, other, visit)
    return None


def parameters(x: Any) -> list[tuple[str, Any]]:
    """The parameters of a Module with their paths, each once; of anything else none."""
    named = None if isinstance(x, type) else getattr(x, "named_parameters", None)
    return [(path, p) for path, p in named() if isinstance(p, Operand)] if named else []


def _is_number(x: Any) -> bool:
    number = isinstance(x, (float, int, complex, Operand)) and not isinstance(x, bool)
    return number or is_array(x)


def _dotted(name: str, path: str) -> str:
    return f"{name}.{path}" if name else path


def _parts(name: str, x: Any) -> list[tuple[Any, str, Any]]:
    """The keys of a container, with the names and the parts that are there; of others none."""
    if isinstance(x, dict):
        return [(key, f"{name}[{key!r}]", x[key]) for key in x]
    if isinstance(x, (list, tuple)):
        fields = getattr(x, "_fields", ())
        return [(i, f"{name}.{fields[i]}" if fields else f"{name}[{i}]", part)
                for i, part in enumerate(x)]
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        fields = [field.name for field in dataclasses.fields(x)]
        return [(key, f"{name}.{key}", getattr(x, key)) for key in fields]
    return []


def _with(x: Any, parts: list[tuple[Any, str, Any]], new: list[Any]) -> Any:
    """A container with other parts; the same where they are the same."""
    if all(part is other for (_, _, part), other in zip(parts, new)):
        return x
    if isinstance(x, (list, tuple)):
        return type(x)(*new) if getattr(x, "_fields", ()) else type(x)(new)
    made = copy.copy(x)
    for (key, _, _), other in zip(parts, new):
        if isinstance(made, dict):
            made[key] = other
        else:
            object.__setattr__(made, key, other)            # it may be frozen
    return made


def _exchange(x: Any, new: dict[int, Any], kept: Kept, seen: set[int]) -> Any:
    """x with other parameters: Modules are written to, containers are built anew."""
    if id(x) in new or id(x) in seen:
        return new.get(id(x), x)
    if getattr(type(x), "named_parameters", None):
        seen.add(id(x))
        attributes = vars(x)
        changed = {key: other for key, part in attributes.items()
                   if (other := _exchange(part, new, kept, seen)) is not part}
        kept.append((attributes, {key: attributes[key] for key in changed}))
        attributes.update(changed)
        return x
    parts = _parts("", x)
    return _with(x, parts, [_exchange(part, new, kept, seen) for _, _, part in parts])
