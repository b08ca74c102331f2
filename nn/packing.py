"""An update works element by element, so that of many small parameters is that of one long array.

Over NumPy most of what a small update takes is the calls. What an optimiser keeps for small
parameters lies end to end, each state a view of its part; their numbers and gradients are brought
beside it for the time of an update. Any other parameter is updated alone, which means the same.
"""

from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Any, NamedTuple

import numpy

from autograd.compiling.stateful import owner

SMALL = 1 << 14                     # elements; beyond, a copy costs more than the calls
State = dict[str, Any]


def elementwise(update: Callable[..., Any]) -> Callable[..., Any]:
    """Mark the `_update` of an optimiser as one that works element by element."""
    update.elementwise = True                                               # type: ignore
    return update


class Moving(NamedTuple):
    """A parameter that has a gradient: both as arrays or floats, and what is kept for it."""

    p: Any
    data: Any
    g: Any
    state: State


class Packing:
    """The packs of an optimiser, one for each group. A copy of it is empty."""

    __slots__ = ("before", "packs")             # nothing that a program would have to watch

    def __init__(self) -> None:
        self.packs: dict[int, Pack] = {}
        self.before: dict[int, list[State]] = {}    # which states would have gone in one last time

    def update(self, i: int, update: Callable[..., Any], kept: Collection[str], group: State,
               moving: list[Moving]) -> list[Moving]:
        """Update those parameters of group i that go in a pack; returns the others.

        `kept` are the names of what the update reads of a state.
        """
        if not getattr(update, "elementwise", False):
            return moving
        pack = self.packs.get(i)
        if pack is None or not pack.holds(moving, kept):
            places = _small(moving)
            states, before = [moving[k].state for k in places], self.before.get(i, [])
            self.before[i] = states
            if len(places) < 2 or len(before) != len(places) or not all(
                    mine is state and _is_complete(state, kept, moving[k].data)
                    for k, mine, state in zip(places, before, states, strict=True)):
                return moving
            pack = self.packs[i] = Pack(moving, places, kept)
        pack.update(update, moving, group)
        return [moving[k] for k in pack.others]

    def __reduce__(self) -> Any:
        return Packing, ()


class Pack:
    """Small parameters of one dtype that are updated together, and what is kept for them.

    `places` says which they are of those that move.
    """

    def __init__(self, moving: list[Moving], places: list[int], kept: Collection[str]) -> None:
        own = [moving[k] for k in places]
        self.names, self.places, self.count = set(kept), places, len(moving)
        self.others = [k for k in range(len(moving)) if k not in places]
        self.arrays, self.states = [one.data for one in own], [one.state for one in own]
        self.flat = [x.reshape(-1) for x in self.arrays]
        self.numbers, self.gradients = numpy.concatenate(self.flat), numpy.concatenate(self.flat)
        self.kept, self.views = {}, [dict[str, Any]() for _ in own]
        for name in kept:
            if isinstance(self.states[0][name], numpy.ndarray):
                self.kept[name] = numpy.concatenate(
                    [state[name].reshape(-1) for state in self.states])
                for state, views, part in zip(self.states, self.views,
                                              self._parts(self.kept[name]), strict=True):
                    state[name] = views[name] = part
        self.parts = self._parts(self.numbers)
        self.counts = self.names - self.kept.keys()

    def _parts(self, buffer: Any) -> list[Any]:
        """A buffer cut into arrays of the parameters' shapes."""
        stops = numpy.cumsum([0, *(x.size for x in self.arrays)]).tolist()
        return [buffer[start:stop].reshape(x.shape)
                for x, (start, stop) in zip(self.arrays, pairwise(stops), strict=True)]

    def holds(self, moving: list[Moving], kept: Collection[str]) -> bool:
        """Whether the same move as when this was packed, and what is kept for them is here."""
        if len(moving) != self.count or self.names != set(kept):
            return False
        first, dtype = self.states[0], self.numbers.dtype
        for k, x, mine, views in zip(self.places, self.arrays, self.states, self.views,
                                     strict=True):
            _, data, g, state = moving[k]
            if (data is not x or state is not mine or type(g) is not numpy.ndarray
                    or g.dtype is not dtype or g.shape != x.shape or not x.flags.writeable):
                return False
            for name, view in views.items():
                if state.get(name) is not view:
                    return False
            for name in self.counts:
                if state.get(name) != first.get(name):
                    return False
        return True

    def update(self, update: Callable[..., Any], moving: list[Moving], group: State) -> None:
        """Update the parameters as if they were one."""
        state = {**self.states[0], **self.kept}
        numpy.concatenate(self.flat, out=self.numbers)
        numpy.concatenate([moving[k].g.reshape(-1) for k in self.places], out=self.gradients)
        new = update(self.numbers, self.gradients, state, group)
        if new is not self.numbers:
            self.numbers[...] = new
        for x, part in zip(self.arrays, self.parts, strict=True):
            x[...] = part
        for name, buffer in self.kept.items():
            if state[name] is not buffer:
                buffer[...] = state[name]
        for name in self.counts:
            for mine in self.states:
                mine[name] = state[name]


def _is_complete(state: State, kept: Collection[str], data: Any) -> bool:
    """Whether a state has all that is kept, its arrays like those of the parameter."""
    arrays = [state.get(name) for name in kept]
    return all(
        type(x) in (int, float) or (type(x) is numpy.ndarray and x.dtype is data.dtype
                                    and x.shape == data.shape) for x in arrays)


def _small(moving: list[Moving]) -> list[int]:
    """The places of those that go in one pack: NumPy's, of one dtype, at the same step."""
    found: list[int] = []
    owners = [owner(data) if type(data) is numpy.ndarray else None
              for _, data, *_ in moving]        # of two in one memory each sees the other's update
    for k, (_, data, g, state) in enumerate(moving):
        if (type(data) is not numpy.ndarray or type(g) is not numpy.ndarray
                or data.size > SMALL or data.dtype.kind != "f" or data.dtype is not g.dtype
                or data.shape != g.shape or not data.flags.c_contiguous
                or not data.flags.writeable):
            continue
        first = moving[found[0] if found else k]
        if (owners.count(owners[k]) == 1 and data.dtype is first.data.dtype
                and state.get("step") == first.state.get("step")):
            found.append(k)
    return found
