"""A group is what of a model is looked at together: a Tensor, or the Values of a layer."""

import re
from collections.abc import Iterable
from typing import Any

import numpy

from autograd import Value
from autograd.show.heat import on_host
from autograd.show.numbers import norm as finite_norm

from .module import Module


def groups(model: Module) -> dict[str, dict[str, Any]]:
    """The parameters of a model by name, in their groups by name."""
    found: dict[str, dict[str, Any]] = {}
    for name, p in model.named_parameters():
        group = name
        if isinstance(p, Value):            # layers.0.neurons.3.w.1 is of layers.0, w.1 of w
            group = re.sub(r"(\.?neurons\..*|(\.\d+)+)$", "", name) or model.title()
        found.setdefault(group, {})[name] = p
    return found


def joined(arrays: Iterable[Any]) -> Any:
    """Numbers and arrays of any storage end to end, in an array of their own; None of nothing."""
    parts = [numpy.ravel(x if isinstance(x, float) else on_host(x)) for x in arrays]
    return numpy.concatenate(parts) if parts else None


def norm(x: Any) -> float:
    """The Euclidean norm, where squares would overflow or vanish too: of 1e-200 it is not 0."""
    return finite_norm(numpy.abs(x).astype(float))
