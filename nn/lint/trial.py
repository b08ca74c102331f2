"""A trial is a copy of a model on a few of its rows, to be looked at and trained without harm."""

import copy
import math
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

import numpy

from autograd import ArgumentError, Tensor, Value, enable_grad, no_grad
from autograd.storage import quiet
from autograd.sweep import history

from ..data import taken
from ..evaluation import forward, is_scalar, one
from ..given import raw
from ..layers import Dropout
from ..metrics import numbers
from ..module import Module
from ..moving import placed
from ..optimizer import Optimizer, gradient
from .findings import Finding

ROWS, ROWS_OF_VALUES = 64, 16


class Trial:
    """A copy of a model without gradients, and what it predicts for some rows.

    Layers are as in training, but Dropout passes everything: two looks see the same. `stored` is
    the gradients that the model came with.
    """

    def __init__(self, model: Module, x: Any, y: Any, loss: Callable[[Any, Any], Any],
                 optimizer: Optimizer | None = None, step: Callable[..., Any] | None = None,
                 stored: list[Any] | None = None) -> None:
        self.original, self.loss, self.step = (model, optimizer), loss, step
        self.stored, self.scalar, self.all = stored or [], is_scalar(model), numbers(y)
        self.data = x, y
        n, most = len(self.all), ROWS_OF_VALUES if self.scalar else ROWS
        self.is_small = n <= 20 * most
        self.rows = numpy.arange(n) if n <= most else numpy.sort(
            numpy.random.default_rng(0).choice(n, most, replace=False))
        self.x, self.y = taken(x, self.rows), taken(y, self.rows)
        self.model, self.optimizer = self.copies()
        with enable_grad(), quiet():
            self.predictions = forward(self.model, self.x)
        if isinstance(self.predictions, tuple):
            raise ArgumentError(f"the model gives {len(self.predictions)} things for a batch",
                                "check one that returns its predictions alone")
        self.found, self.targets = numbers(self.predictions), numbers(self.y)

    def findings(self, looks: Iterable[Callable[["Trial"], Iterator[Finding]]]) -> list[Finding]:
        """What some looks at this find."""
        return [finding for look in looks for finding in look(self)]

    def copies(self) -> tuple[Any, Any]:
        """The model and the optimiser anew."""
        model, optimizer = copy.deepcopy(self.original)
        for module in model.modules():
            module.training = not isinstance(module, Dropout)
        return model, optimizer

    @cached_property
    def start(self) -> float:
        """The loss as it is; nan where it refuses."""
        return self.value(self.found, self.y)

    @property
    def refused(self) -> bool:
        """Whether there is no loss, or none that is finite."""
        return not math.isfinite(self.start)

    def value(self, predictions: Any, targets: Any) -> float:
        """The loss of some numbers as predictions; nan where it refuses."""
        with suppress(Exception), no_grad(), quiet():   # the loss is anybody's
            return _number(self.loss(self._alike(predictions), targets))
        return math.nan

    def _alike(self, x: Any) -> Any:
        """Numbers as the model gives them."""
        if not self.scalar:
            return Tensor(placed(x, raw(self.predictions)))
        return [self._alike(row) for row in x] if numpy.ndim(x) else Value(float(x))

    def nodes(self) -> list[Any]:
        """What the predictions were computed from, oldest first; of a model of Values nothing."""
        return history([self.predictions.node]) if isinstance(self.predictions, Tensor) else []

    def predicted(self, model: Any) -> Any:
        """What a model predicts, in numbers."""
        with no_grad(), quiet():
            return numbers(forward(model, self.x))

    def loss_of(self, model: Any) -> float:
        """The loss of a model; raises what the loss raises."""
        with no_grad(), quiet():
            return _number(self.loss(forward(model, self.x), self.y))

    def backward(self, model: Any, data: Any = None) -> list[Any]:
        """The gradients of a model, arrays or floats, None where there is none; on other data."""
        x, y = data or (self.x, self.y)
        with enable_grad(), quiet():
            model.zero_grad()
            one(self.loss(forward(model, x), y)).backward()
        return [gradient(p) for p in model.parameters()]

    def train(self, model: Any, optimizer: Any) -> None:
        """One step."""
        if self.step is None:
            self.backward(model)
            optimizer.step()
        else:
            with enable_grad(), quiet():
                self.step(model, optimizer, self.x, self.y)


def _number(loss: Any) -> float:
    return float(one(loss).item() if isinstance(loss, Tensor) else one(loss).data)


@contextmanager
def untouched(model: Module) -> Iterator[list[Any]]:
    """Inside, the model has no gradients, and random numbers may be drawn; then all is as it was.

    Gives its gradients. A loss may look at the model itself, a layer draw from NumPy's generator.
    """
    parameters = model.parameters()
    grads, found = [p.grad for p in parameters], [gradient(p) for p in parameters]
    states = random.getstate(), numpy.random.get_state()
    try:
        model.zero_grad()
        yield found
    finally:
        random.setstate(states[0])
        numpy.random.set_state(states[1])
        for p, grad in zip(parameters, grads, strict=True):
            p.grad = grad
