"""Training in a job is `fit` as its options say: on which device, compiled or not, and printed."""

import argparse
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy
from threadpoolctl import threadpool_limits

from autograd.storage import Device, dtype_name

from ..fit import fit
from ..history import History
from ..layers import Linear, Sequential
from ..module import Module
from ..moving import portable, sent
from ..optim import Adam
from ..optimizer import Optimizer

F = TypeVar("F", bound=Callable[..., Any])
_LINES = 10                             # epochs that are printed of a long run


def dense(widths: Sequence[int], between: str, rng: numpy.random.Generator,
          dtype: Any = None) -> Sequential:
    """Linear layers of these widths with an activation between them: `widths` 4, 16, 3 are two."""
    layers: list[Any] = []
    for width, following in pairwise(widths):
        layers += [Linear(width, following, rng=rng, dtype=dtype), between]
    return Sequential(*layers[:-1])


def on_one_thread(function: F) -> F:
    """A function whose BLAS and OpenMP stay on one thread: small arrays only wait for another."""
    wrapped: F = threadpool_limits.wrap(limits=1)(function)
    return wrapped


def learn(model: Module, train: Any, given: argparse.Namespace, *, epochs: int, lr: float,
          optimizer: Callable[..., Optimizer] = Adam, validation: Any = None, title: str = "",
          callbacks: Sequence[Any] = (), **settings: Any) -> History:
    """`fit` of a model and (x, y) of NumPy where the options say; the model comes back to NumPy.

    It prints what it trains under a title, nothing without one. Raises KeyboardInterrupt where it
    was interrupted: a job writes its files after training.
    """
    start = time.perf_counter()
    data = [[sent(array, given.there) for array in pair] for pair in (train, validation) if pair]
    weight = sent(portable(model.parameters()[0].data), given.there)
    model.to(given.there, dtype=weight.dtype)
    steps = optimizer(model.parameters(), lr=lr)
    if title:
        print(f"{title} of {model.count():,} weights on tensors{place(given.there, weight.dtype)}"
              f"{', compiled' * given.compile}, {type(steps).__name__} at {lr:g}", flush=True)
    if title and not given.quiet:
        callbacks = *callbacks, show(epochs, -(-epochs // _LINES))
    history = fit(model, *data[0], epochs=epochs, optimizer=steps, compile=given.compile,
                  validation=tuple(data[1]) if validation else None, callbacks=callbacks,
                  quiet=True, **settings)
    if history.interrupted:
        raise KeyboardInterrupt
    model.to("cpu", storage="numpy")                # what follows prints and draws
    if title:
        print(f"{len(history)} epochs in {time.perf_counter() - start:.2f} s\n", flush=True)
    return history


def show(epochs: int, every: int = 1) -> Callable[[dict[str, float]], None]:
    """What prints a row of the history, in the first and the last epoch and some in between."""
    def show(row: dict[str, float]) -> None:
        if row["epoch"] % every and row["epoch"] not in (1, epochs):
            return
        words = [f"epoch {row['epoch']:{len(str(epochs))}}/{epochs}"]
        for name, number in row.items():
            if name != "epoch":
                name = name if name == "validation_loss" else name.removeprefix("validation_")
                words.append(f"{name.replace('_', ' ')} {number:.4f}")
        print("  ".join(words), flush=True)

    return show


def place(there: Device, dtype: Any) -> str:
    """Where training is, in words, if it is not in NumPy's arrays."""
    library = there.library.name
    return "" if library == "numpy" else f" ({library}, {there}, {dtype_name(dtype)})"
