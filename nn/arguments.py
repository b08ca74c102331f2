"""The arguments of `fit`, made into what its loop uses; a wrong one is named with its edit."""

from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

import numpy

from autograd import Tensor
from autograd.errors import ArgumentError, GraphError, describe
from autograd.storage import asarray, device_of

from . import losses, metrics
from .data import check_data, split_rows, taken
from .distributed import Alone, Ranks
from .moving import apart, placed, together
from .optimizer import Optimizer
from .run import Callback, Function, Rows
from .schedules import Schedule

Metric = Callable[[Any, Any], float]

LOSSES = (losses.mse_loss, losses.l1_loss, losses.quadratic_loss, losses.huber_loss,
          losses.hinge_loss, losses.cross_entropy, losses.binary_cross_entropy)
METRICS = (metrics.accuracy, metrics.r2_score)
ELSEWHERE = {                           # what it was or is elsewhere called, and what it is here
    "verbose": "for verbose=0 give quiet=True",
    "validation_data": "for validation_data= give validation=(x, y)",
    "validation_split": "for validation_split=0.2 give validation=0.2",
    "learning_rate": "for learning_rate= give lr=",
    "early_stopping": "for early_stopping=3 give callbacks=[nn.EarlyStopping(3)]",
    "on_epoch": "for on_epoch=f give callbacks=[f]",
    "initial_epoch": "resume='run.safetensors' goes on after the last epoch of a Checkpoint",
    "shuffle": "rows are always shuffled; seed= decides their order"}


def refuse(unknown: Iterable[str], function: Callable[..., Any]) -> None:
    """Raise ArgumentError for options that the function, fit, does not have."""
    for word in unknown:
        options = [name for name, parameter in signature(function).parameters.items()
                   if parameter.kind is parameter.KEYWORD_ONLY]
        known = f"its options are {', '.join(options)}; quiet=True prints nothing"
        raise ArgumentError(f"fit has no option {word!r}", ELSEWHERE.get(word, known))


def check_counts(where: str, **counts: Any) -> None:
    """Raise ArgumentError unless all are whole numbers from 1 up."""
    for name, count in counts.items():
        if not isinstance(count, int | numpy.integer) or count < 1:
            raise ArgumentError(f"{where}: {name} is {count!r}", "give a whole number, 1 or more")


def data_of(model: Any, x: Any, y: Any, validation: Any, weights: Any,
            rng: numpy.random.Generator) -> tuple[Rows, Rows | None]:
    """(x, y) or (x, y, weights) to train on, and (x, y) to validate on, None without.

    A share of the rows is split off. Lists go where the model is. Raises StorageError for arrays
    that are elsewhere.
    """
    data: tuple[Any, ...] = rows_of(model, x, y)
    if weights is not None:
        data = *data, *(placed(weights, like) for like in _weights(model) or [weights])
    if isinstance(validation, int | float):
        chosen, held = split_rows(data[1], validation, seed=rng)
        return tuple(taken(a, chosen) for a in data), (taken(data[0], held), taken(data[1], held))
    if validation is None:
        return data, None
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise ArgumentError(f"validation is {describe(validation)}",
                            "give (x, y), or the share of rows to hold back, such as 0.2")
    return data, rows_of(model, validation[0], validation[1], of="validation's ")


def rows_of(model: Any, x: Any, y: Any, where: str = "fit", of: str = "") -> tuple[Any, Any]:
    """The data as Tensors or arrays, after `check_data`, with the model."""
    check_data(x, y)
    return beside(where, model, f"{of}x", x), beside(where, model, f"{of}y", y)


def _weights(model: Any) -> list[Any]:
    """An array of the model, unless it has none or is spread, and says itself what it takes."""
    arrays = [p.data for p in model.parameters() if isinstance(p, Tensor)]
    return arrays[:1] if all(together(array, arrays[0]) for array in arrays) else []


def beside(where: str, model: Any, name: str, x: Any) -> Any:
    """Data as a Tensor or array where the model is, which lists go to; StorageError elsewhere."""
    array = x.data if isinstance(x, Tensor) else asarray(x)
    for weight in _weights(model):
        if array is not x and not isinstance(x, Tensor):
            there = device_of(weight)
            return there.library.put(array, there.place)
        if not together(weight, array):
            raise apart(where, "the model", weight, name, array)
    return x if isinstance(x, Tensor) else array


