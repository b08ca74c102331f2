"""Mistakes in a model: what it ends in, and what no gradient reaches."""

from collections.abc import Iterator
from typing import Any

import numpy

from autograd import Tensor
from autograd.show.wording import number
from autograd.storage import to_numpy

from ..metrics import numbers
from ..neuron import MLP
from .findings import Finding
from .trial import Trial

DEAD = 0.9                  # of the units of a layer
ROWS = 10                   # for fewer a unit may well be off by chance
ARRANGING = {"getitem", "reshape", "permute_dims", "matrix_transpose", "astype", "broadcast_to"}


def ending(trial: Trial) -> Iterator[Finding]:
    """Softmax or sigmoid before a loss that takes logits: it takes probabilities for logits."""
    p = trial.found
    if trial.refused or p.min() < 0 or p.max() > 1:
        return
    if p.ndim > 1 and p.shape[-1] > 1 and abs(p.sum(-1) - 1).max() < 1e-3:
        kind, seen = "softmax", f"each row of predictions sums to 1, as {_row(p)}"
    elif _last(trial.predictions) == "sigmoid":
        kind = "sigmoid"
        seen = f"predictions lie between {number(p.min())} and {number(p.max())}"
    else:
        return
    loss = "cross_entropy" if _takes_logits(trial) else "binary_cross_entropy"
    if loss == "cross_entropy" or _takes_logit(trial):
        yield Finding(f"{kind} before {loss}", f"{seen}, and the loss takes logits",
                      f"leave out the {kind} at the end of the model; to see probabilities, take "
                      f"np.{kind}(model(x))")


def _takes_logits(trial: Trial) -> bool:
    """Whether adding a number to each row changes nothing, as in softmax, and a factor does."""
    p = trial.found
    added, scaled = trial.value(p + 1.0, trial.y), trial.value(p * 3.0, trial.y)
    return bool(p.shape[1:] > (1,) and numpy.isclose(added, trial.start, rtol=1e-3)
                and abs(scaled - trial.start) > 1e-3 * abs(trial.start))


def _takes_logit(trial: Trial) -> bool:
    """Whether the losses of z at targets 0 and 1 are softplus(z) and softplus(-z)."""
    for z in (0.5, 3.0):
        given = numpy.full_like(trial.found, z)
        zero, one = (trial.value(given, trial.y * 0 + target) for target in (0, 1))
        ratio = numpy.logaddexp(0.0, z) / numpy.logaddexp(0.0, -z)
        if not (one > 0 and numpy.isclose(zero / one, ratio, rtol=1e-3)):
            return False
    return True


def _last(predictions: Any) -> str:
    """The operation that computed the predictions, whatever arranged them afterwards."""
    while isinstance(predictions, list):
        predictions = predictions[0]
    node = predictions.node if isinstance(predictions, Tensor) else predictions
    while node.op and node.op.name in ARRANGING:
        node = node.args[0]
    return node.op.name if node.op else ""


def _row(p: Any) -> str:
    row = numpy.ravel(p[0])
    return f"({', '.join(number(float(x)) for x in row[:4])}{', ...' * (len(row) > 4)})"


def dead(trial: Trial) -> Iterator[Finding]:
    """Relus that are 0 for every row: no gradient passes them, and they stay so."""
    nodes, found = trial.nodes(), []
    if isinstance(trial.model, MLP):                # each row has a graph of its own
        nodes = Trial(trial.model.vectorize(), trial.x, trial.y, trial.loss).nodes()
    relus = [node for node in nodes if node.op and (
        node.op.name == "relu" or (node.op.name == "at_least" and node.args[1] == 0))]
    for i, node in enumerate(relus if len(trial.rows) >= ROWS else [], 1):
        off = (to_numpy(node.data) <= 0).all(0)
        if off.size and off.mean() >= DEAD:
            found.append(f"{off.sum()} of {off.size} units" + f" of relu {i}" * (len(relus) > 1))
    if found:
        yield Finding(
            "dead relus", f"{', '.join(found)} are 0 for all {len(trial.rows)} rows looked at",
            "build the model anew, to train it at a lower rate on standardised features, or write "
            '"leaky_relu" for "relu": it passes a gradient on both sides')


def constant(trial: Trial) -> Iterator[Finding]:
    """Predictions that are the same for every row, and stay so after a step."""
    if trial.refused or not _same(trial.found) or _same(trial.targets) or _same(
            numbers(trial.x)):
        return
    model, _ = trial.copies()
    gradients = trial.backward(model)
    largest = max((float(abs(to_numpy(g)).max(initial=0.0)) for g in gradients if g is not None),
                  default=0.0)
    if largest > 0:                         # a last layer of zeros is a healthy start
        for p, g in zip(model.parameters(), gradients, strict=True):
            p.data = p.data if g is None else p.data - g * (0.1 / largest)
        if not _same(trial.predicted(model)):
            return
    seen = f"the prediction is {_row(trial.found)} for all {len(trial.rows)} rows looked at"
    yield Finding("constant output", seen, _mend(trial))


def _mend(trial: Trial) -> str:
    if trial.found.shape[1:] == (1,) and (trial.found == 1).all():
        return "a softmax of one output is always 1: leave it out, and use binary_cross_entropy"
    for name, p in trial.model.named_parameters():
        if isinstance(p, Tensor) and p.ndim > 1 and p.size > 1 and _same(
                to_numpy(p.data).reshape(-1)):
            return (f"{name} is {number(float(to_numpy(p.data).flat[0]))} throughout: start from "
                    "random weights, as nn.Linear does")
    return ("no unit tells the rows apart: standardise the features, start from smaller weights, "
            "and look at what a relu, tanh or sigmoid in between makes of them")


def _same(x: Any) -> bool:
    """Whether all rows are the same, to rounding."""
    x = numpy.asarray(x, float)
    return bool((abs(x - x[:1]) <= 1e-6 * abs(x).max(initial=0.0)).all())
