"""A gradient of an MLP in the words of HIPS autograd, which are ours too: either runs this file.

    python hips_side.py SECONDS LAYERS...       prints the loss and the seconds of a call

It imports nothing from this folder: PyPI's `autograd` lives in an environment of its own.
"""

import json
import statistics
import sys
import time

import numpy

import autograd
import autograd.numpy as np


def loss(weights, x, chosen):
    for w, b in weights[:-1]:
        x = np.maximum(np.dot(x, w) + b, 0.0)
    w, b = weights[-1]
    logits = np.dot(x, w) + b
    top = np.max(logits, axis=1, keepdims=True)
    sums = np.log(np.sum(np.exp(logits - top), axis=1, keepdims=True)) + top
    return -np.sum((logits - sums) * chosen) / len(chosen)


def main(lasting, sizes, batch=128):
    random = numpy.random.default_rng(0)
    weights = [(random.uniform(-1, 1, (n, m)) / n**0.5, numpy.zeros(m))
               for n, m in zip(sizes, sizes[1:], strict=False)]  # noqa: RUF007
    x = random.normal(size=(batch, sizes[0]))
    chosen = numpy.eye(sizes[-1])[random.integers(0, sizes[-1], batch)]
    slope = autograd.value_and_grad(loss)
    value, _ = slope(weights, x, chosen)
    seconds, end = [], time.perf_counter() + lasting
    while time.perf_counter() < end or len(seconds) < 3:
        start = time.perf_counter()
        slope(weights, x, chosen)
        seconds.append(time.perf_counter() - start)
    print(json.dumps([float(value), statistics.median(seconds)]))


if __name__ == "__main__":
    main(float(sys.argv[1]), [int(word) for word in sys.argv[2:]])
