"""Weight pictures show what each unit of a layer looks for: the weights of its inputs."""

import math
import operator
import sys
from typing import Any

import numpy

from autograd import Tensor
from autograd.errors import ArgumentError, DtypeError, ShapeError, describe
from autograd.show.heat import INF, NAN, PALETTE, scale
from autograd.storage import is_array

from ..layers import Linear
from ..metrics import numbers
from ..module import Module
from ..neuron import Layer, Neuron
from .paper import axes_for, whole_numbers

_GAP = 0.18                             # between images, as a share of the larger side
_NUMBERED = 100                         # units, in images, that get a number each


def plot_weights(layer: Any, shape: tuple[int, int] | None = None, ax: Any = None) -> Any:
    """The weights of a layer's inputs: a row of a heat map for each unit, or an image for each.

    `layer` is a Linear, a Layer or Neuron of Values, or a matrix (units, inputs). With `shape`,
    (height, width), the inputs of each unit are the pixels of an image, row by row, as in
    pixels.reshape(height, width). Red is positive, blue negative, white 0, black nan, grey inf.
    Returns the Axes. Raises ShapeError, DtypeError or ArgumentError for what does not fit,
    ImportError without Matplotlib.
    """
    weights = _matrix(layer)
    limit = min(scale(weights) or 1.0, sys.float_info.max / 4)      # the axes go beyond it
    weights = numpy.clip(weights, -2 * limit, 2 * limit)        # inf is beyond the scale: grey
    colours = _colours(limit)
    if shape is None:
        ax = axes_for("plot_weights", ax)
        image = ax.imshow(weights, aspect="auto", interpolation="nearest", **colours)
        whole_numbers(ax.xaxis, ax.yaxis)
        ax.set(xlabel="input", ylabel="unit")
        ax.figure.colorbar(image, ax=ax, label="weight")
        return ax
    height, width = _sides(shape, weights.shape[1])
    columns = _columns(len(weights), width, height)
    tall = -(-len(weights) // columns) * height / (columns * width)
    ax = axes_for("plot_weights", ax, 6.4, 0.4 + 5.2 * tall)
    images = _tiles(ax, weights.reshape(-1, height, width), columns, colours)
    ax.figure.colorbar(images[0], ax=ax, label="weight")
    return ax


def _tiles(ax: Any, images: Any, columns: int, colours: dict[str, Any]) -> list[Any]:
    """The images in rows, unit by unit, on one Axes."""
    from matplotlib.patches import Rectangle

    count, height, width = images.shape
    gap = _GAP * max(height, width)
    drawn = []
    for i, image in enumerate(images):
        left, top = i % columns * (width + gap), i // columns * (height + gap)
        drawn.append(ax.imshow(image, extent=(left, left + width, top + height, top),
                               origin="upper", interpolation="nearest", **colours))
        ax.add_patch(Rectangle((left, top), width, height, fill=False, color="0.75", linewidth=0.5,
                               clip_on=False))
        if count <= _NUMBERED:
            ax.text(left, top - 0.02 * gap, str(i), fontsize="xx-small", color="0.45", va="bottom")
    rows = -(-count // columns)
    ax.set(xlim=(0, columns * (width + gap) - gap), ylim=(rows * (height + gap) - gap, -gap))
    ax.set_aspect("equal")
    ax.set_axis_off()
    return drawn


def _columns(count: int, width: int, height: int) -> int:
    """How many images in a row: about a square to twice as wide, with the fewest places empty."""
    least = max(1, round(math.sqrt(count * height / width)))
    return min(range(min(least, count), min(2 * least, count) + 1), key=lambda n: (-count % n, n))


def _colours(limit: float) -> dict[str, Any]:
    """The colour scale of every heat map here: as far below 0 as above, nan and inf apart."""
    from matplotlib.colors import ListedColormap, Normalize

    shades = ListedColormap(PALETTE[:NAN] / 255).with_extremes(
        bad=PALETTE[NAN] / 255, over=PALETTE[INF] / 255, under=PALETTE[INF] / 255)
    return {"cmap": shades, "norm": Normalize(-limit, limit)}


def _matrix(layer: Any) -> Any:
    """The weights as an array, (units, inputs)."""
    if isinstance(layer, Linear):
        return numbers(layer.weight).astype(float)
    if isinstance(layer, Layer | Neuron):
        neurons = layer.neurons if isinstance(layer, Layer) else [layer]
        return numbers([neuron.w for neuron in neurons]).astype(float)
    if isinstance(layer, Module):
        raise ArgumentError(f"plot_weights takes one layer, got a model, {layer.title()}",
                            "give one that has weights, such as model.layers[0]")
    if not (isinstance(layer, Tensor | list | tuple) or is_array(layer)):
        raise ArgumentError(f"plot_weights of {describe(layer)}",
                            "give a Linear, a Layer, or a matrix of shape (units, inputs)")
    weights = numbers(layer)
    if weights.ndim != 2 or not weights.size:
        raise ShapeError(f"weights of shape {weights.shape}",
                         "give a matrix of shape (units, inputs); one unit is weights[None]")
    if weights.dtype.kind not in "fiub":
        raise DtypeError(f"weights of dtype {weights.dtype}", "give real numbers, such as abs(w)")
    return weights.astype(float)


def _sides(shape: Any, inputs: int) -> tuple[int, int]:
    """The height and width of an image."""
    try:
        height, width = map(operator.index, shape)
    except (TypeError, ValueError):
        height = width = 0
    if height < 1 or width < 1 or height * width != inputs:
        raise ShapeError(f"shape={shape!r} for units of {inputs} inputs",
                         f"give (height, width) with height * width = {inputs}, or no shape")
    return height, width
