"""A learning curve: how often a model is right, against how much it has learned from.

A deep net reads digits beside logistic regression and a random forest of scikit-learn, as they are
by default. All see the same rows and are asked about the same digits that none has seen.
"""

import argparse
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import numpy

from ..data import train_validation_split
from ..evaluation import predict
from ..losses import cross_entropy
from ..metrics import accuracy
from ..pictures import to_png
from ..pictures.paper import COLOURS, axes_for, blank, open_frame
from ..schedules import CosineAnnealingLR
from . import Parser, report, whole
from .digit_data import digits, scikit_learn
from .options import read, repeated
from .report import card, html_table, image, write
from .training import dense, learn, on_one_thread

ROWS = 25, 50, 100, 200, 400, 800, 1400             # to learn from; whole batches
HELD = 397                                          # rows to ask about
WIDTHS = 64, 128, 128, 10
RATE, BATCH = 0.005, 25
MODELS = "deep net", "logistic regression", "random forest"
HEAD = "rows", *MODELS, "best"
TICKS = 0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99

Scores = Mapping[int, Any]                          # by rows: accuracies (seeds, models)


def parser() -> Parser:
    """The options of this job."""
    options = Parser(prog="python -m nn curve", description=__doc__)
    options.add_argument("--steps", type=whole(1), default=800,
                         help="gradient steps of the deep net, of 25 rows each (800)")
    return repeated(options, seeds=5)


def main(words: list[str]) -> int:
    """Run the job: a line of the table as soon as all seeds are through."""
    given = read(parser(), words)
    seeds, data = range(given.seed, given.seed + given.seeds), digits()
    over = f"mean and standard deviation of {len(seeds)} seeds from" if seeds[1:] else "seed"
    print(f"curve: accuracy on {HELD} digits held out, {over} {given.seed}\n"
          f"deep net: {'-'.join(map(str, WIDTHS))}, {given.steps} steps of Adam at {RATE:g}, "
          "falling to 0\n\n" + line(HEAD), flush=True)
    scores: dict[int, Any] = {}
    splits = [train_validation_split(*data, HELD / len(data[1]), seed=seed) for seed in seeds]
    for rows in ROWS:
        scores[rows] = numpy.array([
            trial(x[:rows], y[:rows], held, seed, given)
            for seed, ((x, y), held) in zip(seeds, splits, strict=True)])
        print(line(cells(rows, scores[rows])), flush=True)
    print("\n" + fill(verdict(scores), 98))
    write(given.out, {
        "curve.png": lambda: to_png(plot_curve(scores, blank().subplots())),
        "report.html": lambda: page(scores).encode()})
    return 0


@on_one_thread
def trial(x: Any, y: Any, held: Any, seed: int, given: argparse.Namespace) -> list[float]:
    """The accuracies of MODELS on the digits held out, after learning from rows x."""
    epochs = max(1, round(given.steps * BATCH / len(x)))
    model = dense(WIDTHS, "relu", numpy.random.default_rng(seed), x.dtype)
    learn(model, (x, y), given, epochs=epochs, loss=cross_entropy, lr=RATE, batch_size=BATCH,
          seed=seed, schedule=lambda optimizer: CosineAnnealingLR(optimizer, epochs))
    regression = scikit_learn("linear_model").LogisticRegression(max_iter=1000)
    forest = scikit_learn("ensemble").RandomForestClassifier(random_state=seed)
    return [accuracy(predict(model, held[0]), held[1]),
            *(float(one.fit(x, y).score(*held)) for one in (regression, forest))]


def cells(rows: int, scores: Any) -> list[str]:
    """The cells under HEAD for accuracies of shape (seeds, models)."""
    (name, count), several = winner(scores), len(scores) > 1
    return [f"{rows}", *(f"{mean:.3f}" + f" ± {spread:.3f}" * several
                         for mean, spread in summary(scores)),
            name + f" ({count} of {len(scores)} seeds)" * several]


def summary(scores: Any) -> Any:
    """(mean, standard deviation) of each model over the seeds; of one seed the deviation is 0."""
    spread = scores.std(axis=0, ddof=1) if len(scores) > 1 else numpy.zeros(scores.shape[1])
    return numpy.stack([scores.mean(axis=0), spread], axis=1)


def winner(scores: Any) -> tuple[str, int]:
    """The model that is best on average, and in how many seeds no other is as good."""
    best = int(scores.mean(axis=0).argmax())
    others = numpy.delete(scores, best, axis=1).max(axis=1)
    return MODELS[best], int((scores[:, best] > others).sum())


def line(cells: Sequence[str]) -> str:
    """The cells in columns."""
    return f"{cells[0]:>4}" + "".join(f"{cell:>21}" for cell in cells[1:4]) + f"  {cells[4]}"


def verdict(scores: Scores) -> str:
    """Who is best where, in words."""
    stretches: list[tuple[str, list[int]]] = []
    for rows, found in scores.items():
        name, _ = winner(found)
        if not stretches or stretches[-1][0] != name:
            stretches.append((name, []))
        stretches[-1][1].append(rows)
    parts = [f"{name} with {' to '.join(map(str, dict.fromkeys([rows[0], rows[-1]])))} digits"
             for name, rows in stretches]
    return (f"Best: {', '.join(parts)}. This is one small set of images, and where a model is best "
            "in some of the seeds only, other seeds may say otherwise.")


def plot_curve(scores: Scores, ax: Any = None) -> Any:
    """Mean accuracy over the rows learned from, a band of one standard deviation around it."""
    ax, rows = axes_for("plot_curve", ax), list(scores)
    found = numpy.stack([summary(scores[count]) for count in rows])
    for i, name in enumerate(MODELS):
        mean, spread = found[:, i].T
        ax.plot(rows, mean, "os^"[i] + "-", color=COLOURS[i], label=name)
        ax.fill_between(rows, mean - spread, mean + spread, color=COLOURS[i], alpha=0.15,
                        linewidth=0)
    ax.set_xscale("log")
    ax.set_yscale("logit", nonpositive="clip")      # near 1 a little is much
    ax.set(xlabel="digits learned from", ylabel=f"accuracy on {HELD} others")
    ends = ax.get_xlim(), ax.get_ylim()
    ax.set_xticks(rows, [f"{count}" for count in rows])
    ax.set_yticks(TICKS, [f"{share:.0%}" for share in TICKS])
    ax.minorticks_off()
    ax.set(xlim=ends[0], ylim=ends[1])
    open_frame(ax)
    ax.legend(loc="lower right")
    return ax


def page(scores: Scores) -> str:
    """The report as HTML."""
    seeds = len(next(iter(scores.values())))
    return report.page(
        "A learning curve",
        f"<p>How often {HELD} digits are read right, against how many a model has learned from: "
        f"mean and standard deviation of {seeds} seeds.</p>",
        image(lambda: plot_curve(scores, blank().subplots())), f"<p>{verdict(scores)}</p>",
        html_table(HEAD, [cells(rows, found) for rows, found in scores.items()]),
        "<h2>The deep net</h2>",
        card(dense(WIDTHS, "relu", numpy.random.default_rng(0), "float32")))
