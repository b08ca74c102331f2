"""The report of the digits: how both networks learned, what they mix up, what they look for."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy

import autograd.numpy as np

from ..layers import Conv2d, Linear
from ..metrics import confusion_matrix, numbers
from ..pictures import plot_history, plot_weights
from ..pictures.paper import blank
from . import report
from .digit_data import SIDE
from .report import card, embedded, html_table, image

_NAMES = {"mlp": "the MLP", "cnn": "the CNN"}
_SHOWN = 12                             # mistakes of each network at most
_KERNELS = 32


def page(found: Sequence[Any], classes: Sequence[str],
         table: tuple[Sequence[str], Sequence[Sequence[str]]]) -> str:
    """The report as HTML, of what each network of one seed learned and a table of all seeds."""
    said = " and ".join(f"{_NAMES[one.name]}, of {one.model.count():,} weights, {one.accuracy:.1%}"
                        for one in found)
    parts = [
        f"<p>Of {len(found[0].y)} digits that were kept for a test {said} are read right.</p>",
        html_table(*table), "<h2>Learning</h2>", image(lambda: plot_histories(found)),
        "<p>Loss and accuracy are those of digits to check on, which are neither learned from nor "
        "in the test. The learning rate falls to 0.</p>",
        "<h2>What they mix up</h2>",
        *(f"<h3>{_NAMES[one.name]}</h3>{card(confusion_matrix(one.logits, one.y, classes))}"
          for one in found),
        image(lambda: plot_mistakes(found)),
        "<p>The mistakes, those first that a network was surest of.</p>",
        "<h2>What they look for</h2>"]
    for one in found:
        parts += [f"<h3>{_NAMES[one.name]}</h3>",
                  image(partial(plot_kernels, one)),
                  card(one.model),
                  embedded("svg+xml", one.model.draw(one.x[:1], depth=1).svg().encode())]
    return report.page("Digits", *parts)


def plot_histories(found: Sequence[Any]) -> Any:
    """A row of loss and accuracy for each network, on a Figure of their own."""
    figure = blank(9.6, 3.6 * len(found))
    rows = figure.subfigures(len(found), 1, squeeze=False)[:, 0]
    for one, row in zip(found, rows, strict=True):
        row.suptitle(_NAMES[one.name])
        plot_history(one.history, row)
    return figure


def plot_mistakes(found: Sequence[Any]) -> Any:
    """The digits that each network mistakes, the surest first, on a Figure of their own."""
    wrongs = [mistakes(one) for one in found]
    columns = min(_SHOWN, max(6, *map(len, wrongs)))
    figure = blank(0.8 * columns, 1.5 * len(found))
    axes = figure.subplots(len(found), columns, squeeze=False)
    for one, wrong, row in zip(found, wrongs, axes, strict=True):
        for ax in row:
            ax.set_axis_off()
        row[0].set_title(f"{_NAMES[one.name]}, {len(wrong)} of {len(one.y)}\n", loc="left",
                         fontsize="medium")
        for i, ax in zip(wrong, row, strict=False):
            ax.imshow(one.x[i].reshape(SIDE, SIDE), cmap="gray_r", vmin=0.0, vmax=1.0)
            ax.text(0.5, -0.08, f"{one.y[i]}, not {one.logits[i].argmax()}", ha="center",
                    va="top", fontsize="small", transform=ax.transAxes)
    return figure


def mistakes(one: Any) -> Any:
    """The rows of the test that are read wrong, the surest mistake first."""
    sure = np.softmax(one.logits).max(axis=1)
    wrong = numpy.flatnonzero(one.logits.argmax(axis=1) != one.y)
    return wrong[numpy.argsort(-sure[wrong], kind="stable")]


def plot_kernels(one: Any) -> Any:
    """The weights of the first units of a network's first layer, as images, on Axes of their own.
    """
    layer = next(layer for layer in one.model if isinstance(layer, Conv2d | Linear))
    weights = numbers(layer.weight)
    weights = weights[:_KERNELS].reshape(len(weights[:_KERNELS]), -1)
    side = round(weights.shape[1] ** 0.5)
    ax = plot_weights(weights, (side, side), blank(9.6, 3.0).subplots())
    ax.set_title(f"{_NAMES[one.name]}: the first layer's first {len(weights)} units")
    return ax
