"""The training step that all engines run: linear layers with ReLU between, cross entropy, Adam.

Each side is a function of sizes and starting weights that gives `step(x, y)`, which trains and
returns the loss, and how that engine takes a batch. All start alike and see the same fresh batches:
on one memorised batch Adam drifts into denormal numbers, which slow every engine.
"""

import functools
import itertools
import statistics
import time

import numpy

RATE, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8


def layers(sizes):
    return list(itertools.pairwise(sizes))


def weights(sizes):
    """Weight (out, in) and bias of each layer, float32."""
    random = numpy.random.default_rng(0)
    return [random.uniform(-1, 1, shape).astype("float32") / n**0.5
            for n, m in layers(sizes) for shape in ((m, n), (m,))]


def batches(sizes, batch, count):
    random = numpy.random.default_rng(1)
    return [(random.normal(size=(batch, sizes[0])).astype("float32"),
             random.integers(0, sizes[-1], batch)) for _ in range(count)]


# -- the sides -------------------------------------------------------------------------------------

def wengert(sizes, compiled=True):
    import autograd
    import nn

    model = nn.Sequential(*(layer for n, m in layers(sizes)
                            for layer in (nn.Linear(n, m, dtype="float32"), nn.ReLU())))[:-1]
    for p, data in zip(model.parameters(), weights(sizes), strict=True):
        p.data = data
    optimizer = nn.Adam(model.parameters(), lr=RATE)

    def train_step(model, optimizer, x, y):
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    step = autograd.compile(train_step) if compiled else train_step
    return functools.partial(step, model, optimizer), lambda x, y: (x, y)


def jax(sizes):
    """`jax.jit` of value_and_grad and Adam; the buffers of parameters and state are donated."""
    import jax
    import jax.numpy as jnp

    def loss_of(parameters, x, y):
        for w, b in parameters[:-1]:
            x = jax.nn.relu(x @ w.T + b)
        w, b = parameters[-1]
        logits = x @ w.T + b
        return jnp.mean(jax.nn.logsumexp(logits, axis=1) - logits[jnp.arange(len(y)), y])

    @functools.partial(jax.jit, donate_argnums=0)
    def train_step(state, x, y):
        parameters, means, squares, count = state
        loss, gradients = jax.value_and_grad(loss_of)(parameters, x, y)
        count = count + 1
        means = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, means, gradients)
        squares = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, squares, gradients)
        rate, root = RATE / (1 - BETA1**count), jnp.sqrt(1 - BETA2**count)
        parameters = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + EPS),
                                  parameters, means, squares)
        return (parameters, means, squares, count), loss

    flat = [jnp.asarray(w) for w in weights(sizes)]
    parameters = list(zip(flat[::2], flat[1::2], strict=True))
    zeros = functools.partial(jax.tree.map, jnp.zeros_like)
    state = parameters, zeros(parameters), zeros(parameters), jnp.float32(0)

    def step(x, y):
        nonlocal state
        state, loss = train_step(state, x, y)
        return loss

    return step, lambda x, y: (jnp.asarray(x), jnp.asarray(y))


def torch(sizes, compiled=False):
    """Eager with its fused Adam; compiled: loss and gradients by `torch.compile`, the same Adam."""
    import torch

    model = torch.nn.Sequential(*(layer for n, m in layers(sizes)
                                  for layer in (torch.nn.Linear(n, m), torch.nn.ReLU())))[:-1]
    with torch.no_grad():
        for p, data in zip(model.parameters(), weights(sizes), strict=True):
            p.copy_(torch.from_numpy(data))
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)

    def loss_of(x, y):
        return torch.nn.functional.cross_entropy(model(x), y)

    forward = torch.compile(loss_of) if compiled else loss_of

    def step(x, y):
        optimizer.zero_grad()
        loss = forward(x, y)
        loss.backward()
        optimizer.step()
        return loss

    return step, lambda x, y: (torch.from_numpy(x), torch.from_numpy(y))


def by_hand(sizes):
    """The step in NumPy, its derivatives worked out by hand."""
    parameters = weights(sizes)
    moments = [(numpy.zeros_like(p), numpy.zeros_like(p)) for p in parameters]
    pairs = list(zip(parameters[::2], parameters[1::2], strict=True))
    count = 0

    def step(x, y):
        nonlocal count
        inputs = [x]
        for w, b in pairs[:-1]:
            inputs.append(numpy.maximum(inputs[-1] @ w.T + b, 0))
        w, b = pairs[-1]
        logits = inputs[-1] @ w.T + b
        shifted = logits - logits.max(axis=1, keepdims=True)
        exps = numpy.exp(shifted)
        totals = exps.sum(axis=1, keepdims=True)
        rows = numpy.arange(len(y))
        loss = (numpy.log(totals[:, 0]) - shifted[rows, y]).mean()
        g = exps / totals
        g[rows, y] -= 1
        g /= len(y)
        gradients = []
        for (w, _), entering in zip(reversed(pairs), reversed(inputs), strict=True):
            gradients[:0] = [g.T @ entering, g.sum(axis=0)]
            if entering is not x:
                g = (g @ w) * (entering > 0)
        count += 1
        for p, g, (m, v) in zip(parameters, gradients, moments, strict=True):
            m *= BETA1
            m += (1 - BETA1) * g
            v *= BETA2
            v += (1 - BETA2) * g * g
            p -= (RATE / (1 - BETA1**count)) * m / (numpy.sqrt(v) / (1 - BETA2**count)**0.5 + EPS)
        return loss

    return step, lambda x, y: (x, y)


SIDES = {"wengert": wengert, "eager": functools.partial(wengert, compiled=False),
         "by_hand": by_hand, "jax": jax, "torch": torch,
         "torch_compiled": functools.partial(torch, compiled=True)}


# -- what is measured ------------------------------------------------------------------------------

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1",
              "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}


def measure(side, sizes, batch, lasting):
    """What a side takes for a step, the median of rounds, and for the first one, in seconds.

    With the losses of the first and the tenth step, in which all sides must agree.
    """
    step, take = SIDES[side](tuple(sizes))
    data = [take(x, y) for x, y in batches(
        sizes, batch, max(4, min(64, 30_000_000 // (batch * sizes[0]))))]
    start = time.perf_counter()
    losses = [step(*data[0]).item()]
    first = time.perf_counter() - start
    losses += [step(*data[i % len(data)]).item() for i in range(1, 10)]
    start = time.perf_counter()
    step(*data[0]).item()
    calls = max(2, round(lasting / 15 / (time.perf_counter() - start)))
    chosen = [data[i % len(data)] for i in range(calls)]
    rounds, end = [], time.perf_counter() + lasting
    while time.perf_counter() < end or len(rounds) < 3:
        start = time.perf_counter()
        for x, y in chosen:
            loss = step(x, y)
        loss.item()                                     # JAX returns before it is done
        rounds.append((time.perf_counter() - start) / calls)
    return {"seconds": statistics.median(rounds), "first": first, "losses": [losses[0], losses[9]]}
