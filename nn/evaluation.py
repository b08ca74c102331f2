"""Evaluating is asking a model without teaching it: in eval mode, with nothing recorded."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import autograd.numpy as np
from autograd import Tensor, Value, no_grad
from autograd.errors import ArgumentError, GraphError, ShapeError, describe

from . import arguments
from .arguments import Metric
from .metrics import numbers
from .module import Module


def predict(model: Module, x: Any, batch_size: int | None = None) -> Any:
    """The predictions for rows x, in eval mode and without gradients: of a model of Values a list.

    With `batch_size` so many rows are asked for at a time, which takes less memory. The model is
    left in the mode it was in.
    """
    if batch_size is not None:
        arguments.check_counts("predict", batch_size=batch_size)
    with _evaluating(model), no_grad():
        if batch_size is None:
            return forward(model, x)
        x = arguments.beside("predict", model, "x", x)
        rows = x.shape[0]
        if rows <= batch_size:
            return forward(model, x)
        pieces = [forward(model, x[start:min(start + batch_size, rows), ...])
                  for start in range(0, rows, batch_size)]
        if isinstance(pieces[0], list):
            return [prediction for piece in pieces for prediction in piece]
        if not isinstance(pieces[0], Tensor):
            raise ArgumentError(f"the model gives {describe(pieces[0])} for a batch",
                                "ask for all rows at once: leave batch_size out")
        return np.concat(pieces)


def evaluate(model: Module, x: Any, y: Any, *, loss: str | Callable[[Any, Any], Any] | None = None,
             metrics: Any = (), batch_size: int | None = None) -> dict[str, float]:
    """Loss and metrics of the predictions for rows x, by name: {"loss": 0.31, "accuracy": 0.9}.

    Losses and metrics are those of `fit`, by name too, taken over all rows; the model is asked as
    `predict` does. Raises ArgumentError where neither is asked for.
    """
    wanted = arguments.metrics_of(metrics)
    if loss is None and not wanted:
        raise ArgumentError("evaluate without a loss and metrics",
                            'say what to measure: loss="mse", metrics=["accuracy"]')
    function = None if loss is None else arguments.loss_of(loss)
    x, y = arguments.rows_of(model, x, y, "evaluate")
    return measured(predict(model, x, batch_size), y, function, wanted)


def measured(predictions: Any, y: Any, loss: Any,
             metrics: Mapping[str, Metric]) -> dict[str, float]:
    """The loss, unless it is None, and metrics of predictions by name."""
    with no_grad():
        row = {} if loss is None else {"loss": float(one(loss(predictions, y)).item())}
        return row | {name: float(metric(predictions, y)) for name, metric in metrics.items()}


def forward(model: Any, x: Any) -> Any:
    """The predictions for rows x in the mode that is on, recorded if that is on."""
    if not is_scalar(model):
        return model(x)
    return [model(row) for row in numbers(x).tolist()]


def is_scalar(model: Any) -> bool:
    """Whether the model is one of Values, which takes one row at a time."""
    parameters = model.parameters()
    return bool(parameters) and isinstance(parameters[0], Value)


@contextmanager
def _evaluating(model: Module) -> Iterator[None]:
    """Inside, the model evaluates; afterwards each module of it is in the mode it was in."""
    before = [module for module in model.modules() if module.training]
    try:
        for module in before:
            module.training = False
        yield
    finally:
        for module in before:
            module.training = True


def one(loss: Any) -> Any:
    """The loss; ShapeError if it is not one number, GraphError if it is a plain one."""
    if not isinstance(loss, Value | Tensor):
        raise GraphError(f"the loss is {describe(loss)}, not recorded",
                         "compute it from the predictions: loss(predictions, targets)")
    if isinstance(loss, Tensor) and loss.size != 1:
        raise ShapeError(f"the loss has shape {loss.shape}", "reduce it to its mean: loss.mean()")
    return loss
