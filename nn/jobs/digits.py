"""Digits: an MLP and a small CNN learn to read handwriting, images of 8 × 8 pixels.

A fifth of the images, the same in every run, are the test: the networks are asked about them once,
when they have learned, and nothing was chosen by the answers. To learn from there is each image
five times: as it is, and a pixel to the left, to the right, up and down.
"""

import argparse
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout
from functools import partial
from io import StringIO
from typing import Any, NamedTuple

import numpy

import autograd.numpy as np

from ..data import train_validation_split
from ..distributed import Alone, Ranks
from ..evaluation import predict
from ..history import History
from ..layers import Conv2d, Flatten, Linear, MaxPool2d, Sequential
from ..losses import cross_entropy
from ..metrics import accuracy, confusion_matrix, numbers
from ..optim import AdamW
from ..pictures import to_png
from ..schedules import CosineAnnealingLR
from ..weights import to_bytes
from . import Parser, whole
from .digit_data import SIDE, digits
from .digits_report import page, plot_histories, plot_kernels, plot_mistakes
from .options import read, repeated
from .report import text_table, write
from .training import dense, learn, on_one_thread

EPOCHS = {"mlp": 30, "cnn": 20}
RATE, BATCH, DECAY = 0.003, 64, 0.3
TEST, CHECK = 0.2, 0.125                # shares: of all images, then of the others
CLASSES = tuple("0123456789")


class Read(NamedTuple):
    """What a network has learned: its name, itself, its history, and logits for the images x.

    These are the test, y what they are.
    """

    name: str
    model: Sequential
    history: History
    x: Any
    y: Any
    logits: Any

    @property
    def accuracy(self) -> float:
        """How much of the test it reads right."""
        return accuracy(self.logits, self.y)


def parser() -> Parser:
    """The options of this job."""
    options = Parser(prog="python -m nn digits", description=__doc__)
    add = options.add_argument
    add("--model", choices=(*EPOCHS, "both"), default="both", help="which of the two (both)")
    add("--epochs", type=whole(1), help="passes over the data (mlp: 30, cnn: 20)")
    add("--distributed", action="store_true",
        help="share each batch between the processes that mpiexec started")
    return repeated(options)


def main(words: list[str]) -> int:
    """Run the job; the files are those of the first seed."""
    given = read(parser(), words)
    given.ranks = Ranks() if given.distributed else Alone()
    names = list(EPOCHS) if given.model == "both" else [given.model]
    data, seeds = digits(), range(given.seed, given.seed + given.seeds)
    with redirect_stdout(StringIO()) if given.ranks.rank else nullcontext():
        found = [[learned(name, *data, seed, given) for name in names] for seed in seeds]
    if given.ranks.rank:
        return 0
    head, rows = ["seed", *map(str.upper, names)], table(seeds, found)
    print(f"accuracy on the test, {len(found[0][0].y)} digits\n" + text_table(head, rows))
    for one in found[0]:
        print(f"\n{one.name.upper()}\n{confusion_matrix(one.logits, one.y, CLASSES)}")
    write(given.out, {
        "loss.png": lambda: to_png(plot_histories(found[0])),
        "mistakes.png": lambda: to_png(plot_mistakes(found[0])),
        "kernels.png": lambda: to_png(plot_kernels(found[0][-1])),
        "report.html": lambda: page(found[0], CLASSES, (head, rows)).encode(),
        **{f"{one.name}.safetensors": partial(to_bytes, one.model) for one in found[0]}})
    return 0


def network(name: str, seed: int) -> Sequential:
    """The network of this name: rows of 64 pixels to ten logits, float32."""
    rng = numpy.random.default_rng(seed)
    if name == "mlp":
        return dense((SIDE * SIDE, 256, 128, 10), "relu", rng, "float32")
    how: Any = {"rng": rng, "dtype": "float32"}
    return Sequential(
        images, Conv2d(1, 8, 3, padding="same", **how), "relu",
        Conv2d(8, 32, 3, padding="same", **how), "relu", MaxPool2d(2), Flatten(),
        Linear(32 * (SIDE // 2) ** 2, 64, **how), "relu", Linear(64, 10, **how))


def images(x: Any) -> Any:
    """Rows of pixels as images of one channel, (N, 1, 8, 8)."""
    return np.reshape(x, (-1, 1, SIDE, SIDE))


def parts(x: Any, y: Any, seed: int) -> list[Any]:
    """(x, y) to learn from, to check on, and of the test, which is the same for every seed."""
    rest, test = train_validation_split(x, y, TEST, seed=0)
    return [*train_validation_split(*rest, CHECK, seed=seed), test]


def shifted(x: Any, y: Any) -> tuple[Any, Any]:
    """The images, then all of them a pixel to the left, to the right, up and down."""
    around = numpy.pad(x.reshape(-1, SIDE, SIDE), ((0, 0), (1, 1), (1, 1)))
    moved = [around[:, i:i + SIDE, j:j + SIDE]
             for i, j in ((1, 1), (1, 2), (1, 0), (2, 1), (0, 1))]
    return numpy.concatenate(moved).reshape(-1, SIDE * SIDE), numpy.tile(y, len(moved))


@on_one_thread
def learned(name: str, x: Any, y: Any, seed: int, given: argparse.Namespace) -> Read:
    """Train the network of this name, and ask it about the test."""
    train, check, test = parts(x, y, seed)
    model, epochs = network(name, seed), given.epochs or EPOCHS[name]
    print(f"digits, seed {seed}: {len(train[1])} to learn from, 5 times each, {len(check[1])} to "
          f"check on, {len(test[1])} for the test")
    history = learn(
        model, shifted(*train), given, title=name.upper(), epochs=epochs, validation=check,
        loss=cross_entropy, optimizer=partial(AdamW, weight_decay=DECAY), lr=RATE,
        batch_size=BATCH, metrics=[accuracy], seed=seed,
        schedule=lambda optimizer: CosineAnnealingLR(optimizer, epochs), distributed=given.ranks)
    return Read(name, model, history, test[0], test[1], numbers(predict(model, test[0])))


def table(seeds: Sequence[int], found: Sequence[Sequence[Read]]) -> list[list[str]]:
    """Accuracies for each seed, with a row of means below several."""
    rows = {f"{seed}": [one.accuracy for one in several]
            for seed, several in zip(seeds, found, strict=True)}
    if len(rows) > 1:
        rows["mean"] = numpy.mean(list(rows.values()), axis=0).tolist()
    return [[name, *(f"{right:.4f}" for right in cells)] for name, cells in rows.items()]
