"""Two moons on the scalar engine: micrograd's demo, about 66,000 Values recorded in each step.

A 2-16-16-1 network of Values, hinge loss and an L2 penalty, 100 points, plain gradient descent at
a rate that falls from 1.0 to 0.1.
"""

import random
from io import BytesIO
from typing import Any

import numpy

from autograd import Value, no_grad
from autograd.show.files import write_whole

from ..data import moons
from ..fit import predict
from ..losses import hinge_loss
from ..metrics import accuracy
from ..neuron import MLP
from ..optim import SGD
from . import Parser, folder, whole

PENALTY = 1e-4
SHADES = "@+. "                         # sure of 0, likely 0, likely 1, sure of 1


def main(words: list[str]) -> int:
    """Train, print every step and the plane as the network sees it."""
    options = Parser(prog="python -m nn moons", description=__doc__)
    options.add_argument("--steps", type=whole(1), default=100, help="gradient steps (100)")
    options.add_argument("--seed", type=whole(0), default=0, help="of points and weights (0)")
    options.add_argument("--out", type=folder, default="out/moons", help="folder for boundary.png")
    options.add_argument("--quiet", action="store_true", help="the last step only")
    given = options.parse_args(words)
    x, y = moons(100, noise=0.1, seed=given.seed)
    model = MLP(2, [16, 16, 1], rng=random.Random(given.seed))
    print(f"{model.count()} weights, {len(y)} points", flush=True)
    optimizer, signs = SGD(model.parameters(), lr=1.0), [int(sign) for sign in 2 * y - 1]
    for k in range(given.steps):
        optimizer.param_groups[0]["lr"] = 1.0 - 0.9 * k / given.steps
        optimizer.zero_grad()
        scores = predict(model, x)
        total = loss(model, scores, signs)
        total.backward()
        optimizer.step()
        if not given.quiet or k == given.steps - 1:
            print(f"step {k + 1:3}  loss {total.data:.4f}  "
                  f"accuracy {accuracy(scores, signs):.2f}", flush=True)
    print("\n" + picture(model, x, y))
    try:
        write_whole(given.out / "boundary.png", _plot(model, x, y))
        print(f"\nwritten to {given.out}: boundary.png")
    except ImportError:
        print("\nboundary.png was not drawn: it needs Matplotlib\nhelp: pip install matplotlib")
    return 0


def loss(model: MLP, scores: list[Value], signs: list[int]) -> Value:
    """The mean hinge loss plus PENALTY times the sum of the squared weights."""
    penalty = sum((p * p for p in model.parameters()), Value(0.0))
    total: Value = hinge_loss(scores, signs) + PENALTY * penalty
    return total


def picture(model: MLP, x: Any, y: Any, width: int = 60, height: int = 22) -> str:
    """The plane in characters: shades are the network's score, digits the points."""
    lower, upper = x.min(0) - 0.3, x.max(0) + 0.3
    grid = _scores(model, lower, upper, width, height)
    rows = [[SHADES[int(numpy.searchsorted([-1.0, 0.0, 1.0], score))] for score in row]
            for row in grid]
    for (a, b), label in zip((x - lower) / (upper - lower), y, strict=True):
        rows[int(b * (height - 1) + 0.5)][int(a * (width - 1) + 0.5)] = str(label)
    return "\n".join("".join(row).rstrip() for row in reversed(rows))


def _scores(model: MLP, lower: Any, upper: Any, width: int, height: int) -> Any:
    """The network's scores on a grid, an array of shape (height, width)."""
    a, b = numpy.meshgrid(numpy.linspace(lower[0], upper[0], width),
                          numpy.linspace(lower[1], upper[1], height))
    with no_grad():
        scores = model.vectorize()(numpy.stack([a.ravel(), b.ravel()], 1))
    return scores.data.reshape(height, width)


def _plot(model: MLP, x: Any, y: Any) -> bytes:
    """The same as a PNG."""
    from matplotlib.figure import Figure

    lower, upper = x.min(0) - 0.5, x.max(0) + 0.5
    figure, png = Figure(), BytesIO()
    axes = figure.subplots()
    axes.set_title(f"two moons, told apart by {model.count()} weights")
    axes.imshow(_scores(model, lower, upper, 200, 150), origin="lower", cmap="RdBu", vmin=-2,
                vmax=2, extent=(lower[0], upper[0], lower[1], upper[1]), alpha=0.7)
    axes.scatter(x[:, 0], x[:, 1], c=y, cmap="RdBu", edgecolors="k")
    figure.savefig(png, format="png", dpi=150, bbox_inches="tight")
    return png.getvalue()
