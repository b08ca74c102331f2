"""A step is what training does with one batch: predict, loss, backward, clip, update.

A batch may come in pieces, for which there is memory one after another: their gradients add up,
each by its share of the rows, to the gradient of the whole.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy

import autograd
import autograd.numpy as np
from autograd import Tensor
from autograd.errors import ShapeError, describe

from .distributed import Alone
from .evaluation import forward, one
from .given import typed
from .metrics import numbers
from .optim import clip_grad_norm
from .optimizer import gradient

Step = Callable[..., Any]


def training_step(loss: Callable[..., Any], clip_norm: float | None, gradients: bool,
                  compile: bool, ranks: Alone) -> Step:
    """step(model, optimizer, *pieces), of (x, y) or (x, y, weights): the loss, and gradients.

    The gradients are those before they are clipped, by the parameter's name, where `gradients` asks
    for them. Compiled, a batch in one piece is one program; else a piece is, and the update is.
    Of several ranks each takes its share of the rows of every piece.
    """
    whole, part, update = _whole(loss, clip_norm, gradients), _part(loss), _update(clip_norm)
    if compile:
        whole, part, update = map(autograd.compile, (whole, part, update))

    def step(model: Any, optimizer: Any, *pieces: tuple[Any, ...]) -> Any:
        if len(pieces) == ranks.size == 1:
            return whole(model, optimizer, *pieces[0])
        rows, total, found = sum(map(len_of, pieces)), 0.0, dict[str, Any]()
        with ranks.trying():
            for piece in _shared(pieces, ranks):
                value, more = part(model, len_of(piece) / rows, *piece)
                total = value + total
                for name, g in more.items():
                    found[name] = found[name] + g if name in found else g
        total, found = ranks.sum_gradients(model, found, total)
        update(model, optimizer, found)
        return total, found

    return step


def _shared(pieces: Iterable[tuple[Any, ...]], ranks: Alone) -> Iterator[tuple[Any, ...]]:
    """Of each piece the rows that are this rank's, if there are any."""
    for piece in pieces:
        mine = ranks.share(len_of(piece))
        if mine.stop > mine.start:
            yield tuple(x[mine, ...] for x in piece) if ranks.size > 1 else piece


def len_of(piece: tuple[Any, ...]) -> int:
    """How many rows there are in a piece."""
    return int(piece[1].shape[0])


def _whole(loss: Callable[..., Any], clip_norm: float | None, gradients: bool) -> Step:
    """The step of a batch in one piece."""
    def step(model: Any, optimizer: Any, *piece: Any) -> Any:
        optimizer.zero_grad()
        if gradients:
            model.zero_grad()                   # the optimiser may not have all of them
        value = _loss(loss, model, *piece)
        value.backward()
        found = _gradients(model) if gradients else {}
        _move(model, optimizer, clip_norm)
        return value.detach(), found

    return step


def _part(loss: Callable[..., Any]) -> Step:
    """The loss and the gradients of a piece, times its share."""
    def part(model: Any, share: float, *piece: Any) -> Any:
        model.zero_grad()
        value = _loss(loss, model, *piece) * share
        value.backward()
        return value.detach(), _gradients(model)

    return part


def _update(clip_norm: float | None) -> Step:
    """The update by gradients that were added up."""
    def update(model: Any, optimizer: Any, gradients: dict[str, Any]) -> None:
        optimizer.zero_grad()
        for name, p in model.named_parameters():
            if name in gradients:
                p.grad = gradients[name]
        _move(model, optimizer, clip_norm)

    return update


def _gradients(model: Any) -> dict[str, Any]:
    """The gradients that were computed, arrays or floats, by the parameter's name."""
    return {name: g for name, p in model.named_parameters() if (g := gradient(p)) is not None}


def _move(model: Any, optimizer: Any, clip_norm: float | None) -> None:
    if clip_norm is not None:
        clip_grad_norm(model.parameters(), clip_norm)
    optimizer.step()


def _loss(loss: Callable[..., Any], model: Any, x: Any, y: Any, weights: Any = None) -> Any:
    """The mean loss over rows, each with its weight where there are weights."""
    predictions = forward(model, x)
    if weights is None:
        return one(loss(predictions, y))
    return _weighted(loss(predictions, y, reduction="none"), weights)


def _weighted(losses: Any, weights: Any) -> Any:
    """The mean of losses, (n, ...) or as many Values for each row, times the weights, (n,)."""
    n = weights.shape[0]
    if isinstance(losses, list) and losses and len(losses) % n == 0:
        repeated = numpy.repeat(numbers(weights), len(losses) // n).tolist()
        terms = [loss * weight for loss, weight in zip(losses, repeated, strict=True)]
        return sum(terms[1:], terms[0]) / len(terms)
    if not isinstance(losses, Tensor) or losses.shape[:1] != (n,):
        raise ShapeError(f'the loss of {n} rows with reduction="none" is {describe(losses)}',
                         "return a loss for each row, none of them reduced")
    return np.mean(losses * np.reshape(typed(weights, losses), (n, *[1] * (losses.ndim - 1))))
