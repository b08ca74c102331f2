"""The short way into a lowered program: for a call with arguments like those of the last one.

What a call costs beside the loops is a few looks at shapes, and at whether the state of models and
optimisers is the one that was looked at before.
"""

from operator import is_
from typing import Any

from ..containers import rebuild
from ..primitive import raw
from ..storage import ndarray
from ..tensor import Tensor
from .stateful import Stateful, owner
from .traced import NUMBERS, WORD, Traced, finished

MISSED = object()                       # what a call returns that has to go the long way


class Entry:
    """A traced function with its state at hand."""

    def __init__(self, traced: Traced, args: tuple[Any, ...]) -> None:
        self.traced, self.lowered = traced, traced.lowered
        self.holders: Any = traced.holders
        self.pattern = [_pattern(x) for x in args]
        self.count = len(args)
        self.state: list[Any] = []
        self.leaves: list[Any] = []
        self.data: list[Any] = []
        self.numbers: list[Any] = []
        self.written: list[Any] = []
        self.owners: set[int] = set()           # of the memory that changes
        self.moving: list[bool] = []
        if self.holders:
            self._bind()
        n = len(traced.changed)
        self.takers = self.lowered.takers[n:]
        self.single = len(traced.found) == 1 and not isinstance(traced.out, (tuple, list, dict))

    def _bind(self) -> None:
        """Take hold of the arrays of the state."""
        self.holders.changed()
        places = self.holders.places
        for place, name in places:
            x = place[name] if type(place) is dict else place.data
            if type(x) is ndarray:
                self.state.append(x.reshape(-1))
                self.owners.add(owner(x))
            else:
                self.numbers.append((place, name))
            if type(place) is not dict:
                self.leaves.append(place)
                self.moving.append(place.tracked)
                self.data.append(x)
        position = {word: i for i, word in enumerate(self.holders.words)}
        lowered = self.lowered
        changed = [(places[i], x, take) for i, x, take in zip(
            self.traced.changed, lowered.program.outputs, lowered.takers) if take]
        self.written = [(place, name, position[id(place), name],
                         lowered.numbers.index(x) if x in lowered.numbers else None, take)
                        for (place, name), x, take in changed]

    def __call__(self, args: tuple[Any, ...]) -> Any:
        """The result; MISSED where these arguments or this state are of another kind."""
        if len(args) != self.count:
            return MISSED
        flat, weak = self.state[:], []
        holders = self.holders
        if holders:
            if not holders.same() or not all(
                    map(is_, [x.node.data for x in self.leaves], self.data)) or (
                    [x.tracked for x in self.leaves] != self.moving):
                return MISSED
            weak = [place[name] for place, name in self.numbers]
        for x, (kind, shape, dtype) in zip(args, self.pattern):
            if type(x) is not kind:
                return MISSED
            if dtype is not None:
                if kind is Tensor:
                    if x.tracked:
                        return MISSED
                    x = x.node.data
                if x.shape != shape or x.dtype is not dtype or not x.flags.carray or (
                        owner(x) in self.owners):
                    return MISSED
                flat.append(x.reshape(-1))
            elif kind in NUMBERS:
                if kind is int and not -WORD <= x < WORD:
                    return MISSED
                weak.append(x)
            elif x is not shape:
                return MISSED
        outs, found = self.lowered.call(flat, weak)
        for place, name, i, k, take in self.written:
            place[name] = holders.seen[i] = (
                found[k] if k is not None else take(flat, outs, found))
        traced = self.traced
        new = [finished(like, take(flat, outs, found))
               for like, take in zip(traced.results, self.takers)]
        return new[0] if self.single else rebuild(traced.out, traced.filled(new))


def _pattern(x: Any) -> tuple[Any, Any, Any]:
    """The type of an argument, its shape and dtype; of what is part of the program, itself."""
    data = raw(x) if not isinstance(x, Stateful) else x
    if type(data) is ndarray:
        return type(x), data.shape, data.dtype
    return type(x), None if type(x) in NUMBERS else x, None
