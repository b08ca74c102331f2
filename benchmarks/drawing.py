"""Seconds to draw: a network of 2,000 nodes folded, 100 nodes in full, and the stepper's page.

    python -m benchmarks.drawing

Each picture is laid out and written as SVG, five times.
"""

import nn
from autograd import Value
from autograd.show.drawing import layout
from autograd.sweep import history

from .measuring import Row, main, seconds


def network(sizes, samples):
    """The loss of an MLP over some samples, its gradients computed."""
    model = nn.MLP(3, sizes, seed=0)
    loss = sum((model([0.5, -1.0, float(i)]) - 1.0) ** 2 for i in range(samples))
    loss.backward()
    return loss


def readme():
    """The expression of micrograd's README."""
    a, b = Value(-4.0, label="a"), Value(2.0, label="b")
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    return (c - d) ** 2 / 2.0 + 10.0 / (c - d) ** 2


def rows(quick=False):
    program = next(layout.programs(), None)
    if program is None:
        yield Row("drawing", note=f"nothing to lay graphs out: {layout.INSTALL}")
        return
    folded, full = ([4, 1], [2, 1]) if quick else ([16, 16, 1], [4, 4, 1])
    repeats = 1 if quick else 5
    for name, loss in (("folded", network(folded, 3)), ("in full", network(full, 1))):
        yield Row(f"draw {len(history([loss])):,} nodes {name}, as SVG",
                  [seconds(lambda loss=loss: loss.draw().svg()) for _ in range(repeats)], "s", 1.0,
                  note=f"laid out by {program.name}")
    steps = readme().steps()
    yield Row("the stepper's page of micrograd's README example",
              [len(steps._repr_html_().encode()) / 1000], "kB", 150.0,
              note=f"{seconds(steps._repr_html_):.3f} s")


if __name__ == "__main__":
    main(rows)
