"""Seconds to draw: a network of 2,000 nodes folded, 100 nodes in full, and the stepper's page.

    python benchmarks/drawing.py

Each picture is laid out and written as SVG; the median of five.
"""

import statistics
import time

import nn
from autograd import Value
from autograd.show.drawing import layout
from autograd.sweep import history


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


def median(f):
    """Seconds of one call, the median of five."""
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        f()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main():
    """Print the table."""
    print(f"laid out by {next(layout.programs()).name}")
    for name, loss in (("folded", network([16, 16, 1], 3)), ("in full", network([4, 4, 1], 1))):
        graph = loss.draw()
        print(f"{len(history([loss])):,} nodes drawn {name}, {len(graph.boxes)} boxes: "
              f"{median(lambda loss=loss: loss.draw().svg()):.3f} s (bar 1 s)")
    steps = readme().steps()
    size = len(steps._repr_html_().encode())
    print(f"the stepper of micrograd's README example: {median(steps._repr_html_):.3f} s, "
          f"{size / 1000:.0f} kB (bar 150 kB)")


if __name__ == "__main__":
    main()
