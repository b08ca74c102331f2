"""A pure step is an ordinary training step as a function of what it changes: state in, state out.

An ordinary step changes a model and an optimiser in place and returns a loss. What compiles
programs, `jax.jit` above all, takes functions of arrays that change nothing.
"""

from collections.abc import Callable
from typing import Any

from autograd import Tensor, Value
from autograd.compiling.stateful import Held, Stateful
from autograd.containers import leaves as flat, rebuild
from autograd.errors import ArgumentError, GraphError, describe
from autograd.storage import copy, is_array, traced, writable

from .module import Module, leaves
from .optimizer import Optimizer


class _Before:
    """A gradient of before a pure step, which is no part of its state: to read it raises."""

    def __getattr__(self, name: str) -> Any:
        raise GraphError("the step reads gradients that were there before it, and a pure or "
                         "compiled step has none", "begin it with optimizer.zero_grad()")

    def __add__(self, gradient: Any) -> Any:
        return self

    __radd__ = __add__


BEFORE = _Before()


class Pure:
    """`step(*args)`, which changes modules and optimisers, as (state, *args) → (state, result).

        run = nn.Pure(step, model, optimizer)           # step(x, y) trains both, returns the loss
        fast, state = jax.jit(run), run.state()
        for x, y in data:
            state, loss = fast(state, x, y)
        run.load(state)

    The state is dicts and lists of arrays and numbers: parameters, buffers, what optimisers keep
    and their rates. What `jax.jit` is given are arrays too: of a Tensor x write x.data. Tensors
    that the step returns come out as arrays. Raises ArgumentError for an optimiser whose model is
    not here.
    """

    def __init__(self, step: Callable[..., Any], *holders: Module | Optimizer) -> None:
        for holder in holders:
            if not isinstance(holder, Module | Optimizer):
                raise ArgumentError(f"a pure step that changes {describe(holder)}",
                                    "give the step, then the models and optimisers it changes")
        self.step, self.holders = step, holders
        self.__name__ = getattr(step, "__name__", "step")       # what a compiler calls it
        if any(isinstance(p, Value) for p in self._parameters()):
            raise ArgumentError("a pure step of a model of Values",
                                "make it one of Tensors first: model.vectorize()")
        held = {id(x) for holder in holders if isinstance(holder, Module)
                for _, x in leaves(holder)}
        for p in self._parameters():
            if id(p) not in held:
                raise ArgumentError(f"a pure step of an optimiser without the model of its "
                                    f"parameter, a {describe(p)}",
                                    "give both: nn.Pure(step, model, optimizer)")

    def state(self) -> list[Any]:
        """What the step will change, as it is now."""
        for holder in self.holders:
            if isinstance(holder, Optimizer):
                holder.start()
        return self._get()

    def places(self) -> list[tuple[Any, str]]:
        """Where each number and array of the state is: a Tensor or a dict, and its word there."""
        found: list[tuple[Any, str]] = []
        for holder in self.holders:
            if isinstance(holder, Module):
                found += [(leaf, "data") for _, leaf in leaves(holder)]
            else:
                found += [(group, "lr") for group in holder.param_groups]
                found += [(kept, name) for kept in holder.state for name in kept]
        return found

    def load(self, state: list[Any]) -> None:
        """Put a state into the models and optimisers."""
        for holder, part in zip(self.holders, state, strict=True):
            if isinstance(holder, Module):
                for name, leaf in leaves(holder):
                    leaf.data = part[name]
            else:
                for group, lr in zip(holder.param_groups, part["lr"], strict=True):
                    group["lr"] = lr
                for kept, new in zip(holder.state, part["state"], strict=True):
                    kept.clear()                # the same dicts: a compiled step knows them
                    kept.update(new)

    def __call__(self, state: list[Any], *args: Any, **options: Any) -> tuple[list[Any], Any]:
        """The step from `state`: the state after it, and what it returned."""
        state, result = self.run(state, *args, **options)
        return state, rebuild(result, [x.data if isinstance(x, Tensor) else x
                                       for x in flat(result)])

    def run(self, state: list[Any], *args: Any, **options: Any) -> tuple[list[Any], Any]:
        """The same with the Tensors that the step returned as they are."""
        parameters, before = self._parameters(), self._get()
        gradients = [p.grad for p in parameters]
        optimizers = [holder for holder in self.holders if isinstance(holder, Optimizer)]
        for optimizer in optimizers:
            optimizer.pure = True
        held = Held(list(self.holders), self.places())
        try:
            self.load(rebuild(state, [copy(x) if is_array(x) and (
                writable(x) or (traced(x) and x.shape)) else x for x in flat(state)]))
            for p in parameters:
                p.node.grad = BEFORE
            result = self.step(*args, **options)
            after = self._get()
        finally:                                # nothing of a traced step may stay behind
            kept = held.restore()
            for optimizer in optimizers:
                optimizer.pure = False
            self.load(before)
            for p, gradient in zip(parameters, gradients, strict=True):
                p.grad = gradient
        if kept:
            raise GraphError(f"the step changes {kept}, which is no parameter, buffer or rate",
                             "make it a buffer, a Tensor from the start, or return it")
        return after, result

    def _get(self) -> list[Any]:
        return [{name: leaf.data for name, leaf in leaves(holder)} if isinstance(holder, Module)
                else {"lr": [group["lr"] for group in holder.param_groups],
                      "state": [dict(kept) for kept in holder.state]} for holder in self.holders]

    def _parameters(self) -> list[Any]:
        found = [p for holder in self.holders for p in (
            holder.parameters() if isinstance(holder, Module)
            else [p for group in holder.param_groups for p in group["params"]])]
        return list({id(p): p for p in found}.values())


Stateful.purely = Pure
