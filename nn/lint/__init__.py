"""The lint looks for a beginner's mistakes where they are seen: in a model on some of its data."""

import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from autograd.errors import ArgumentError

from .. import arguments
from ..evaluation import forward, one
from ..module import Module
from ..optim import clip_grad_norm
from ..optimizer import Optimizer
from .data import features, labels, shapes
from .findings import Finding, Findings, LintWarning
from .model import constant, dead, ending
from .training import gradients, rate
from .trial import Trial, untouched

__all__ = ["Finding", "Findings", "LintWarning", "check", "warn"]

OF_FIT = (shapes, ending, dead, features, constant, rate, labels)   # fit zeroes gradients itself
Step = Callable[..., Any]


def check(model: Module, x: Any, y: Any, loss: str | Callable[[Any, Any], Any], *,
          optimizer: Optimizer | None = None, step: Step | None = None) -> Findings:
    """The beginner's mistakes in these: a list of findings, each with name, seen and mend.

    (N, 1) against (N,); softmax before cross_entropy; gradients not zeroed (give your
    `step(model, optimizer, x, y)`); dead relus; unscaled features; constant output; a learning
    rate that raises the loss (give `optimizer`); labels shifted. A copy of the model is tried on
    64 rows, 16 of a model of Values: model, optimiser, gradients and random states stay as they
    are. Raises what the model or the loss raises, where no finding explains it.
    """
    if step is not None and optimizer is None:
        raise ArgumentError("check got a step, and no optimiser for it",
                            "give both: optimizer=optimizer, step=step")
    function = arguments.loss_of(loss)
    if optimizer is not None:
        optimizer = arguments.optimizer_of(model, optimizer, None)
    x, y = arguments.rows_of(model, x, y, "check")
    with untouched(model) as stored:
        trial = Trial(model, x, y, function, optimizer, step, stored)
        found = trial.findings((*OF_FIT[:2], gradients, *OF_FIT[2:]))
        if not found and trial.refused:
            trial.loss_of(trial.model)                  # raises what the loss has against it
    left = [text for given, text in (
        (optimizer, "the learning rate: give optimizer="),
        (step, "whether gradients are zeroed: give step=")) if given is None]
    return Findings(found, left)


def warn(model: Module, x: Any, y: Any, loss: Callable[[Any, Any], Any], optimizer: Optimizer,
         clip_norm: float | None = None) -> None:
    """`check` as one LintWarning, for `fit`; where the loss raises, `fit` will, and says why."""
    def step(copy: Module, optimizer: Optimizer, x: Any, y: Any) -> None:
        optimizer.zero_grad()
        one(loss(forward(copy, x), y)).backward()
        if clip_norm is not None:
            clip_grad_norm(copy.parameters(), clip_norm)
        optimizer.step()

    found: list[Finding] = []
    with suppress(Exception), untouched(model) as stored:       # models are anybody's
        trial = Trial(model, x, y, loss, optimizer, step, stored)
        trial.loss_of(trial.model)
        found = trial.findings(OF_FIT)
    if found:
        level, frame = 1, sys._getframe()
        while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "nn":
            level, frame = level + 1, frame.f_back
        text = "\n".join(map(str, found))
        warnings.warn(f"nn.check found, before the first step:\n{text}", LintWarning, level)
