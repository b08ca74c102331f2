"""A run is training as it stands between two epochs; callbacks are who looks at it there."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from .history import History
from .module import snapshot
from .optimizer import Optimizer

Row = dict[str, Any]
Rows = tuple[Any, ...]


class Run:
    """What `fit` trains, and how far it is: what a callback is given and a checkpoint keeps.

    `model`, `optimizer`, `epochs`, how many there will be, and `history`, the rows so far. Set
    `stop_training` to True, and no further epoch begins.
    """

    data: Rows                              # x and y, and a weight for each row where they have one
    validation: Rows | None

    def __init__(self, model: Any, optimizer: Optimizer, callbacks: Sequence["Callback"],
                 epochs: int, rng: numpy.random.Generator) -> None:
        self.model, self.optimizer, self.epochs = model, optimizer, epochs
        self.callbacks, self.rng = callbacks, rng
        self.start: Any = rng.bit_generator.state       # before anything was drawn
        self.history, self.stop_training = History(), False
        self.saved = {0: snapshot(model)}       # weights by epoch: only the best are kept

    def add(self, row: Row) -> None:
        """An epoch is over, and this is its row."""
        # Each line leaves a consistent whole behind, should an interruption come right after it.
        self.saved[row["epoch"]] = snapshot(self.model)
        self.history.rows.append(row)
        best = self.history.best_epoch
        self.saved = {best: self.saved[best]}

    def restore(self) -> None:
        """Put the weights of the best epoch back."""
        self.model.load_state_dict(self.saved[self.history.best_epoch])


class Callback:
    """What `fit` calls at its turns: override those you need.

        class Halving(nn.Callback):
            def on_epoch_end(self, run, row):
                if row["epoch"] % 10 == 0:
                    run.optimizer.lr /= 2

    A function of the epoch's row will do as well. What `state_dict` returns, numbers, words and
    NumPy arrays in lists and dicts, is in a checkpoint, and `load_state_dict` is given it.
    """

    last = False                # called after the others: it writes down what they have done
    gradients = False           # `on_batch_end` needs the gradients

    def on_train_begin(self, run: Run) -> None:
        """Training begins, or goes on where a checkpoint was made."""

    def on_epoch_begin(self, run: Run, epoch: int) -> None:
        """An epoch begins; the first is 1."""

    def on_batch_end(self, run: Run, row: Row) -> None:
        """The weights were moved: `row` has "epoch", "batch" and "loss", which float() reads.

        Where a callback needs them it has "gradients": arrays, or floats, by the parameter's name.
        """

    def on_epoch_end(self, run: Run, row: Row) -> None:
        """An epoch is over; `row` is its row of the history, and may be added to."""

    def on_train_end(self, run: Run) -> None:
        """Training is over, however it ended; it may be called again after an interrupt."""

    def state_dict(self) -> Row:
        """What this needs to go on from here."""
        return {}

    def load_state_dict(self, saved: Row) -> None:
        """Go on from where `state_dict()` was called."""


class Function(Callback):
    """A function of the epoch's row."""

    def __init__(self, function: Callable[[Row], Any]) -> None:
        self.function = function

    def on_epoch_end(self, run: Run, row: Row) -> None:
        self.function(row)
