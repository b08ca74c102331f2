"""Fitting is the loop over epochs and batches: predict, loss, backward, step.

Whatever ends it, the best weights are not lost: those of the epoch with the lowest loss are kept
aside, and put back after an interruption, an error, or an early stop.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import partial
from itertools import islice
from typing import Any, Never

import numpy

from autograd import Tensor, Value, no_grad
from autograd.errors import ArgumentError
from autograd.storage import is_numpy, namespace, quiet as without_warnings, to_number, to_numpy

from . import arguments, checkpoint, lint
from .arguments import Metric
from .data import Seed, shuffled
from .distributed import Alone, Ranks
from .evaluation import is_scalar, measured, predict
from .history import History
from .metrics import numbers
from .optim import Adam
from .optimizer import Optimizer
from .progress import progress
from .run import Callback, Row, Run
from .schedules import Schedule
from .step import len_of, training_step
from .weighting import row_weights

Called = Callback | Callable[[Row], Any]


def fit(model: Any, x: Any, y: Any, *, loss: str | Callable[..., Any],
        optimizer: Optimizer | type[Optimizer] = Adam, lr: float | None = None, epochs: int = 10,
        batch_size: int = 32, validation: tuple[Any, Any] | float | None = None,
        metrics: str | Metric | Iterable[str | Metric] | Mapping[str, str | Metric] = (),
        seed: Seed = None, schedule: Schedule | Callable[[Optimizer], Schedule] | None = None,
        class_weight: Mapping[Any, float] | None = None, sample_weight: Any = None,
        accumulate: int = 1, clip_norm: float | None = None, compile: bool = False,
        callbacks: Called | Iterable[Called] | None = None,
        distributed: bool | Ranks = False, resume: str | os.PathLike[str] | None = None,
        quiet: bool = False, **unknown: Never) -> History:
    """Train `model` on rows x and targets y, both where it is; returns the History, a row an epoch.

    `loss(predictions, targets)`, a mean over rows, may be a name, "mse", as metrics; `optimizer` a
    class, for `lr`. `validation` is (x, y), or the share of rows held back: metrics are measured
    on it, else on x and y. Weights, of classes or one for each row, multiply losses of rows.
    `accumulate` batches make one step; `compile` makes it one program. `resume` is the file of a
    Checkpoint, to go on from if it is there; `epochs` are counted from the very first. If
    `distributed`, all that mpiexec started share each batch.
    KeyboardInterrupt returns the history, with `interrupted`; then, after an early stop and after
    an error the weights are those of the best epoch so far, else those of the last. Raises
    ArgumentError on a loss of nan or inf (off the host at the end of an epoch) and on a file of
    another run, StorageError on data that are elsewhere.
    """
    arguments.refuse(unknown, fit)
    arguments.check_counts("fit", epochs=epochs, batch_size=batch_size, accumulate=accumulate)
    optimizer = arguments.optimizer_of(model, optimizer, lr)
    ranks = arguments.ranks_of(model, distributed)
    seed, quiet = ranks.seed(seed), quiet or ranks.rank > 0
    weights = row_weights(y, class_weight, sample_weight)
    run = Run(model, optimizer, arguments.callbacks_of(callbacks, schedule, optimizer), epochs,
              numpy.random.default_rng(seed))
    loop = _Loop(run, ranks, arguments.loss_of(loss, weights is not None), metrics)
    loop.prepare(batch_size, accumulate, clip_norm, compile, quiet)
    saved = None if resume is None else checkpoint.read(resume)
    run.data, run.validation = arguments.data_of(
        model, x, y, validation, weights, checkpoint.splitter(run, saved, seed, resume))
    if resume is not None:
        checkpoint.resume(run, saved, resume, quiet)
    ranks.begin(run, batches=f"{accumulate} × {batch_size} rows, seed {seed}", epochs=epochs)
    return loop.go()


class _Loop:
    """The epochs of one call of `fit`."""

    def __init__(self, run: Run, ranks: Alone, loss: Callable[..., Any], metrics: Any) -> None:
        self.run, self.ranks, self.loss = run, ranks, loss
        self.metrics = arguments.metrics_of(metrics)

    def prepare(self, batch_size: int, accumulate: int, clip_norm: float | None, compile: bool,
                quiet: bool) -> None:
        """Make the step."""
        self.batch_size, self.accumulate, self.quiet = batch_size, accumulate, quiet
        self.clip_norm = clip_norm
        gradients = any(callback.gradients for callback in self.run.callbacks)
        self.step = training_step(self.loss, clip_norm, gradients, compile, self.ranks)
        self.compiled = compile
        self.progress = progress(self.run.epochs, self.quiet)

    def go(self) -> History:
        """Train, in a copy of the context: no mode is left on by an interrupt inside `with`."""
        try:
            copy_context().run(self.train)
        except KeyboardInterrupt:
            self.run.history.interrupted = True
            copy_context().run(self.rescue)
        except BaseException:
            copy_context().run(self.rescue)
            raise
        return self.run.history

    def train(self) -> None:
        run = self.run
        if self.compiled:
            run.model.eval()
            self.check_targets()
        with self.meeting():
            for callback in run.callbacks:
                callback.on_train_begin(run)
            if not run.history.rows and not self.ranks.rank:
                x, y = run.data[:2]
                lint.warn(run.model, x, y, self.loss, run.optimizer, self.clip_norm)
        for epoch in range(len(run.history) + 1, run.epochs + 1):
            if run.stop_training:
                break
            self.one_epoch(epoch)
        self.end()

    def one_epoch(self, epoch: int) -> None:
        run = self.run
        for callback in run.callbacks:
            callback.on_epoch_begin(run, epoch)
        run.model.train()
        with without_warnings():                        # a loss of nan or inf is an error below
            row: Row = {"epoch": epoch, "loss": self.batches(epoch)}
        run.model.eval()
        self.ranks.mean_buffers(run.model)
        row.update(self.evaluate())
        run.add(row)
        self.progress.epoch(_line(row, run.epochs), epoch)
        with self.meeting():
            for callback in run.callbacks:
                callback.on_epoch_end(run, row)

    @contextmanager
    def meeting(self) -> Iterator[None]:
        """What not every rank does: an error of one, and the wish to stop, are those of all."""
        with self.ranks.trying():
            yield
        [stop] = self.ranks.sum(self.run.stop_training)
        self.run.stop_training = stop > 0

    def batches(self, epoch: int) -> float:
        """Train on every batch once; the mean loss over the rows, as it was while training."""
        run, n = self.run, self.run.data[1].shape[0]
        losses = _Losses(partial(self.check, epoch))
        watching = [callback for callback in run.callbacks
                    if type(callback).on_batch_end is not Callback.on_batch_end]
        pieces = shuffled(run.data, self.batch_size, run.rng)
        total = -(-n // (self.batch_size * self.accumulate))
        for i in range(1, total + 1):
            batch = tuple(islice(pieces, self.accumulate))
            loss, gradients = self.step(run.model, run.optimizer, *batch)
            losses.add(loss, sum(map(len_of, batch)))
            self.progress.batch(epoch, i, total, losses.mean)
            for callback in watching:
                callback.on_batch_end(run, {
                    "epoch": epoch, "batch": i, "gradients": gradients,
                    "loss": loss.data if isinstance(loss, Value) else loss})
        return losses.mean()

    def check(self, epoch: int, batch: int, loss: float) -> None:
        """Raise ArgumentError on a loss that is not finite."""
        if -float("inf") < loss < float("inf"):
            return
        self.check_targets()
        raise ArgumentError(
            f"the loss is {loss} in batch {batch} of epoch {epoch} (lr "
            f"{self.run.optimizer.lr:g}); the best weights so far are back",
            "lower the learning rate, standardise the data, or give clip_norm=1.0")

    def check_targets(self) -> None:
        """Let the loss say which target it cannot use: on the host, where it looks at each."""
        x, y, *_ = self.run.data
        if is_scalar(self.run.model) or (not self.compiled and is_numpy(
                y.data if isinstance(y, Tensor) else y)):
            return                                      # then it has looked
        with suppress(TypeError), no_grad():            # one of the user's may not take NumPy
            self.loss(numbers(predict(self.run.model, x)), numbers(y))

    def evaluate(self) -> dict[str, float]:
        """Loss and metrics on the validation data, without it the metrics on the training data."""
        run, validation = self.run, self.run.validation
        if validation is None and not self.metrics:
            return {}
        x, y, *_ = validation or run.data
        with without_warnings():
            predictions, found = self.predictions(x), dict[str, float]()
        with self.ranks.trying(), without_warnings():
            found = measured(predictions, y, self.loss if validation else None, self.metrics)
        self.ranks.sum()                                # raises what went wrong on one of them
        return {f"validation_{name}" if validation else name: number
                for name, number in found.items()}

    def predictions(self, x: Any) -> Any:
        """Those of the model for rows x, of which each rank asks for its share."""
        rows = x.shape[0]
        if self.ranks.size == 1 or rows < self.ranks.size:
            return predict(self.run.model, x)
        found: Any = None
        with self.ranks.trying(), without_warnings():
            found = predict(self.run.model, x[self.ranks.share(rows), ...])
        return self.ranks.gather(found, rows)

    def end(self) -> None:
        """Nothing more will come."""
        for callback in self.run.callbacks:
            callback.on_train_end(self.run)
        self.run.model.eval()
        self.progress.close()

    def rescue(self) -> None:
        """Put the best weights back, whatever comes in between: an impatient user interrupts twice.
        """
        while True:
            try:
                self.run.restore()
                self.end()
                if self.run.history.interrupted and not self.quiet:
                    print(_stopped(self.run.history), flush=True)
                return
            except KeyboardInterrupt:
                continue


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
