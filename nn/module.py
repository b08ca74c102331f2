"""A module is an object whose attributes hold parameters: it finds, names, saves and resets them.

There is nothing to register and no `super().__init__()` to forget: parameters are found when they
are asked for, in the order in which the attributes were set, through lists, tuples and dicts.
"""

import reprlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from autograd import ArgumentError, Tensor, Value, no_grad
from autograd.compiling.stateful import Stateful
from autograd.errors import describe
from autograd.modes import enter, leave
from autograd.node import ZERO
from autograd.show.wording import short
from autograd.storage import copy, writable

from .loading import fitted, listed
from .moving import moved, portable

_PLAIN = frozenset({int, float, bool, str, bytes, complex, type(None)})     # nothing inside these


class Module(Stateful):
    """Anything with parameters: subclass it, set attributes, write `forward`.

    A parameter is a leaf: a Tensor that requires a gradient, or a Value. A leaf Tensor that
    requires none is a buffer: saved with the parameters, but not trained.
    """

    training: bool = True               # what Dropout asks; set by train() and eval()

    def __call__(self, *args: Any, **options: Any) -> Any:
        outer = enter(type(self).__name__)          # a scope: drawings fold modules into boxes
        try:
            return self.forward(*args, **options)
        finally:
            leave(outer)

    def forward(self, *args: Any, **options: Any) -> Any:
        """The result of this module; each subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method\n"
                                  "help: write def forward(self, x): in the class")

    # -- what it holds -----------------------------------------------------------------------------

    def named_parameters(self) -> list[tuple[str, Any]]:
        """Each parameter once, with its path: ("layers.0.weight", Tensor)."""
        return [(name, x) for name, x in _found(self) if _is_parameter(x)]

    def parameters(self) -> list[Any]:
        """Each parameter once, in definition order: Tensors that require a gradient and Values."""
        return [x for _, x in _found(self) if _is_parameter(x)]

    def named_modules(self) -> list[tuple[str, "Module"]]:
        """This module, whose path is "", and every one inside it, each once, with its path."""
        return [(name, x) for name, x in _found(self) if isinstance(x, Module)]

    def modules(self) -> list["Module"]:
        """This module and every one inside it, each once."""
        return [x for _, x in self.named_modules()]

    def count(self) -> int:
        """How many numbers the parameters hold together."""
        return sum(_size(p) for p in self.parameters())

    # -- what is done to all of it -----------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Switch this module and all inside it to training (or evaluation); returns it."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch to evaluation: Dropout passes everything."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Forget every gradient: None on Tensors, 0.0 on Values."""
        for p in self.parameters():
            p.grad = ZERO if isinstance(p, Value) else None

    def to(self, device: Any = None, *, storage: str | None = None, dtype: Any = None) -> Self:
        """Move parameters and buffers, with their gradients, in place; returns it.

        `device` and `storage` are those of `Tensor.to`: "cuda", storage="torch"; `dtype` is for the
        floats. Optimisers keep their parameters, and take their state along at the next step.
        Raises StorageError for what is not there, DtypeError where JAX could not keep the dtype.
        """
        own = [x for _, x in leaves(self)]
        if any(isinstance(x, Value) for x in own):
            raise ArgumentError(f"a {self.title()} of Values is on no device",
                                "make it one of Tensors first: model.vectorize()")
        arrays = [x.data for x in own] + [x.grad.data for x in own if x.grad is not None]
        new = iter([moved(x, device, storage, dtype) for x in arrays])     # all, or none
        for leaf in own:
            leaf.replace(next(new))
        for leaf in own:
            if leaf.grad is not None:
                leaf.grad = next(new)
        return self

    # -- saving and loading ------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Parameters and buffers by name: NumPy arrays, of any storage; a float for each Value."""
        return {name: x.data if isinstance(x, Value) else portable(x.data)
                for name, x in leaves(self)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Write the numbers of a `state_dict` into this module; leaves, dtypes and devices stay.

        Raises ArgumentError that names all missing, unknown and unfit entries; nothing has been
        written then.
        """
        if not isinstance(state, Mapping):
            raise ArgumentError(f"{describe(state)} is no state of a {self.title()}",
                                "give what state_dict() returned")
        own, new = dict(leaves(self)), {}
        problems = [f"missing {name}: {_shape_text(x)}"
                    for name, x in own.items() if name not in state]
        problems += [f"unknown {short(name, 80)}: {describe(x)}"
                     for name, x in state.items() if name not in own]
        for name in [name for name in own if name in state]:
            try:
                new[name] = fitted(state[name], own[name].data)
            except ArgumentError as error:
                problems.append(f"unfit {name}: {error}")
        if problems:
            what = [f"the state is not that of this {self.title()}; nothing was loaded",
                    *listed(problems)]
            raise ArgumentError("\n  ".join(what),
                                "build the model with the sizes it had when it was saved")
        for name, data in new.items():
            _write(own[name], data)

    # -- reading -----------------------------------------------------------------------------------

    def title(self) -> str:
        """What this is called where it is shown."""
        return type(self).__name__

    @reprlib.recursive_repr("...")
    def __repr__(self) -> str:
        own = [f"{key}={value!r}" for key, value in vars(self).items() if key != "training"
               and isinstance(value, (bool, int, float, str)) and not key.startswith("_")]
        held: list[tuple[str, Any]] = []
        _collect(self, "", set(), held, inside=False)
        own += [f"{name}: {_shape_text(x)}" for name, x in held if isinstance(x, Tensor)]
        values = sum(isinstance(x, Value) for _, x in held)
        own += [f"{values} Values"] if values else []
        children = [(name, x) for name, x in held if isinstance(x, Module)]
        count = f"  # {self.count():,} parameters" if self.parameters() else ""
        if not children:
            return f"{self.title()}({', '.join(own)}){count}"
        lines = own + [f"({name}): {x!r}".replace("\n", "\n  ") for name, x in children]
        return f"{self.title()}({count}\n" + "".join(f"  {line}\n" for line in lines) + ")"

    def draw(self, *args: Any, **options: Any) -> Any:
        """The graph of one call as a picture, a `Graph`: of the example given, or of zeros.

        Options are those of autograd.show.draw. Raises ArgumentError where no example is given and
        no layer tells how many inputs it takes.
        """
        from autograd.show import draw

        return draw(self, *(args or (self._any_example(),)), **options)

    def example(self) -> Any:
        """An input of zeros, where this layer tells how many numbers it takes; else None."""
        return None

    def _any_example(self) -> Any:
        for module in self.modules():
            if (found := module.example()) is not None:
                return found
        raise ArgumentError(f"no layer of {self.title()} tells how many inputs it takes",
                            "give an example of one: model.draw(x)")

    def _repr_html_(self) -> str | None:
        from .outline import outline

        with suppress(Exception):               # a subclass is anybody's; then the repr stands
            return outline(self)
        return None


# -- finding ---------------------------------------------------------------------------------------

def _collect(holder: Any, path: str, seen: set[int], found: list[tuple[str, Any]],
             inside: bool = True) -> None:
    """Add every module and leaf below `holder` to `found`, each once; into modules if `inside`."""
    seen.add(id(holder))
    if isinstance(holder, (list, tuple)):
        children: Any = enumerate(holder)
    else:
        children = (holder if isinstance(holder, dict) else vars(holder)).items()
    for key, x in children:
        kind = type(x)
        if kind in _PLAIN or id(x) in seen:
            continue
        if kind is Value:                               # a final class
            if x.op is None:
                seen.add(id(x))
                found.append((f"{path}{key}", x))
        elif isinstance(x, Tensor):
            if x.is_leaf:
                seen.add(id(x))
                found.append((f"{path}{key}", x))
        elif isinstance(x, (list, tuple, dict, Module)):
            module = isinstance(x, Module)
            if module:
                found.append((f"{path}{key}", x))
                seen.add(id(x))
            if inside or not module:
                _collect(x, f"{path}{key}.", seen, found, inside)


def _found(module: Module) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [("", module)]
    _collect(module, "", set(), found)
    return found


def _is_parameter(x: Any) -> bool:
    return isinstance(x, Value) or (isinstance(x, Tensor) and x.requires_grad)


def leaves(module: Module) -> list[tuple[str, Any]]:
    """Parameters and buffers with their paths, each once."""
    return [(name, x) for name, x in _found(module) if not isinstance(x, Module)]


def _size(p: Any) -> int:
    return 1 if isinstance(p, Value) else p.size


def _shape_text(x: Any) -> str:
    return "a Value" if isinstance(x, Value) else str(x.shape)


# -- keeping and loading ---------------------------------------------------------------------------

def snapshot(module: Module) -> dict[str, Any]:
    """The `state_dict` of a module with its arrays where they are: nothing is transferred."""
    return {name: x.data if isinstance(x, Value) else copy(x.data) for name, x in leaves(module)}


def _write(leaf: Any, data: Any) -> None:
    if isinstance(leaf, Value) or not writable(leaf.data):
        leaf.data = data
        return
    with no_grad():
        leaf[...] = data
