"""The report of a regression: both fits, how the deep net learned, and the line step by step."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from autograd import Tensor

from ..evaluation import predict
from ..losses import mse_loss
from ..metrics import numbers
from ..pictures import plot_history
from ..pictures.paper import COLOURS, blank, open_frame
from . import report
from .report import card, embedded, html_table, image


def page(line: Any, curve: Any, truth: Callable[[Any], Any],
         errors: tuple[Sequence[str], Sequence[Sequence[str]]]) -> str:
    """The report as HTML: of a Line, a Curve, the curve without noise, and a table of errors."""
    linear, deep = curve.errors
    return report.page(
        "Regression",
        f"<p>Gradient descent finds the line {_formula(line.found)}, least squares "
        f"{_formula(line.exact)}. On a curve a line is wrong by "
        f"{linear:.4f} (mean squared error on points it had not seen), a deep net of "
        f"{curve.deep.count():,} weights by {deep:.4f}; {curve.noise:.4f} of that is noise, which "
        "nobody can predict.</p>",
        "<h2>The fits</h2>", image(lambda: plot_fits(line, curve, truth, blank(9.6, 4.0))),
        html_table(*errors),
        "<h2>Learning</h2>", image(lambda: plot_history(curve.history, blank(4.8, 3.6))),
        "<p>The loss of the deep net on the curve; its learning rate falls to 0.</p>",
        "<h2>The network</h2>", card(curve.deep),
        embedded("svg+xml", curve.deep.draw(curve.train[0][:1], depth=1).svg().encode()),
        "<h2>The line, step by step</h2>",
        "<p>The loss of the first point, with the weights that were found: every operation "
        "forward, then every contribution to a gradient on the way back. Press Step, or use the "
        "arrow keys.</p>", _stepper(line))


def plot_fits(line: Any, curve: Any, truth: Callable[[Any], Any], figure: Any) -> list[Any]:
    """The line beside the curve on a Figure, each with its points; returns the Axes."""
    left, right = figure.subplots(1, 2)
    ends = numpy.array([-2.0, 2.0])
    left.plot(line.x, line.y, ".", color="0.6", label="points")
    left.plot(ends, line.exact[0] * ends + line.exact[1], color=COLOURS[1], linewidth=4,
              alpha=0.5, label="least squares")
    left.plot(ends, line.found[0] * ends + line.found[1], color=COLOURS[0], label="found")
    x = numpy.linspace(-2.0, 2.0, 400)[:, None]
    right.plot(*curve.train, ".", color="0.8", label="learned from")
    right.plot(*curve.validation, ".", color="0.5", label="held out")
    right.plot(x, truth(x), "--", color="0.2", label="without noise")
    for i, (name, model) in enumerate((("deep net", curve.deep), ("linear layer", curve.linear))):
        right.plot(x, numbers(predict(model, x)), color=COLOURS[i], label=name)
    for ax, title in ((left, "a line"), (right, "a curve")):
        open_frame(ax)
        ax.set(title=title, xlabel="x", ylabel="y")
    left.legend()
    right.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, fontsize="small",
                 columnspacing=1.0, handlelength=1.4)
    return [left, right]


def _formula(line: tuple[float, float]) -> str:
    """A (slope, intercept) as y = 2.0000 x − 1.0000."""
    slope, intercept = line
    return f"y = {slope:.4f} x {'−+'[intercept >= 0]} {abs(intercept):.4f}"


def _stepper(line: Any) -> str:
    """The stepper on the loss of the first point."""
    loss = mse_loss(line.model(Tensor(line.x[:1])), line.y[:1])
    loss.label = "loss"
    return card(loss.steps())
