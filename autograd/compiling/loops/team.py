"""A team is threads that run one function over large arrays, each its share, meeting between steps.

Machine code leaves Python's lock, so that a call by each of them is all that Python does. Products
are shared as loops are; BLAS has one thread the while, so that none of its own spin.
"""

import operator
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy

from .. import machine
from .threads import one_thread

POSIX = os.name == "posix"
LARGE = 40_000_000                      # multiply-adds, half a millisecond: to wake takes 0.05
EACH = 64                               # of them have the time of a number in a loop


class Team:
    """Threads that wait for a call, beside the one that makes it."""

    def __init__(self, size: int) -> None:
        self.size, self.desk = size, numpy.zeros(8, int)    # see functions.meet
        self.call: Any = None
        self.failed: BaseException | None = None
        self.gates = [threading.Lock() for _ in range(size - 1)]
        for i, gate in enumerate(self.gates, 1):
            gate.acquire()
            threading.Thread(target=self._work, args=(i, gate), daemon=True,
                             name=f"wengert {i}").start()

    def _work(self, me: int, gate: Any) -> None:
        while gate.acquire() and not self.desk[2]:
            try:
                self._share(me)
            except BaseException as error:
                self.failed, self.desk[2] = error, 1

    def _share(self, me: int) -> None:
        function, memory = self.call
        function(*memory, self.desk, me, self.size)

    def run(self, function: Callable[..., Any], *memory: Any) -> Any:
        """Let all call a function: with memory, the desk, who one is, and how many they are."""
        self.call = function, memory
        mine = partial(function, *memory, self.desk, 0, self.size)
        calls = [gate.release for gate in self.gates] + [mine]
        with one_thread:
            *_, found = map(operator.call, calls)       # at once: no interrupt comes between
        self.call = None                                # whose memory is not ours to keep
        if self.failed:
            raise self.failed
        return found

    def dismiss(self) -> None:
        """Send the threads home, wherever they wait."""
        self.desk[2] = 1
        for gate in self.gates:
            with suppress(RuntimeError):                # it is open
                gate.release()


class Office:
    """Who is hired in this process: one team, for one call at a time."""

    def __init__(self) -> None:
        self.lock, self.team = threading.Lock(), Team(1)

    def run(self, most: int, function: Callable[..., Any], *memory: Any) -> Any:
        """Let a team, of so many at most, call a function."""
        with self.lock:
            if self.team.size != (now := min(most, size())):
                self.team.dismiss()
                self.team = Team(now)
            try:
                return self.team.run(function, *memory)
            except BaseException:
                self.team.dismiss()
                self.team = Team(1)
                raise


def size() -> int:
    """How many share the work: as many as BLAS has threads."""
    return min(machine.processors(), one_thread.threads()) if POSIX else 1


def helpful(products: list[int], loops: list[int]) -> int:
    """How many should share a program of so many multiply-adds and numbers; 0 for no team.

    Where products are most of the work, none: those BLAS shares as well, and what one thread has
    just computed is in its own cache.
    """
    large = EACH * sum(loops) > max(LARGE, sum(products))
    return size() if large and size() > 1 else 0


office = Office()
if POSIX:
    os.register_at_fork(after_in_child=office.__init__)     # type: ignore[misc]
