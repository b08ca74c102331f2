"""Graphs are freed as soon as nobody holds them: without recursion, and without the collector."""

import gc
import os
import subprocess
import sys
import weakref

import numpy
import pytest

import autograd.numpy as np
from autograd import Tensor, Value, grad, hessian, no_grad

LONG = """
import sys
from autograd import Value
assert sys.getrecursionlimit() == 1000
x = y = Value(1.0)
for i in range(500_000):
    y = y * 0.9999999
    y = y + x
y.backward()
assert x.grad > 400_000, x.grad
del y
"""


def test_a_chain_of_a_million_values_at_the_default_recursion_limit():
    done = subprocess.run([sys.executable, "-c", LONG], capture_output=True, text=True,
                          env={"PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode == 0, done.stderr[-500:]


def test_a_chain_of_100_000_tensors():
    x = y = Tensor([1.0], requires_grad=True)
    for _ in range(50_000):
        y = y * 0.99999 + x
    y.backward()
    assert x.grad.item() > 30_000
    del y


STEPS = """
import gc, os, sys
import numpy
import autograd.numpy as np
from autograd import Tensor, Value, no_grad

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

rows = numpy.random.default_rng(0).normal(size=(8, 2))

def scalar_step(parameters):
    loss = 0.0
    for row in rows.tolist():
        hidden = (sum(p * x for p, x in zip(parameters, row)) + parameters[2]).tanh()
        loss = loss + (hidden.relu() - 0.5) ** 2 + np.where(hidden > 0, hidden, 0.0)
    for p in parameters:
        p.grad = 0.0
    loss.backward()
    for p in parameters:
        p.data -= 0.01 * p.grad

def tensor_step(parameters):
    W, b, V = parameters
    hidden = np.maximum(Tensor(rows) @ W + b, 0.0)
    hidden[0] = 0.5
    first, second = np.split(np.softmax(hidden @ V), 2)
    loss = -np.mean(np.log(first)) + np.var(second) + np.max(hidden) + np.prod(b + 1.0)
    for p in parameters:
        p.grad = None
    loss.backward()
    with no_grad():
        for p in parameters:
            p -= 0.01 * p.grad

if sys.argv[1] == "scalar":
    step, parameters = scalar_step, [Value(0.1), Value(0.2), Value(0.3)]
else:
    step, parameters = tensor_step, [Tensor(numpy.full(shape, 0.1), requires_grad=True)
                                     for shape in ((2, 4), (4,), (4, 3))]
step(parameters)
gc.collect()
gc.disable()
for k in range(1000):
    step(parameters)
    if k == 100:
        start = resident()
print(resident() - start, gc.collect())
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="/proc is of Linux alone")
@pytest.mark.parametrize("engine", ["scalar", "tensor"])
def test_1000_training_steps_leave_nothing(engine):
    done = subprocess.run([sys.executable, "-c", STEPS, engine], capture_output=True, text=True,
                          env={"PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode == 0, done.stderr
    grown, collected = map(int, done.stdout.split())
    assert grown < 2_000_000 and collected == 0


@pytest.mark.parametrize("make", [lambda: Value(2.0), lambda: Tensor([2.0], requires_grad=True)])
def test_results_die_with_their_last_name(make):
    x = make()
    y = (x * 3.0).tanh()
    z = y * x
    node = getattr(y, "node", y)
    watched = [weakref.ref(thing) for thing in (y, z, node)]
    gc.disable()
    try:
        z.backward()
        z.steps()
        del y, node
        assert watched[2]() is not None                 # z still needs it
        del z
        assert [ref() for ref in watched] == [None] * 3
    finally:
        gc.enable()


@pytest.mark.parametrize("use", [
    lambda x: grad(lambda t: (t * t).sum())(x), lambda x: hessian(lambda t: np.prod(t))(x),
    lambda x: (x[1:] * x[:-1]).sum().backward(), lambda x: x.detach().tolist(),
    lambda x: np.split(x, 2)[0].sum().backward(), lambda x: np.stack(x.values()).sum().backward(),
    lambda x: (x * x).sum().backward(create_graph=False),
])
def test_no_use_leaves_a_cycle(use):
    x = Tensor([1.0, 2.0], requires_grad=True)
    use(x)
    gc.collect()
    gc.disable()
    try:
        use(x)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_hooks_and_retained_gradients_leave_no_cycle():
    x = Tensor([1.0, 2.0], requires_grad=True)

    def use():
        y = x * 2.0
        y.retain_grad()
        y.register_hook(lambda g: None)
        y.sum().backward()

    use()
    gc.collect()
    use()
    assert gc.collect() == 0


def test_under_no_grad_nothing_is_kept():
    big = Tensor(numpy.ones(10), requires_grad=True)
    gone = big * 2.0
    watched = weakref.ref(gone.node)
    with no_grad():
        y = gone * 3.0
    del gone
    assert watched() is None and y.node.args == () and not y.requires_grad
