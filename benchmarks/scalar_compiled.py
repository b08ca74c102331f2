"""Scalar graphs compiled: micrograd's two-moons step frozen, and the graph of its README.

    python -m benchmarks.scalar_compiled        needs micrograd, jax and numba

The step is that of scalar_step, its graph frozen once: a replay reads the leaves, the loop zeroes
gradients and updates parameters in Python. The README's graph gives its value and both gradients,
called from Python; micrograd builds and walks it anew, with its collector as found. A batch is
10^6 independent inputs, results newly allocated; that graph has sums, products and powers, no
`exp`, which costs several times as much: rows without a bar show it.
"""

import statistics
import time

from . import scalar_step
from .measuring import Row, alternate, fresh, main, missing, per_call, ratios, versus

STEP = "scalar engine, compiled: micrograd's two-moons step, loss.freeze()"
README = "micrograd's README graph compiled, value and all gradients"
BATCH = "the same (sums, products, powers) over 1,000,000 independent inputs, batch=True"
TANH = "value and both gradients of tanh(a · b) / b, over as many inputs, batch=True"
EXP = "exp over as many inputs, batch=True, over NumPy's exp"
FREEZE = "freeze() of a graph of 1,000,000 operations, with its first call"


def graph(a, b, relu):
    """The graph of micrograd's README."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    return f / 2.0 + 10.0 / f


def frozen(steps):
    """Seconds of each training step over the frozen graph, and the last loss."""
    model, recorded = scalar_step.task("wengert")
    tape = recorded().freeze()
    seconds, parameters = [], model.parameters()
    for _ in range(steps):
        start = time.perf_counter()
        model.zero_grad()
        found = tape()
        for p in parameters:
            p.data -= 0.01 * p.grad
        seconds.append(time.perf_counter() - start)
    return seconds, found


def readme(side):
    """Seconds of one call."""
    relu = lambda x: x.relu()                                                   # noqa: E731
    if side == "micrograd":
        from micrograd.engine import Value

        def call():
            a, b = Value(-4.0), Value(2.0)
            graph(a, b, relu).backward()
            return a.grad, b.grad
    elif side == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
        fast = jax.jit(jax.value_and_grad(lambda a, b: graph(a, b, jax.nn.relu), (0, 1)))

        def call():
            return fast(-4.0, 2.0)[1]
    else:
        fast = compiled()

        def call():
            return fast(-4.0, 2.0)[1]
    assert [round(float(x), 4) for x in call()] == [138.8338, 645.5773]
    return per_call(call)


def compiled(**how):
    """The graph and its gradients, compiled."""
    from autograd import compile, value_and_grad

    return compile(value_and_grad(lambda a, b: graph(a, b, lambda x: x.relu()), (0, 1)), **how)


def batch(count):
    """Nanoseconds of one input."""
    import numpy

    fast = compiled(batch=True)
    a, b = numpy.random.default_rng(0).normal(size=(2, count))
    return per_call(lambda: fast(a, b), lasting=1.0) / count * 1e9


def of_exp(count):
    """Nanoseconds of one input: tanh(a · b) / b with its gradients, exp, and NumPy's exp."""
    import numpy

    import autograd.numpy as np
    from autograd import compile, value_and_grad

    slopes = compile(value_and_grad(lambda a, b: np.tanh(a * b) / b, (0, 1)), batch=True)
    exp = compile(lambda x: np.exp(x), batch=True)
    a = numpy.linspace(0.0, 1.0, count)
    return [per_call(side) / count * 1e9
            for side in (lambda: slopes(a, 2.0), lambda: exp(a), lambda: numpy.exp(a))]


def freezing(count):
    """Seconds to freeze a graph and replay it once."""
    from autograd import Value

    weights = [Value(0.001 * i) for i in range(1000)]
    layer = weights
    for _ in range(count // 3000):
        layer = [(x * w + y).tanh() for x, y, w in zip(layer, layer[1:] + layer[:1], weights)]
    loss = sum(layer)
    start = time.perf_counter()
    loss.freeze()()
    return time.perf_counter() - start


def rows(quick=False):
    repeats = 1 if quick else 5
    if lacking := [name for name in ("numba", "micrograd", "jax") if missing(name)]:
        for work, bar in ((STEP, {"at_least": 2000.0}), (README, {"at_most": 1 / 150}),
                          (BATCH, {"at_most": 2.0})):
            yield Row(work, **bar, note=f"{lacking[0]} is not installed")
        return
    found = alternate({"ours": lambda: fresh(frozen, 20 if quick else 300),
                       "micrograd": lambda: fresh(scalar_step.run, "micrograd", True, 2)}, repeats)
    times = {side: [statistics.median(seconds[1:]) for seconds, _ in runs]
             for side, runs in found.items()}
    yield Row(STEP, ratios(times["micrograd"], times["ours"]), "× faster", at_least=2000.0,
              note=versus(**times))
    sides = alternate({side: lambda side=side: fresh(readme, side)
                       for side in ("ours", "micrograd", "jax")}, repeats)
    for peer, bar in (("micrograd", 150.0), ("jax", 20.0)):
        yield Row(f"{README}, against {peer}", ratios(sides[peer], sides["ours"]), "× faster",
                  at_least=bar, note=versus(ours=sides["ours"], **{peer: sides[peer]}))
    yield Row(BATCH, [fresh(batch, 10**4 if quick else 10**6) for _ in range(repeats)],
              "ns a point", at_most=2.0)
    slopes, exp, plain = zip(*(fresh(of_exp, 10**4 if quick else 10**6) for _ in range(repeats)),
                             strict=True)
    yield Row(TANH, slopes, "ns a point")
    yield Row(EXP, ratios(exp, plain), note=f"ours {statistics.median(exp):.3g} ns a point, in all "
              f"threads; NumPy {statistics.median(plain):.3g} ns, in one, vectorised")
    yield Row(FREEZE, [fresh(freezing, 10**4 if quick else 10**6) for _ in range(repeats)], "s",
              at_most=5.0)


if __name__ == "__main__":
    main(rows)
