"""The report of a penguin run is one page that needs nothing else: pictures, table and stepper."""

from typing import Any

from autograd import Tensor

from ..data import Standardiser
from ..evaluation import is_scalar, predict
from ..history import History
from ..layers import Sequential
from ..losses import cross_entropy
from ..metrics import accuracy, confusion_matrix
from ..module import Module
from ..pictures import plot_boundary, plot_history
from ..pictures.paper import blank
from . import report
from .penguin_data import SPECIES
from .report import card, embedded, image

UNITS = "bill length in mm", "bill depth in mm"


def page(model: Module, history: History, standardiser: Standardiser, train: Any,
         validation: Any) -> str:
    """The report as HTML; `train` and `validation` are (x, y), x standardised."""
    x, y = validation
    predictions = predict(model, x)
    right = accuracy(predictions, y)
    bill = Sequential(standardiser.transform, model) if not is_scalar(model) else None
    return report.page(
        "Penguins",
        f"<p>A network of {model.count():,} weights learned to tell {', '.join(SPECIES)} from "
        f"four measurements. Of {len(y)} penguins that it had not seen it names {right:.1%} "
        "right.</p>",
        "<h2>Learning</h2>", image(lambda: plot_history(history, blank(9.6, 3.6))),
        f"<p>The validation loss was lowest in epoch {history.best_epoch}. Where it rises while "
        "the training loss falls, the network learns by heart.</p>",
        "<h2>What it makes of a bill</h2>",
        image(lambda: _boundary(model, bill, standardiser, train)),
        "<p>Flipper and mass are held at their means. Points are the penguins it learned from.</p>",
        "<h2>Which are mixed up</h2>", card(confusion_matrix(predictions, y, SPECIES)),
        "<h2>The network</h2>", card(model), _drawing(model, x),
        "<h2>One penguin, step by step</h2>",
        f"<p>The loss of one {SPECIES[int(y[0])]}: every operation forward, then every "
        "contribution to a gradient on the way back. Press Step, or use the arrow keys.</p>",
        _stepper(model, x, y))


def _boundary(model: Module, bill: Module | None, standardiser: Standardiser, train: Any) -> Any:
    """The classes over bill length and depth, in mm where the model takes batches."""
    x, y = train
    ax = blank().subplots()
    if bill is None:
        plot_boundary(model, x, y, classes=SPECIES, ax=ax)
    else:
        plot_boundary(bill, standardiser.inverse(x), y, classes=SPECIES, ax=ax)
    names = UNITS if bill else [f"{name.rpartition(' in ')[0]}, standardised" for name in UNITS]
    ax.set(xlabel=names[0], ylabel=names[1])
    return ax


def _drawing(model: Module, x: Any) -> str:
    example = x[0].tolist() if is_scalar(model) else x[:1]
    return embedded("svg+xml", model.draw(example, depth=1).svg().encode())


def _stepper(model: Module, x: Any, y: Any) -> str:
    """The stepper on the loss of the first penguin."""
    if is_scalar(model):
        loss = cross_entropy([model(x[0].tolist())], y[:1])
    else:
        loss = cross_entropy(model(Tensor(x[:1])), y[:1])
    loss.label = "loss"
    return card(loss.steps())
