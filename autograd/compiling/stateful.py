"""Models and optimisers are state: what a function changes in them, a compiled one changes too.

While it is traced, the state goes in and comes out (`nn.Pure`); the program writes what comes out
over what went in.
"""

from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from operator import is_
from types import ModuleType
from typing import Any

import numpy
from numpy.lib.array_utils import byte_bounds

from ..containers import leaves, rebuild
from ..errors import GraphError, describe
from ..node import Operand
from ..primitive import raw
from ..storage import is_array, traced

PASSED = (ModuleType, Operand)                  # what is not looked into


class Stateful:
    """The base of objects that hold arrays and numbers which functions change in place.

    `purely(step, *holders)` makes of a step that changes such objects a function of their state,
    with `state()`, `places()` and the call (state, *args) → (state, result): `nn.Pure`.
    """

    purely: Callable[..., Any]


def applied(f: Callable[..., Any], args: Any, options: Any) -> Any:
    """What f returns while it is traced; an error where a program would do something else."""
    before, state = leaves([args, options]), numpy.random.get_state(legacy=False)
    held = list(map(raw, before))
    out = f(*args, **options)
    now = leaves([args, options])
    if len(now) != len(before) or not all(map(is_, now, before)) or not all(
            map(is_, map(raw, now), held)):
        raise GraphError("a function that is being compiled changes its arguments",
                         "let it work on copies, and return what is new")
    if repr(state) != repr(numpy.random.get_state(legacy=False)):
        raise GraphError("a function that is being compiled draws random numbers, which would be "
                         "the same in every call", "draw them outside, and give them to it")
    for x in leaves(out):
        if isinstance(x, (set, frozenset, Iterator)):
            raise GraphError(f"a function that is being compiled returns a {type(x).__name__}",
                             "return numbers and arrays, in tuples, lists and dicts")
    return out


class Held:
    """What some objects hold now, in all their containers, and which places among it are state."""

    def __init__(self, objects: list[Any], places: list[tuple[Any, str]]) -> None:
        self.state = {(id(place), name) for place, name in places}
        self.before = [(x, x.copy()) for x in contents(objects) if type(x) in (dict, list)]

    def restore(self) -> str:
        """Take back what is of tracers, and numbers; the name of one that was changed, or ""."""
        found = ""
        for x, before in self.before:
            old = before.items() if type(x) is dict else enumerate(before)
            was, now = dict(old), dict(x.items() if type(x) is dict else enumerate(x))
            changed = [name for name, value in now.items() if value is not was.get(name)
                       and (id(x), name) not in self.state and fleeting(value, was.get(name))]
            if changed:
                found = str(changed[0])
                x.clear()
                (x.update if type(x) is dict else x.extend)(before)
        return found


def fleeting(new: Any, old: Any) -> bool:
    """Whether a value is of the call in which it was made: a traced array, or a number counted."""
    if type(new) in (int, float) and type(old) in (int, float):
        return bool(new != old)
    return any(is_array(x) and traced(x) for x in map(raw, leaves(new)))


