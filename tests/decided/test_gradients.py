"""Decided once: how gradients add up, where they are written, in which order, and what is freed."""

import gc
import subprocess
import sys
import types
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
from hypothesis import given, strategies as st

import autograd.numpy as np
from autograd import GradientWarning, Tensor, Value
from autograd.node import ZERO
from autograd.sweep import history


def leaf(kind, x):
    """A leaf of the scalar or of the tensor engine."""
    return Value(x) if kind is Value else Tensor(x, requires_grad=True)


def number(x):
    """A gradient of either engine as a plain float."""
    return float(x.item() if isinstance(x, Tensor) else x)


both = pytest.mark.parametrize("kind", [Value, Tensor])


@both
def test_gradients_accumulate(kind):
    x = leaf(kind, 3.0)
    y = x * x * x
    y.backward()
    assert number(x.grad) == 27.0
    y.backward()
    assert number(x.grad) == 54.0                       # leaves add up ...
    x.grad = 0.0
    y.backward()
    assert number(x.grad) == 27.0                       # ... the inside does not: not 45


@both
def test_gradients_accumulate_over_losses_that_share_a_subgraph(kind):
    x = leaf(kind, 2.0)
    shared = x * x
    first, second = 2.0 * shared, 3.0 * shared
    first.backward()
    second.backward()
    assert number(x.grad) == 20.0                       # (2 + 3) · 2x; 32 where the inside is kept


def test_gradients_accumulate_at_leaves_alone():
    x = Value(3.0)
    y = x * x
    z = y * x
    y.backward()
    z.backward()
    assert (z.grad, y.grad, x.grad) == (1.0, 3.0, 6.0 + 27.0)
    z.backward()
    assert (z.grad, y.grad, x.grad) == (1.0, 3.0, 6.0 + 27.0 + 27.0)
    x.backward()                                        # a leaf is its own loss
    assert x.grad == 61.0


@given(st.lists(st.tuples(st.sampled_from("+*-"), st.integers(0, 9), st.integers(0, 9)),
                min_size=1, max_size=12), st.integers(1, 4))
def test_gradients_accumulate_in_any_graph(program, times):
    nodes = [Value(0.5), Value(-1.25), Value(2.0)]
    for sign, i, j in program:
        x, y = nodes[i % len(nodes)], nodes[j % len(nodes)]
        nodes.append(x + y if sign == "+" else x - y if sign == "-" else x * y)
    nodes[-1].backward()
    once = [node.grad for node in nodes]
    for _ in range(times):
        nodes[-1].backward()
    assert [node.grad for node in nodes[3:]] == once[3:]
    assert [node.grad for node in nodes[:3]] == pytest.approx([(times + 1) * g for g in once[:3]])


def test_where_gradients_are_written_for_values():
    x, y = Value(2.0), Value(5.0)
    product = x * y
    z = product + x
    z.backward()
    assert (z.grad, product.grad, x.grad, y.grad) == (1.0, 1.0, 6.0, 2.0)


def test_where_gradients_are_written_for_tensors():
    x, kept, constant = leaf(Tensor, [1.0, 2.0]), leaf(Tensor, [3.0, 4.0]), Tensor([5.0, 6.0])
    product = x * kept
    shown = product * constant
    shown.retain_grad()
    shown.sum().backward()
    assert constant.grad is None
    with pytest.warns(GradientWarning, match=r"retain_grad\(\)"):       # as PyTorch does
        assert product.grad is None
    assert x.grad.tolist() == [15.0, 24.0] and kept.grad.tolist() == [5.0, 12.0]
    assert shown.grad.tolist() == [1.0, 1.0]
    shown.sum().backward()
    assert shown.grad.tolist() == [1.0, 1.0]            # not a leaf: starts afresh
    assert x.grad.tolist() == [30.0, 48.0]


@both
def test_where_gradients_are_written_not_by_looking(kind):
    x = leaf(kind, 2.0)
    y = x * x
    z = y + x
    steps = z.steps()
    assert [number(step.contribution) for step in steps] == [1.0, 1.0, 2.0, 2.0]
    z.draw()
    for node in (x, y, z):
        assert (node.node.grad is None) if kind is Tensor else (node.grad is ZERO)


def test_not_computed_is_not_zero_on_tensors():
    x, other = leaf(Tensor, [1.0, 2.0]), leaf(Tensor, [1.0, 2.0])
    y = (x * 0.0).sum()
    assert x.grad is None
    y.backward()
    assert x.grad.tolist() == [0.0, 0.0] and other.grad is None and y.node.grad is None


