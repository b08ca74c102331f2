"""Modes are switched on for a block: what is recorded, under which name, and with which checks.

Each is one context variable with one value inside, so that threads and tasks keep to themselves.
"""

import inspect
from contextlib import AbstractContextManager, ContextDecorator, nullcontext
from contextvars import ContextVar
from typing import Any

from .errors import ArgumentError, DefinitionError, describe
from .scopes import Place, Scope, Watched

_TOP = Scope("", None)
_scope: ContextVar[Scope | None] = ContextVar("scope", default=_TOP)
here = _scope.get               # called once per operation: the scope to record in, None in no_grad
_bridging: ContextVar[bool] = ContextVar("bridging", default=False)
bridging = _bridging.get        # may a Value meet an array? in transforms it may
_debugging: ContextVar[bool] = ContextVar("debugging", default=False)
debugging = _debugging.get      # is recorded data to be checked before a walk?

_outer: ContextVar[tuple[Any, ...]] = ContextVar("outer", default=())


def recording() -> bool:
    """Whether a graph is being recorded."""
    return here() is not None


def origin() -> Scope | None:
    """Where a node of now comes from: the scope, in debug mode with the line of code."""
    scope = here()
    return Place(scope) if type(scope) is Watched else scope


def enter(name: str) -> Scope | None:
    """Begin the scope `name`; give what is returned to `leave`. What `with scope(name)` does."""
    outer = here()
    if outer is not None:
        _scope.set(type(outer)(name, outer))
    return outer


leave = _scope.set


class _Mode(ContextDecorator):
    """A context (and decorator) in which context variables have the values of `inside`."""

    def inside(self) -> dict[ContextVar[Any], Any]:
        """The values by variable."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __enter__(self) -> None:
        new = self.inside()
        _outer.set((*_outer.get(), {variable: variable.get() for variable in new}))
        for variable, value in new.items():
            variable.set(value)

    def __exit__(self, *_: object) -> None:
        *rest, before = _outer.get() or ({},)           # a generator may be closed elsewhere
        _outer.set(tuple(rest))
        for variable, value in before.items():
            variable.set(value)

    def __call__(self, function: Any) -> Any:
        if isinstance(function, type):
            raise DefinitionError(f"{type(self).__name__} cannot decorate the class "
                                  f"{function.__name__}", "decorate its methods")
        if (inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function)
                or inspect.isasyncgenfunction(function)):
            raise DefinitionError(f"{type(self).__name__} cannot decorate {function.__name__}, "
                                  "which runs in pieces", "write `with` inside, around each")
        return super().__call__(function)


class no_grad(_Mode):
    """Inside, nothing is recorded. Works as `with no_grad():` and as `@no_grad()`."""

    def inside(self) -> dict[ContextVar[Any], Any]:
        return {_scope: None}


class enable_grad(_Mode):
    """Inside, operations are recorded again, also within `no_grad()`."""

    def inside(self) -> dict[ContextVar[Any], Any]:
        outer = [here(), *(before[_scope] for before in reversed(_outer.get()) if _scope in before)]
        scope = next((scope for scope in outer if scope is not None), _TOP)
        return {_scope: Watched("", scope) if debugging() and scope else scope}


_as_it_is = nullcontext()


def recorded() -> AbstractContextManager[None]:
    """`enable_grad()`, or nothing where operations are recorded as usual."""
    return _as_it_is if here() else enable_grad()


class scope(_Mode):
    """Inside, what is recorded belongs to a block called `name`, which drawings fold into one box.

    Blocks lie within each other; a Module is one by itself. Raises ArgumentError for an empty name.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name.strip():
            raise ArgumentError(f"a scope called {describe(name)}", 'name it: scope("encoder")')
        self.name = name

    def inside(self) -> dict[ContextVar[Any], Any]:
        outer = here()
        return {_scope: outer if outer is None else type(outer)(self.name, outer)}


class lines(_Mode):
    """Inside, nodes keep their line of code."""

    def inside(self) -> dict[ContextVar[Any], Any]:
        outer = here()
        return {_scope: outer if outer is None else Watched("", outer)}


class debug(lines):
    """Inside, nodes keep their line of code, and backward checks what was recorded.

    It raises GraphError where recorded data was changed, where two leaves share memory, and for
    the first nan: with the operation, its operands, and the line if that was recorded in here.
    """

    def inside(self) -> dict[ContextVar[Any], Any]:
        return {_debugging: True, **super().inside()}


class bridge(_Mode):
    """Inside, a Value beside an array becomes a 0-d Tensor; outside that is an error."""

    def inside(self) -> dict[ContextVar[Any], Any]:
        return {_bridging: True}