class Holders:
    """The stateful objects among the arguments of a call, and all that a program is made for.

    That is their state, and whatever else they hold: options, modes, layers. As long as every
    container in them holds the same objects as before, the program is theirs.
    """

    def __init__(self, f: Callable[..., Any], tree: Any) -> None:
        given = leaves(tree)
        self.where = [i for i, x in enumerate(given) if isinstance(x, Stateful)]
        self.objects = [given[i] for i in self.where]
        unique = list({id(x): x for x in self.objects}.values())

        def step(tree: Any) -> Any:
            return applied(f, *self.inserted(tree))

        step.__name__ = getattr(f, "__name__", "step")
        self.pure = Stateful.purely(step, *unique)
        for place, name in self.pure.places():
            if type(place) is dict and isinstance(place[name], numpy.generic):
                place[name] = place[name].item()        # numbers of the state are Python's
        self.state = self.pure.state()
        self.unique = unique

    def settle(self) -> None:
        """Remember what all containers hold now."""
        self.places = self.pure.places()
        self.leaves = [place for place, _ in self.places if type(place) is not dict]
        containers = contents(self.unique)
        self.live = [x.values() if type(x) is dict else x for x in containers]
        self.seen = list(chain.from_iterable(self.live))
        known = {(id(place), name) for place, name in self.places}
        self.words = [(id(x), name) for x in containers
                      for name in (x if type(x) is dict else range(len(x)))]
        self.free = {i for i, word in enumerate(self.words) if word in known}
        self.kinds = self.kinds_now()

    def kinds_now(self) -> list[Any]:
        """What the program was made for beside the containers; an error for shared memory."""
        bounds = sorted((*byte_bounds(x.data), i) for i, x in enumerate(self.leaves)
                        if isinstance(x.data, numpy.ndarray) and x.data.size)
        for (_, end, i), (start, _, k) in pairwise(bounds):
            if start < end and (x := self.leaves[i]) is not (y := self.leaves[k]):
                raise GraphError(f"two parameters share memory, {describe(x)} and {describe(y)}: "
                                 "an update of one changes the other",
                                 "copy the data of one, or use one Tensor in both places")
        return [(x.data.shape, x.data.dtype, x.requires_grad) for x in self.leaves]

    def inserted(self, tree: Any) -> Any:
        """Arguments with these objects where they belong."""
        given = leaves(tree)
        for i, x in zip(self.where, self.objects, strict=True):
            given[i] = x
        return rebuild(tree, given)

    def read(self) -> list[Any]:
        """The numbers and arrays of the state: arrays that can be written to, in order."""
        for place, name in self.places:
            x = place[name] if type(place) is dict else place.data
            if isinstance(x, numpy.ndarray) and not x.flags.carray:
                x = numpy.array(x, order="C")
                if type(place) is dict:
                    place[name] = x
                else:
                    place.replace(x)
        return [x[name] if type(x) is dict else x.data for x, name in self.places]

    def write(self, changed: list[int], new: list[Any]) -> None:
        """Put what a program found into places of the state; None is there already."""
        for i, x in zip(changed, new):
            place, name = self.places[i]
            old = place[name] if type(place) is dict else place.data
            if x is None:
                continue
            if isinstance(old, numpy.ndarray):
                numpy.copyto(old, x)
            elif type(place) is dict:
                place[name] = x
            else:
                place.data = x

    def same(self) -> bool:
        """Whether all containers hold the very objects that they held."""
        now = list(chain.from_iterable(self.live))
        return len(now) == len(self.seen) and all(map(is_, now, self.seen))

    def changed(self) -> str:
        """What is not as it was, but for numbers and arrays of the state: its name, "" for nothing.
        """
        now = list(chain.from_iterable(self.live))
        if len(now) != len(self.seen):
            return "what it holds"
        for i, (x, y) in enumerate(zip(now, self.seen)):
            if x is not y and not (i in self.free and alike(x, y)):
                return str(self.words[i][1])
        if self.kinds_now() != self.kinds:
            return "a parameter"
        self.seen = now
        return ""


def alike(x: Any, y: Any) -> bool:
    """Whether a program for the one takes the other."""
    if not is_array(x) or not is_array(y):
        return type(x) is type(y)
    return bool(x.shape == y.shape and x.dtype == y.dtype)


def contents(objects: list[Any]) -> list[Any]:
    """All containers in some objects, each once."""
    found: list[Any] = []
    seen: set[int] = set()
    waiting = list(objects)
    for x in waiting:                           # grows while it is read
        if id(x) in seen:
            continue
        seen.add(id(x))
        if isinstance(x, (dict, list, tuple, set)):
            found.append(x)
            waiting.extend(x.values() if isinstance(x, dict) else x)
        elif isinstance(inside := getattr(x, "__dict__", None), dict) and (
                isinstance(x, Stateful) or not (callable(x) or isinstance(x, PASSED))):
            waiting.append(inside)
    return found


def owner(x: Any) -> int:
    """Whose memory an array is in."""
    return id(x if x.base is None else x.base)
