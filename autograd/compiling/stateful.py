"""Models and optimisers are state: what a function changes in them, a compiled one changes too.

While it is traced, the state goes in and comes out (`nn.Pure`); the program writes what comes out
over what went in.
"""

from collections.abc import Callable
from itertools import chain
from operator import is_
from typing import Any

import numpy

from ..containers import leaves, rebuild
from ..storage import is_array


class Stateful:
    """The base of objects that hold arrays and numbers which functions change in place.

    `purely(step, *holders)` makes of a step that changes such objects a function of their state,
    with `state()`, `places()` and the call (state, *args) → (state, result): `nn.Pure`.
    """

    purely: Callable[..., Any]


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
            args, options = self.inserted(tree)
            return f(*args, **options)

        step.__name__ = getattr(f, "__name__", "step")
        self.pure = Stateful.purely(step, *unique)
        self.state = self.pure.state()
        self.unique = unique

    def settle(self) -> None:
        """Remember what all containers hold now."""
        self.places = self.pure.places()
        containers = contents(self.unique)
        self.live = [x.values() if type(x) is dict else x for x in containers]
        self.seen = list(chain.from_iterable(self.live))
        known = {(id(place), name) for place, name in self.places}
        self.words = [(id(x), name) for x in containers
                 for name in (x if type(x) is dict else range(len(x)))]
        self.free = {i for i, word in enumerate(self.words) if word in known}

    def inserted(self, tree: Any) -> Any:
        """Arguments with these objects where they belong."""
        given = leaves(tree)
        for i, x in zip(self.where, self.objects, strict=True):
            given[i] = x
        return rebuild(tree, given)

    def taken_out(self, tree: Any) -> Any:
        """Arguments without them."""
        return rebuild(tree, [None if isinstance(x, Stateful) else x for x in leaves(tree)])

    def read(self) -> list[Any]:
        """The numbers and arrays of the state: arrays that can be written to, in order."""
        for place, name in self.places:
            x = place[name] if type(place) is dict else place.data
            if is_array(x) and not x.flags.carray:
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
            if x is None:
                continue
            if type(place) is not dict:
                numpy.copyto(place.data, x)
            elif is_array(place[name]):
                numpy.copyto(place[name], x)
            else:
                place[name] = x

    def same(self) -> bool:
        """Whether all containers hold the very objects that they held."""
        now = list(chain.from_iterable(self.live))
        return len(now) == len(self.seen) and all(map(is_, now, self.seen))

    def unchanged(self) -> bool:
        """Whether all containers hold what they held, but for numbers and arrays of the state."""
        if self.same():
            return True
        now = list(chain.from_iterable(self.live))
        if len(now) != len(self.seen) or not all(
                x is y or (i in self.free and alike(x, y))
                for i, (x, y) in enumerate(zip(now, self.seen))):
            return False
        self.seen = now
        return True


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
        if isinstance(x, Stateful):
            waiting.append(vars(x))
        elif isinstance(x, (dict, list, tuple)):
            found.append(x)
            waiting.extend(x.values() if isinstance(x, dict) else x)
    return found
