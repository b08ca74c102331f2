"""Regression: a line is found in noise, then a deep net follows a curve that no line can."""

import argparse
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy

from ..data import train_validation_split
from ..evaluation import predict
from ..history import History
from ..layers import Linear, Sequential
from ..losses import mse_loss
from ..metrics import numbers
from ..optim import SGD
from ..pictures import plot_history, to_png
from ..pictures.paper import blank
from ..schedules import CosineAnnealingLR
from ..weights import to_bytes
from . import Parser, whole
from .options import read, repeated
from .regression_report import page, plot_fits
from .report import text_table, write
from .training import dense, learn

SLOPE, INTERCEPT = 2.0, -1.0            # of the line behind the first data
NOISES = 0.3, 0.1                       # standard deviations around the line and the curve
WIDTHS = 1, 32, 32, 1
RATES = 0.1, 0.01                       # of gradient descent on the line, of Adam on the curve
LINE_HEAD = "seed", "slope", "least squares", "intercept", "least squares"
CURVE_HEAD = "seed", "linear layer", "deep net", "ratio", "noise alone"


def curve(x: Any) -> Any:
    """What the second data follow: two and a half waves from -2 to 2."""
    return numpy.sin(4.0 * x)


class Line(NamedTuple):
    """Points (x, y) around a line, the trained model, and least squares' (slope, intercept)."""

    x: Any
    y: Any
    model: Linear
    exact: tuple[float, float]

    @property
    def found(self) -> tuple[float, float]:
        """The model's (slope, intercept)."""
        slope, intercept = (p.item() for p in self.model.parameters())
        return slope, intercept


class Curve(NamedTuple):
    """Points around the curve, the two models, and the mean squared error of each that is held out.

    `noise` is that of the curve itself: what nobody can predict.
    """

    train: tuple[Any, Any]
    validation: tuple[Any, Any]
    linear: Linear
    deep: Sequential
    errors: tuple[float, float]
    noise: float
    history: History


def parser() -> Parser:
    """The options of this job."""
    options = Parser(prog="python -m nn regression", description=__doc__)
    options.add_argument("--epochs", type=whole(1), default=100, help="passes over the data (100)")
    return repeated(options)


def main(words: list[str]) -> int:
    """Run the job; the files are those of the first seed."""
    given = read(parser(), words)
    seeds = range(given.seed, given.seed + given.seeds)
    lines = [learn_line(seed, given) for seed in seeds]
    print(text_table(LINE_HEAD, line_rows(seeds, lines)) + "\n")
    curves = [learn_curve(seed, given) for seed in seeds]
    rows = curve_rows(seeds, curves)
    print("mean squared error on points held out\n" + text_table(CURVE_HEAD, rows))
    line, first = lines[0], curves[0]
    write(given.out, {
        "fits.png": lambda: to_png(plot_fits(line, first, curve, blank(9.6, 4.0))),
        "loss.png": lambda: to_png(plot_history(first.history, blank(4.8, 3.6))),
        "report.html": lambda: page(line, first, curve, (CURVE_HEAD, rows)).encode(),
        "weights.safetensors": lambda: to_bytes(first.deep)})
    return 0


def points(f: Any, count: int, noise: float, rng: numpy.random.Generator) -> tuple[Any, Any]:
    """x between -2 and 2 and y = f(x) with noise, both of shape (count, 1)."""
    x = rng.uniform(-2.0, 2.0, (count, 1))
    return x, f(x) + noise * rng.standard_normal((count, 1))


def learn_line(seed: int, given: argparse.Namespace) -> Line:
    """Gradient descent on two weights, all points in each step."""
    rng = numpy.random.default_rng(seed)
    x, y = points(lambda x: SLOPE * x + INTERCEPT, 100, NOISES[0], rng)
    model = Linear(1, 1, rng=rng)
    print(f"a line, seed {seed}: {len(y)} points around y = {SLOPE:g} x - {-INTERCEPT:g}")
    learn(model, (x, y), given, title="linear layer", epochs=given.epochs, loss=mse_loss,
          optimizer=SGD, lr=RATES[0], batch_size=len(y), seed=seed)
    slope, intercept = numpy.polyfit(x[:, 0], y[:, 0], 1).tolist()
    return Line(x, y, model, (slope, intercept))


def learn_curve(seed: int, given: argparse.Namespace) -> Curve:
    """One linear layer and a deep net, trained alike on the same points."""
    rng = numpy.random.default_rng(seed)
    train, validation = train_validation_split(*points(curve, 400, NOISES[1], rng), 0.25,
                                               seed=seed)
    linear, deep = Linear(1, 1, rng=rng), dense(WIDTHS, "tanh", rng)
    print(f"a curve, seed {seed}: {len(train[1])} points to learn from, {len(validation[1])} "
          "held out")
    errors = []
    for title, model in (("linear layer", linear), ("deep net", deep)):
        history = learn(model, train, given, title=title, validation=validation,
                        epochs=given.epochs, loss=mse_loss, lr=RATES[1], batch_size=25, seed=seed,
                        schedule=lambda optimizer: CosineAnnealingLR(optimizer, given.epochs))
        errors.append(squared_error(predict(model, validation[0]), validation[1]))
    noise = squared_error(curve(validation[0]), validation[1])
    return Curve(train, validation, linear, deep, (errors[0], errors[1]), noise, history)


def squared_error(prediction: Any, truth: Any) -> float:
    """The mean of the squared differences."""
    return float(numpy.mean((numbers(prediction) - truth) ** 2))


def line_rows(seeds: Sequence[int], lines: Sequence[Line]) -> list[list[str]]:
    """The cells under LINE_HEAD."""
    return [[f"{seed}", *(f"{number:.4f}" for pair in zip(line.found, line.exact, strict=True)
                          for number in pair)] for seed, line in zip(seeds, lines, strict=True)]


def curve_rows(seeds: Sequence[int], curves: Sequence[Curve]) -> list[list[str]]:
    """The cells under CURVE_HEAD, with a row of means below several seeds."""
    found = {f"{seed}": (*x.errors, x.noise) for seed, x in zip(seeds, curves, strict=True)}
    if len(found) > 1:
        found["mean"] = tuple(numpy.mean(list(found.values()), axis=0))
    return [[name, f"{linear:.4f}", f"{deep:.4f}", f"1/{linear / deep:.1f}", f"{noise:.4f}"]
            for name, (linear, deep, noise) in found.items()]
