"""What recording costs: one operation on a Tensor of four numbers, over the same NumPy operation.

    python -m benchmarks.small_op

Both sides alternate in one process, 2,000 calls at a time, 25 rounds; the spread is that of the
middle half. The Tensors require gradients, so each result is recorded with its operation and
operands.
"""

import statistics

import numpy

import autograd.numpy as np
from autograd import Tensor

from .measuring import Row, fresh, main, seconds, took

a, b = numpy.random.default_rng(0).normal(size=(2, 4))
m = numpy.outer(a, b)
x, y, z = (Tensor(data, requires_grad=True) for data in (a, b, m))
c = Tensor(b)
WORK = {
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


def measured(rounds, calls):
    """Of each operation pairs of seconds, NumPy's and ours."""
    return {name: [[seconds(call, calls) for call in sides] for _ in range(rounds)]
            for name, sides in WORK.items()}


def rows(quick=False):
    for name, pairs in fresh(measured, *((3, 10) if quick else (25, 2000))).items():
        plain, recorded = map(statistics.median, zip(*pairs, strict=True))
        over = statistics.quantiles([1e6 * (ours - theirs) for theirs, ours in pairs], n=4)
        yield Row(f"`{name}` recorded, beyond NumPy's", over, "µs", 1.0,
                  note=f"NumPy {took(plain)}, recorded {took(recorded)}")


if __name__ == "__main__":
    main(rows)