def test_not_computed_is_not_zero_on_values():
    x, other = Value(2.0), Value(2.0)
    inner = x * x
    y = inner * 0.0
    assert x.grad == 0.0 and x.grad is ZERO and inner.grad is ZERO and type(x.grad) is float
    y.backward()
    assert x.grad == inner.grad == 0.0 and x.grad is not ZERO and inner.grad is not ZERO
    assert other.grad is ZERO and float("0.0") is not ZERO


def test_not_computed_is_not_zero_for_a_condition():
    condition, x = Value(1.0), Value(2.0)
    np.where(condition, x, 3.0).backward()
    assert x.grad == 1.0 and condition.grad is ZERO


@both
def test_not_computed_is_not_zero_when_shown(kind):
    x = leaf(kind, 2.0)
    first, second = (x * x).steps()
    assert "–" in str(first) and "–" not in str(second)


PROGRAM = """
import autograd, random
from autograd import Tensor, Value
random.seed(1)
leaves = [Value(random.uniform(-2, 2)) for _ in range(30)]
nodes = leaves[:]
for _ in range(600):
    x, y = random.choice(nodes), random.choice(nodes)
    nodes.append(random.choice([x + y, x * y, x - y]).tanh() * random.uniform(-3, 3))
sum(nodes).backward()
t = [Tensor([x.data, 1.0], requires_grad=True) for x in leaves]
outs = t[:]
for _ in range(300):
    x, y = random.choice(outs), random.choice(outs)
    outs.append((x * y + x).tanh() * random.uniform(-3, 3))
sum(outs).sum().backward()
print([x.grad.hex() for x in leaves], [g.hex() for x in t for g in x.grad.tolist()])
print(autograd.fingerprint(sum(nodes)), autograd.fingerprint(sum(outs).sum()))
"""


def test_order_is_the_same_in_every_process():
    def run(seed):
        return subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True,
                              env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)})

    with ThreadPoolExecutor(4) as several:
        outputs = list(several.map(run, ["0", "1", *["random"] * 18]))
    assert all(done.returncode == 0 for done in outputs), outputs[0].stderr
    assert len({done.stdout for done in outputs}) == 1 and len(outputs[0].stdout) > 1000


@both
def test_order_is_that_of_creation(kind):
    x = leaf(kind, 0.5)
    nodes = [x]
    for i in range(1, 40):
        nodes.append(nodes[i // 2] * nodes[i // 3] + nodes[-1])
    root = nodes[-1] if kind is Value else nodes[-1].node
    found = history([root])
    assert [n.serial for n in found] == sorted({n.serial for n in found})
    assert all(arg.serial < n.serial for n in found for arg in n.args if hasattr(arg, "serial"))


def test_order_of_a_wide_graph_costs_no_more_than_its_size():
    x = Value(1.0)
    total = sum(x * float(i) for i in range(20_000))    # a search per node would take minutes
    total.backward()
    assert x.grad == sum(range(20_000))


@both
def test_memory_nothing_points_at_a_consumer(kind):
    x = leaf(kind, 2.0)
    y = x * x
    z = y.exp()
    z.backward()
    consumers = {id(n) for n in (y, z)} | {id(getattr(n, "node", n)) for n in (y, z)}
    queue, seen = [x], set()
    for thing in queue:
        for other in gc.get_referents(thing):
            if id(other) not in seen and isinstance(other, (type(x), type(getattr(x, "node", x)))):
                seen.add(id(other))
                queue.append(other)
    assert not consumers & seen


@both
def test_memory_no_closure_for_an_operation(kind):
    x = leaf(kind, 2.0)

    def build():
        y = x
        for _ in range(50):
            y = ((y * 1.1 + 1.0).tanh() - 0.5) / 2.0
        return y

    build()
    functions = (types.FunctionType, types.CellType, types.MethodType)
    before = sum(type(thing) in functions for thing in gc.get_objects())
    y = build()
    assert sum(type(thing) in functions for thing in gc.get_objects()) == before
    assert numpy.isfinite(number(y.data))


@both
def test_memory_leaves_nothing_for_the_collector(kind):
    x = leaf(kind, 2.0)

    def step():
        y = ((x * 3.0 + 1.0).tanh() * x) ** 2
        z = np.where(y > 0, y, 0.0) + np.maximum(y, x)
        z.backward()
        z.steps()

    step()
    gc.collect()
    for _ in range(3):
        step()
    assert gc.collect() == 0
