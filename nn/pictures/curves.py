"""Curves are what training measured, over the epochs: losses in one panel, metrics in the other."""

import math
from itertools import chain
from numbers import Real
from typing import Any

from autograd.errors import ArgumentError, describe
from autograd.show.wording import short

from ..history import History
from .paper import COLOURS, open_frame, panels_for, whole_numbers


def plot_history(history: History, figure: Any = None) -> list[Any]:
    """The losses of a History and, beside them, its metrics; a line marks the best epoch.

    Draws on a Matplotlib Figure (a new one if none is given) and returns its Axes: one without
    metrics, else two. Columns that are no numbers are left out. Raises ArgumentError for what is no
    History, ImportError without Matplotlib.
    """
    if not isinstance(history, History):
        raise ArgumentError(f"plot_history of {describe(history)}",
                            "give it what nn.fit(...) returned")
    metrics = _metrics(history)
    columns = 2 if metrics else 1
    axes = panels_for("plot_history", figure, columns, 4.8 * columns, 3.6)
    history.plot(axes[0])
    if metrics:
        _plot(metrics, history.best_epoch, axes[1])
    for ax in axes:
        open_frame(ax)
        for line in ax.lines:
            if len(line.get_xdata()) == 1:          # a line of one point cannot be seen
                line.set_marker("o")
    return axes


def _metrics(history: History) -> dict[str, list[float]]:
    """The columns beside the losses; an epoch without an entry has nan, which leaves a gap."""
    names = dict.fromkeys(chain(*history.rows))
    columns = {name: [row.get(name, math.nan) for row in history.rows] for name in names
               if name not in ("epoch", "loss", "validation_loss")}
    return {short(name.replace("_", " ")): column for name, column in columns.items()
            if all(isinstance(x, Real) for x in column)}


def _plot(metrics: dict[str, list[float]], best: int, ax: Any) -> None:
    """The metrics over the epochs; one alone is named on the axis, several in a legend."""
    for i, (name, column) in enumerate(metrics.items(), 2):     # other colours than the losses'
        ax.plot(range(1, len(column) + 1), column, color=COLOURS[i % len(COLOURS)], label=name)
    ax.axvline(best, color="0.8", zorder=0)
    if len(metrics) > 1:
        ax.legend()
    whole_numbers(ax.xaxis)
    ax.set(xlabel="epoch", ylabel="metrics" if len(metrics) > 1 else next(iter(metrics)))
