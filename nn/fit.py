"""Fitting is the loop over epochs and batches: predict, loss, backward, step.

Whatever ends it, the best weights are not lost: those of the epoch with the lowest loss are kept
aside, and put back after an interruption, an error, or an early stop.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, Never

import numpy

import autograd
from autograd import Tensor, Value, no_grad
from autograd.errors import ArgumentError, GraphError, ShapeError, describe
from autograd.storage import is_numpy, namespace, quiet as without_warnings, to_number, to_numpy

from . import arguments
from .arguments import Metric
from .data import Seed, shuffled
from .history import History
from .metrics import numbers
from .module import snapshot
from .optim import Adam, clip_grad_norm
from .optimizer import Optimizer
from .progress import progress
from .schedules import Schedule


class EarlyStopping:
    """Stop after `patience` epochs in which the loss did not fall by more than `min_delta`."""

    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        if patience < 1 or min_delta < 0:
            raise ArgumentError(f"EarlyStopping({patience!r}, {min_delta!r})",
                                "give a patience of 1 epoch or more, and no negative min_delta")
        self.patience, self.min_delta = patience, min_delta

    def __repr__(self) -> str:
        return f"EarlyStopping(patience={self.patience}, min_delta={self.min_delta})"

    def is_over(self, losses: list[float]) -> bool:
        """Whether the losses of the epochs so far say that it is time to stop."""
        best, since = float("inf"), 0
        for loss in losses:
            best, since = (loss, 0) if loss < best - self.min_delta else (best, since + 1)
        return since >= self.patience


def fit(model: Any, x: Any, y: Any, *, loss: str | Callable[[Any, Any], Any],
        optimizer: Optimizer | type[Optimizer] = Adam, lr: float | None = None, epochs: int = 10,
        batch_size: int = 32, validation: tuple[Any, Any] | float | None = None,
        metrics: str | Metric | Iterable[str | Metric] | Mapping[str, str | Metric] = (),
        seed: Seed = None,
        early_stopping: int | EarlyStopping | None = None,
        schedule: Schedule | Callable[[Optimizer], Schedule] | None = None,
        clip_norm: float | None = None, compile: bool = False, quiet: bool = False,
        on_epoch: Callable[[dict[str, float]], Any] | None = None, **unknown: Never) -> History:
    """Train `model` on rows x and targets y, both where it is; returns the History, a row an epoch.

    `loss(predictions, targets)` is a mean over rows; a model of Values predicts row by row, lists
    of Values. Losses and metrics go by name too: "mse". `optimizer` is one, or a class for `lr`.
    `validation` is (x, y), or the share of rows held back, as by `train_validation_split`; metrics
    are measured on it, else on x and y. `seed` decides the order of rows. With `compile` a batch is
    one program, forward, backward and update (`autograd.compile`). KeyboardInterrupt returns
    the history, with `interrupted`; then, after an early stop and after an error the weights are
    those of the best epoch so far, else those of the last. Raises ArgumentError on a loss of nan or
    inf (off the host at the end of an epoch), StorageError on data that are elsewhere.
    """
    arguments.refuse(unknown, fit)
    arguments.check_counts(epochs, batch_size)
    run = _Run(model, arguments.loss_of(loss), arguments.optimizer_of(model, optimizer, lr),
               arguments.metrics_of(metrics))
    run.schedule = arguments.schedule_of(schedule, run.optimizer)
    run.data, run.validation = arguments.data_of(model, x, y, validation, seed)
    run.batch_size, run.quiet = batch_size, quiet
    run.epochs, run.on_epoch = epochs, on_epoch
    run.stopping = (EarlyStopping(early_stopping) if isinstance(early_stopping, int)
                    else early_stopping)
    step = _step(run.loss, clip_norm)
    run.step, run.compiled = (autograd.compile(step) if compile else step), compile
    run.rng, run.progress = numpy.random.default_rng(seed), progress(epochs, quiet)
    return run.go()


class _Run:
    """One call of `fit`."""

    schedule: Schedule | None
    data: tuple[Any, Any]
    validation: tuple[Any, Any] | None
    stopping: EarlyStopping | None
    on_epoch: Callable[[dict[str, float]], Any] | None
    rng: numpy.random.Generator
    progress: Any
    epochs: int
    batch_size: int
    quiet: bool
    step: Callable[..., Any]
    compiled: bool

    def __init__(self, model: Any, loss: Any, optimizer: Optimizer,
                 metrics: dict[str, Metric]) -> None:
        self.model, self.loss, self.optimizer, self.metrics = model, loss, optimizer, metrics
        self.history = History()
        self.saved = {0: snapshot(model)}               # weights by epoch: only the best are kept

    def go(self) -> History:
        """Train, in a copy of the context: no mode is left on by an interrupt inside `with`."""
        try:
            copy_context().run(self.train)
        except KeyboardInterrupt:
            self.history.interrupted = True
            copy_context().run(self.rescue)
        except BaseException:
            copy_context().run(self.rescue)
            raise
        return self.history

    def train(self) -> None:
        if self.compiled:
            self.model.eval()
            self.check_targets()
        for epoch in range(1, self.epochs + 1):
            self.one_epoch(epoch)
            if self.stopping and self.stopping.is_over(self.history[self.history.monitored]):
                break
        if self.stopping:
            self.restore()
        self.progress.close()
        self.model.eval()

    def one_epoch(self, epoch: int) -> None:
        self.model.train()
        with without_warnings():                        # a loss of nan or inf is an error below
            row = {"epoch": epoch, "loss": self.batches(epoch)}
        self.model.eval()
        row.update(self.evaluate())
        # Each line leaves a consistent whole behind, should the interruption come right after it.
        self.saved[epoch] = snapshot(self.model)
        self.history.rows.append(row)
        best = self.history.best_epoch
        self.saved = {best: self.saved[best]}
        if self.schedule:
            self.schedule.step()
        self.progress.epoch(_line(row, self.epochs), epoch)
        if self.on_epoch:
            self.on_epoch(row)

    def batches(self, epoch: int) -> float:
        """Train on every batch once; the mean loss over the rows, as it was while training."""
        n = self.data[1].shape[0]
        losses = _Losses(partial(self.check, epoch))
        for i, (x, y) in enumerate(shuffled(*self.data, self.batch_size, self.rng), 1):
            losses.add(self.step(self.model, self.optimizer, x, y), y.shape[0])
            self.progress.batch(epoch, i, -(-n // self.batch_size), losses.mean)
        return losses.mean()

    def check(self, epoch: int, batch: int, loss: float) -> None:
        """Raise ArgumentError on a loss that is not finite."""
        if -float("inf") < loss < float("inf"):
            return
        self.check_targets()
        raise ArgumentError(
            f"the loss is {loss} in batch {batch} of epoch {epoch} (lr "
            f"{self.optimizer.param_groups[0]['lr']:g}); the best weights so far are back",
            "lower the learning rate, standardise the data, or give clip_norm=1.0")

    def check_targets(self) -> None:
        """Let the loss say which target it cannot use: on the host, where it looks at each."""
        x, y = self.data
        if is_scalar(self.model) or (not self.compiled and is_numpy(
                y.data if isinstance(y, Tensor) else y)):
            return                                      # then it has looked
        with suppress(TypeError), no_grad():            # one of the user's may not take NumPy
            self.loss(numbers(predict(self.model, x)), numbers(y))

    def evaluate(self) -> dict[str, float]:
        """Loss and metrics on the validation data, without it the metrics on the training data."""
        if self.validation is None and not self.metrics:
            return {}
        x, y = self.validation or self.data
        prefix = "validation_" if self.validation else ""
        with no_grad(), without_warnings():
            predictions = predict(self.model, x)
            row = {}
            if self.validation:
                row["validation_loss"] = float(_one(self.loss(predictions, y)).item())
            return row | {prefix + name: float(metric(predictions, y))
                          for name, metric in self.metrics.items()}

    def restore(self) -> None:
        """Put the weights of the best epoch back."""
        self.model.load_state_dict(self.saved[self.history.best_epoch])

    def rescue(self) -> None:
        """`restore`, whatever comes in between: an impatient user interrupts twice."""
        while True:
            try:
                self.restore()
                self.model.eval()
                self.progress.close()
                if self.history.interrupted and not self.quiet:
                    print(_stopped(self.history), flush=True)
                return
            except KeyboardInterrupt:
                continue


def _step(loss: Callable[[Any, Any], Any], clip_norm: float | None) -> Callable[..., Any]:
    """One step on a batch, which returns its loss."""
    def step(model: Any, optimizer: Optimizer, x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        value = _one(loss(predict(model, x), y))
        value.backward()
        if clip_norm is not None:
            clip_grad_norm(model.parameters(), clip_norm)
        optimizer.step()
        return value

    return step


def predict(model: Any, x: Any) -> Any:
    """The predictions for rows x: of a model of Values a list, one row after another."""
    if not is_scalar(model):
        return model(x)
    return [model(row) for row in numbers(x).tolist()]


def is_scalar(model: Any) -> bool:
    """Whether the model is one of Values, which takes one row at a time."""
    parameters = model.parameters()
    return bool(parameters) and isinstance(parameters[0], Value)


class _Losses:
    """The losses of an epoch's batches; those on a device are read when someone asks for the mean.

    `check(batch, loss)` is called on each when it is read: over NumPy at once.
    """

    def __init__(self, check: Callable[[int, float], None]) -> None:
        self.check, self.total, self.rows, self.batch = check, 0.0, 0, 0
        self.unread: list[tuple[Any, int]] = []

    def add(self, loss: Any, rows: int) -> None:
        """One more, of a batch of so many rows."""
        self.unread.append((loss.data, rows))
        if isinstance(loss, Value) or is_numpy(loss.data):
            self.mean()

    def mean(self) -> float:
        """The mean over the rows so far."""
        losses = _read([loss for loss, _ in self.unread])
        for loss, (_, rows) in zip(losses, self.unread, strict=True):
            self.batch += 1
            self.check(self.batch, loss)
            self.total += loss * rows
            self.rows += rows
        self.unread = []
        return self.total / self.rows


def _read(losses: list[Any]) -> list[float]:
    """Numbers, or arrays of one number each, as floats: in one transfer."""
    if len(losses) < 2:
        return [loss if isinstance(loss, float) else float(to_number(loss)) for loss in losses]
    xp = namespace(losses[0])
    read: list[float] = to_numpy(xp.stack([xp.reshape(x, ()) for x in losses])).tolist()
    return read


def _one(loss: Any) -> Any:
    """The loss; ShapeError if it is not one number, GraphError if it is a plain one."""
    if not isinstance(loss, Value | Tensor):
        raise GraphError(f"the loss is {describe(loss)}, not recorded",
                         "compute it from the predictions: loss(predictions, targets)")
    if isinstance(loss, Tensor) and loss.size != 1:
        raise ShapeError(f"the loss has shape {loss.shape}", "reduce it to its mean: loss.mean()")
    return loss


def _stopped(history: History) -> str:
    n, best = len(history), history.best_epoch
    if not n:
        return "stopped in the first epoch; the weights are those of the start"
    return (f"stopped after {n} epoch{'s' * (n > 1)}; "
            f"the weights are those of epoch {best} (the best)")


def _line(row: Mapping[str, float], epochs: int) -> str:
    numbers = "  ".join(f"{name.replace('_', ' ')} {value:.4g}"
                        for name, value in row.items() if name != "epoch")
    return f"epoch {row['epoch']:{len(str(epochs))}}/{epochs}  {numbers}"