def loss_of(loss: Any, weighted: bool = False) -> Callable[..., Any]:
    """The loss from a function or a name; one that gives a loss for each row if `weighted`."""
    function: Callable[..., Any] = _function("loss", loss, LOSSES)
    if weighted:
        try:
            signature(function).bind(None, None, reduction="none")
        except (TypeError, ValueError):
            raise ArgumentError(
                f"weights need a loss for each row, and {describe(function)} takes no reduction",
                'let it have the argument reduction, and return a loss for each row at "none": '
                'def loss(p, t, reduction="mean"): return nn.mse_loss(p, t, reduction)') from None
    return function


def metrics_of(given: Any) -> dict[str, Metric]:
    """Metrics by name, from a mapping, several, or one; each a function or a name."""
    if isinstance(given, Mapping):
        return {name: _function("metric", metric, METRICS) for name, metric in given.items()}
    several = [given] if isinstance(given, str) or callable(given) else given
    functions = [_function("metric", metric, METRICS) for metric in several]
    return {function.__name__: function for function in functions}


def _function(kind: str, given: Any, known: tuple[Callable[..., Any], ...]) -> Any:
    """A function as it is, a known one by name: "mse_loss", or "mse" for short."""
    if callable(given):
        return given
    for function in known:
        name = function.__name__
        if given in (name, name.removesuffix("_loss").removesuffix("_score")):
            return function
    raise ArgumentError(f"no {kind}: {describe(given)}",
                        f"name one of {', '.join(f.__name__ for f in known)}, or give a function "
                        "of (predictions, targets)")


def optimizer_of(model: Any, optimizer: Any, lr: float | None) -> Optimizer:
    """The optimiser of this model: as given, or made of its class."""
    if isinstance(optimizer, Optimizer):
        if lr is not None:
            raise ArgumentError(f"lr={lr!r} beside an optimiser that has its own",
                                "give the rate to the optimiser, or its class here")
        own = {id(p) for p in model.parameters()}
        if not any(id(p) in own for group in optimizer.param_groups for p in group["params"]):
            raise GraphError("the optimiser has no parameter of this model",
                             "make it with model.parameters()")
        return optimizer
    if not (isinstance(optimizer, type) and issubclass(optimizer, Optimizer)):
        raise ArgumentError(f"optimizer is {describe(optimizer)}",
                            "give nn.Adam(model.parameters(), lr=0.01), or the class nn.Adam")
    options: Any = {} if lr is None else {"lr": lr}
    return optimizer(model.parameters(), **options)


def callbacks_of(given: Any, schedule: Any, optimizer: Optimizer) -> list[Callback]:
    """The schedule, or what a function of the optimiser makes, and one callback or several.

    Those that write down what others do are the last.
    """
    several = [given] if isinstance(given, Callback) or callable(given) else list(given or ())
    for callback in several:
        if isinstance(callback, type) or not (isinstance(callback, Callback) or callable(callback)):
            raise ArgumentError(f"a callback is {describe(callback)}",
                                "give a nn.Callback, made: nn.EarlyStopping(3), or a function of "
                                "the epoch's row")
    if schedule is not None:
        several.insert(0, schedule if isinstance(schedule, Schedule) else schedule(optimizer))
    schedules = [callback for callback in several if isinstance(callback, Schedule)]
    if any(made.optimizer is not optimizer for made in schedules):
        raise ArgumentError("the schedule is that of another optimiser",
                            "give both to fit: optimizer=o, schedule=nn.StepLR(o, 10)")
    if len(schedules) > 1:
        raise ArgumentError(f"{len(schedules)} schedules of one learning rate", "put them one "
                            "after another: nn.SequentialLR(optimizer, schedules, milestones)")
    made = [callback if isinstance(callback, Callback) else Function(callback)
            for callback in several]
    return sorted(made, key=lambda callback: callback.last)


def ranks_of(model: Any, distributed: Any) -> Alone:
    """The ranks that train together, or the one there is."""
    if distributed is False:
        return Alone()
    if distributed is not True and not isinstance(distributed, Alone):
        raise ArgumentError(f"distributed is {describe(distributed)}",
                            "give True, or nn.Ranks(timeout=seconds)")
    if not all(isinstance(p, Tensor) for p in model.parameters()):
        raise ArgumentError("a model of Values cannot be distributed",
                            "make it one of Tensors first: model.vectorize()")
    return Ranks() if distributed is True else distributed
