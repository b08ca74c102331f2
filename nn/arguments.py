"""The arguments of `fit`, made into what its loop uses; a wrong one is named with its edit."""

from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

from autograd import Tensor
from autograd.errors import ArgumentError, GraphError, describe
from autograd.storage import asarray, device_of

from . import losses, metrics
from .data import Seed, check_data, train_validation_split
from .moving import apart, together
from .optimizer import Optimizer
from .schedules import Schedule

Metric = Callable[[Any, Any], float]
Rows = tuple[Any, Any]

LOSSES = (losses.mse_loss, losses.l1_loss, losses.quadratic_loss, losses.huber_loss,
          losses.hinge_loss, losses.cross_entropy, losses.binary_cross_entropy)
METRICS = (metrics.accuracy, metrics.r2_score)
ELSEWHERE = {                           # what other libraries call it, and what it is here
    "verbose": "for verbose=0 give quiet=True",
    "validation_data": "for validation_data= give validation=(x, y)",
    "validation_split": "for validation_split=0.2 give validation=0.2",
    "learning_rate": "for learning_rate= give lr=",
    "callbacks": "for callbacks= give on_epoch=, early_stopping= or schedule=",
    "shuffle": "rows are always shuffled; seed= decides their order"}


def refuse(unknown: Iterable[str], function: Callable[..., Any]) -> None:
    """Raise ArgumentError for options that the function, fit, does not have."""
    for word in unknown:
        options = [name for name, parameter in signature(function).parameters.items()
                   if parameter.kind is parameter.KEYWORD_ONLY]
        known = f"its options are {', '.join(options)}; quiet=True prints nothing"
        raise ArgumentError(f"fit has no option {word!r}", ELSEWHERE.get(word, known))


def check_counts(epochs: int, batch_size: int) -> None:
    """Raise ArgumentError unless both are 1 or more."""
    for name, count in (("epochs", epochs), ("batch_size", batch_size)):
        if count < 1:
            raise ArgumentError(f"fit: {name} is {count!r}", "give 1 or more")


def data_of(model: Any, x: Any, y: Any, validation: Any,
            seed: Seed) -> tuple[Rows, Rows | None]:
    """(x, y) to train on and to validate on, None without; a share of the rows is split off.

    Lists go where the model is. Raises StorageError for arrays that are elsewhere.
    """
    if isinstance(validation, int | float):
        return train_validation_split(*_checked(model, x, y), validation, seed=seed)
    if validation is None:
        return _checked(model, x, y), None
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise ArgumentError(f"validation is {describe(validation)}",
                            "give (x, y), or the share of rows to hold back, such as 0.2")
    xv, yv = validation
    return _checked(model, x, y), _checked(model, xv, yv, "validation's ")


def _checked(model: Any, x: Any, y: Any, of: str = "") -> Rows:
    """The data as Tensors or arrays, after `check_data`, with the model."""
    check_data(x, y)
    weights = [p.data for p in model.parameters() if isinstance(p, Tensor)]
    if any(not together(weight, weights[0]) for weight in weights):
        weights = []                            # the model is spread, and says itself what it takes
    return _beside(weights[:1], f"{of}x", x), _beside(weights[:1], f"{of}y", y)


def _beside(weights: list[Any], name: str, x: Any) -> Any:
    """Data as a Tensor or array beside the weights, if there are any."""
    array = x.data if isinstance(x, Tensor) else asarray(x)
    for weight in weights:
        if array is not x and not isinstance(x, Tensor):
            there = device_of(weight)
            return there.library.put(array, there.place)
        if not together(weight, array):
            raise apart("fit", "the model", weight, name, array)
    return x if isinstance(x, Tensor) else array


def loss_of(loss: Any) -> Callable[[Any, Any], Any]:
    """The loss from a function or a name."""
    return _function("loss", loss, LOSSES)


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


def schedule_of(schedule: Any, optimizer: Optimizer) -> Schedule | None:
    """The schedule of this optimiser: as given, or made by a function of it."""
    if schedule is None:
        return None
    made: Schedule = schedule if isinstance(schedule, Schedule) else schedule(optimizer)
    if made.optimizer is not optimizer:
        raise ArgumentError("the schedule is that of another optimiser",
                            "give both to fit: optimizer=o, schedule=nn.StepLR(o, 10)")
    return made
