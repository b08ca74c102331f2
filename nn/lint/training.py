"""Mistakes in training: gradients that are not zeroed, and a learning rate that is too high."""

from collections.abc import Iterator
from typing import Any

import numpy

from autograd import Tensor, Value
from autograd.show.wording import number
from autograd.storage import full, to_numpy

from ..optimizer import gradient
from .findings import Finding
from .trial import Trial

STEPS = 10                  # after one of which the loss must be below its start


def gradients(trial: Trial) -> Iterator[Finding]:
    """Gradients of earlier steps in those of this one: of a step, or of a model as it came."""
    name, edit = "gradients not zeroed", "call optimizer.zero_grad() before each loss.backward()"
    if trial.step is not None:
        fresh, again, late = (_after_step(trial, before) for before in (None, None, 1.0))
        if fresh.any() and (fresh == again).all() and not numpy.allclose(fresh, late, rtol=1e-3):
            yield Finding(name, f"gradients have norm {_norm(fresh)} after a step, and "
                          f"{_norm(late)} if there were some of norm {_norm(fresh * 0 + 1)} before "
                          "it", edit)
    elif not trial.refused and trial.is_small and any(g is not None for g in trial.stored):
        whole = trial.backward(trial.copies()[0], trial.data)
        one, stored = _flat(trial, whole), _flat(trial, trial.stored)
        times = round(float(stored @ one / (one @ one))) if one.any() else 0
        if times > 1 and numpy.allclose(stored, times * one, rtol=1e-3):
            yield Finding(name, f"gradients have norm {_norm(stored)}, {times} times that of one "
                          f"backward pass, {_norm(one)}", edit)


def _after_step(trial: Trial, before: float | None) -> Any:
    """All gradients after a step that began with these, in one vector."""
    model, optimizer = trial.copies()
    for p in model.parameters():
        if before is not None:
            p.grad = before if isinstance(p, Value) else Tensor(full(p.data, p.shape, before))
    trial.train(model, optimizer)
    return _flat(trial, [gradient(p) for p in model.parameters()])


def rate(trial: Trial) -> Iterator[Finding]:
    """A learning rate at which the loss rises, where it falls at a lower one."""
    if trial.optimizer is None or trial.refused:
        return
    losses, lr = _losses(trial, 1.0), trial.optimizer.lr
    dealt = trial.value(numpy.roll(trial.found, 1, axis=0), trial.y)    # the predictions at random
    if not losses or losses[-1] <= 1.1 * max(trial.start, dealt):
        return
    for share in (0.1, 0.01, 0.001):
        if not _losses(trial, share):
            yield Finding("learning rate too high", f"at lr={lr:g} the loss goes from "
                          f"{number(trial.start)} to {number(losses[-1])} in {len(losses)} steps; "
                          f"at lr={lr * share:g} it falls", f"lower it: lr={lr * share:g}")
            return


def _losses(trial: Trial, share: float) -> list[float]:
    """The loss after each of a few steps at a share of the rate; none if one is below its start."""
    model, optimizer = trial.copies()
    for group in optimizer.param_groups:
        group["lr"] *= share
    losses: list[float] = []
    while len(losses) < STEPS and (not losses or numpy.isfinite(losses[-1])):
        trial.train(model, optimizer)
        losses.append(trial.loss_of(model))
        if losses[-1] < trial.start:
            return []
    return losses


def _flat(trial: Trial, gradients: list[Any]) -> Any:
    """Gradients in one vector of floats; where there is none, 0."""
    parts = [numpy.zeros(numpy.size(to_numpy(p.data))) if g is None else numpy.ravel(to_numpy(g))
             for p, g in zip(trial.model.parameters(), gradients, strict=True)]
    return numpy.concatenate([numpy.zeros(0), *parts])


def _norm(x: Any) -> str:
    return number(float(numpy.linalg.norm(x)))
