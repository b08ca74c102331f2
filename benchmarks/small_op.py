"""What recording costs: one operation on a Tensor of four numbers, over the same NumPy operation.

    python benchmarks/small_op.py

Both sides alternate in one process, 2,000 calls at a time; medians of 25 rounds, in nanoseconds.
The Tensors require gradients, so each result is recorded with its operation and operands.
"""

import statistics
import time

import numpy

import autograd.numpy as np
from autograd import Tensor

ROUNDS, CALLS = 25, 2000
a, b = numpy.random.default_rng(0).normal(size=(2, 4))
m = numpy.outer(a, b)
x, y, z = (Tensor(data, requires_grad=True) for data in (a, b, m))
c = Tensor(b)
ROWS = {
    "x + y": (lambda: a + b, lambda: x + y),
    "x * 2.0": (lambda: a * 2.0, lambda: x * 2.0),
    "x * constant": (lambda: a * b, lambda: x * c),
    "x ** 2": (lambda: a ** 2, lambda: x ** 2),
    "-x": (lambda: -a, lambda: -x),
    "x.tanh()": (lambda: numpy.tanh(a), lambda: x.tanh()),
    "np.exp(x)": (lambda: numpy.exp(a), lambda: np.exp(x)),
    "np.maximum(x, y)": (lambda: numpy.maximum(a, b), lambda: np.maximum(x, y)),
    "x.sum()": (lambda: a.sum(), lambda: x.sum()),
    "x[1:]": (lambda: a[1:], lambda: x[1:]),
    "x.reshape(2, 2)": (lambda: a.reshape(2, 2), lambda: x.reshape(2, 2)),
    "z @ z": (lambda: m @ m, lambda: z @ z),
    "z @ x": (lambda: m @ a, lambda: z @ x),
}


def seconds(call):
    """Of one call, from a round of them."""
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - start) / CALLS


if __name__ == "__main__":
    print(f"{'':18}{'NumPy':>8}{'recorded':>10}{'over':>8}   ns")
    for name, calls in ROWS.items():
        rounds = [[1e9 * seconds(call) for call in calls] for _ in range(ROUNDS)]
        plain, recorded = map(statistics.median, zip(*rounds, strict=True))
        print(f"{name:18}{plain:8.0f}{recorded:10.0f}{recorded - plain:8.0f}")
