"""HIPS autograd's way to make a primitive: `primitive` hides a function, `defvjp` says its rules.

    @primitive
    def logsumexp(x): return compiled.logsumexp(x)          # gets plain floats or arrays

    defvjp(logsumexp, lambda ans, x: lambda g: g * np.exp(x - ans))

Forward mode and higher orders follow from the same line. `custom_gradient` is the shorter way.
"""

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import GraphError
from .hips import named as _named
from .kinds import Custom
from .node import Operand

Vjp = Callable[..., Callable[[Any], Any]]       # (ans, *args, **kwargs) -> (g -> a gradient)


class Arguments(NamedTuple):
    """How one call was made: the places of the operands, and all else as it was given."""

    places: tuple[int, ...]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def call(self, function: Callable[..., Any], operands: Sequence[Any], *first: Any) -> Any:
        """The function of the operands, in their places among the rest."""
        args = list(self.args)
        for place, operand in zip(self.places, operands):
            args[place] = operand
        return function(*first, *args, **self.kwargs)


class primitive:
    """A function that is not looked into: it gets plain floats and arrays, and one result of it is
    recorded. Its gradient is what `defvjp` says; GraphError where that says nothing.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self.function = function
        self.vjps: dict[int, Vjp | None] = {}
        name = function.__name__ if function.__name__.isidentifier() else "unnamed"
        self.op = Custom(f"primitive_{name}", (self._rule,), infix=self._compute)
        self.op.floats = self._compute

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        places = tuple(i for i, arg in enumerate(args) if isinstance(arg, Operand))
        if not places:
            return self.function(*args, **kwargs)
        rest = tuple(None if isinstance(arg, Operand) else arg for arg in args)
        return self.op(*(args[i] for i in places), call=Arguments(places, rest, kwargs))

    def _compute(self, *operands: Any, call: Arguments) -> Any:
        return call.call(self.function, operands)

    def _rule(self, g: Any, z: Any, xs: Any, i: int, *, call: Arguments) -> Any:
        place = call.places[i]
        if place not in self.vjps:
            raise GraphError(f"the gradient of {self.function.__name__} with respect to argument "
                             f"{place} was asked for, and no vjp of it is defined",
                             "give it one with defvjp, or None if it has none")
        vjp = self.vjps[place]
        return vjp and call.call(vjp, xs, z)(g)


def defvjp(function: primitive, *vjps: Vjp | None, argnums: Sequence[int] | None = None) -> None:
    """Give a primitive its gradients, one vjp for each argument (of those in `argnums`).

    A vjp maps (ans, *args) to a function from g, in the shape of ans, to the gradient of its
    argument. None says that an argument has none.
    """
    places = range(len(vjps)) if argnums is None else argnums
    function.vjps.update(zip(places, vjps, strict=True))


if not TYPE_CHECKING:                   # else type checkers take any name for one of ours
    __getattr__ = _named(__name__)
