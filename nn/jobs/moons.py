"""Two moons on the scalar engine: micrograd's demo, about 66,000 Values recorded in each step.

A 2-16-16-1 network of Values, hinge loss and an L2 penalty, 100 points, plain gradient descent at
a rate that falls from 1.0 to 0.1.
"""

import random
from typing import Any

import numpy

from autograd import Value
from autograd.show.files import write_whole

from ..data import moons
from ..evaluation import forward
from ..losses import hinge_loss
from ..metrics import accuracy
from ..neuron import MLP
from ..optim import SGD
from ..pictures import plot_boundary, to_png
from ..pictures.boundary import plane
from ..pictures.paper import blank
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
        scores = forward(model, x)
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
    across, up, scores = plane(model, x, size=(width, height))
    rows = [[SHADES[int(numpy.searchsorted([-1.0, 0.0, 1.0], score))] for score in row]
            for row in scores[..., 1]]
    for (a, b), label in zip(x, y, strict=True):
        rows[int(abs(up - b).argmin())][int(abs(across - a).argmin())] = str(label)
    return "\n".join("".join(row).rstrip() for row in reversed(rows))


def _plot(model: MLP, x: Any, y: Any) -> bytes:
    """The same as a PNG."""
    ax = plot_boundary(model, x, y, ax=blank().subplots())
    ax.set(title=f"two moons, told apart by {model.count()} weights", xlabel="", ylabel="")
    return to_png(ax)
