"""Decided once: equality, operations with several outputs, PyTorch's habits, copies, threads."""

import copy
import pickle
import subprocess
import sys
import threading

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import (
    GraphError,
    ShapeError,
    Tensor,
    Value,
    grad,
    hessian,
    jvp,
    no_grad,
    vjp,
)
from autograd.node import recording
from autograd.sweep import history


def leaf(data):
    """A Tensor that requires a gradient, of its own array."""
    return Tensor(numpy.array(data, dtype=float), requires_grad=True)


# -- == and hash --------------------------------------------------------------------------------------------

def test_eq_and_hash_of_values():
    a, b = Value(2.0), Value(2.0)
    assert (a == b) is True and (a != b) is False and (a == 2) is True and (2.0 == a) is True
    assert (a == Value(float("nan"))) is False and (a == None) is False and (a == "a") is False  # noqa: E711
    assert len({a, b}) == 2 and hash(a) != hash(b) and {a: 1, b: 2}[b] == 2
    a.data = 7.0
    assert a in {a}                                     # the hash is not that of the data


def test_eq_and_hash_of_tensors():
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 3.0])
    assert (x == y).tolist() == [True, False] and (x != y).tolist() == [False, True]
    assert (x == 1.0).tolist() == [True, False] and (x == numpy.ones(2)).tolist() == [True, False]
    assert len({x, y, x}) == 2 and hash(x) != hash(Tensor([1.0, 2.0]))


def test_eq_and_hash_equal_nodes_are_told_apart():
    """Leaves with equal data, as operands and as arguments: `in` or == on nodes would mix them up."""
    a, b = Value(2.0), Value(2.0)
    (a * 3.0 + b * 5.0 + a * b).backward()
    assert (a.grad, b.grad) == (5.0, 7.0)
    x, y = leaf([2.0, 2.0]), leaf([2.0, 2.0])
    (x * 3.0 + y * 5.0).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([3.0, 3.0], [5.0, 5.0])
    assert grad(lambda p, q: p * 3.0 + q * 5.0, argnums=(0, 1))(2.0, 2.0) == (3.0, 5.0)


# -- several outputs ------------------------------------------------------------------------------------------

def test_several_outputs_are_items_of_one_node():
    x = leaf([1.0, 2.0, 3.0, 4.0])
    first, second = np.split(x, 2)
    (node,), (other,) = first.node.args, second.node.args
    assert node is other and isinstance(node.data, tuple) and len(node.data) == 2
    assert first.node.op.name == "item" and node.args == (x.node,)


def test_several_outputs_absent_cotangents_are_zeros():
    x = numpy.asarray([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert grad(lambda t: np.split(t, 3)[1].sum())(x).tolist() == [0, 0, 1, 1, 0, 0]

    def f(t):
        a, b, _ = np.split(t, [2, 3])
        return (a * a * b).sum() + a[0]

    assert grad(f)(x).tolist() == [7.0, 12.0, 5.0, 0.0, 0.0, 0.0]
    assert jvp(f, (x,), (numpy.ones(6),))[1] == 24.0
    expected = numpy.zeros((6, 6))
    expected[0, 0] = expected[1, 1] = 6.0
    expected[0, 2] = expected[2, 0] = 2.0
    expected[1, 2] = expected[2, 1] = 4.0
    assert hessian(f)(x).tolist() == expected.tolist()


def test_several_outputs_used_more_than_once():
    x = leaf([2.0, 3.0])
    a, b = np.split(x, 2)
    (a * b + b * a + a).sum().backward()
    assert x.grad.tolist() == [7.0, 4.0]
    out, pullback = vjp(lambda t: tuple(np.split(t, 2)), x.data)
    assert isinstance(out, tuple) and pullback((numpy.ones(1), numpy.zeros(1)))[0].tolist() == [1, 0]


# -- PyTorch's habits -------------------------------------------------------------------------------------------

def test_pytorch_habits_grad_is_a_detached_tensor():
    x = leaf([1.0, 2.0])
    y = (x ** 3).sum()
    y.backward(retain_graph=True)
    assert type(x.grad) is Tensor and not x.grad.requires_grad and x.grad.is_leaf
    y.backward()                                        # retain_graph is accepted, and needless
    y.backward(retain_graph=False)
    y.backward()
    assert x.grad.tolist() == [12.0, 48.0]


def test_pytorch_habits_create_graph():
    x = leaf([1.0, 2.0])
    (x ** 3).sum().backward(create_graph=True)
    first = x.grad
    assert first.requires_grad and first.tolist() == [3.0, 12.0]
    x.grad = None
    first.sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]


def test_pytorch_habits_backward_with_a_gradient():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    seed = numpy.asarray([[1.0, 10.0], [100.0, 0.0]])
    for gradient in (seed, Tensor(seed), seed.tolist(), Tensor(seed, dtype="float32")):
        x.grad = None
        (x * x).backward(gradient)
        assert x.grad.tolist() == (2 * x.data * seed).tolist() and x.grad.dtype == numpy.float64
    with pytest.raises(ShapeError, match=r"\(2, 2\)(.|\n)*help: "):
        (x * x).backward()
    with pytest.raises(ShapeError, match=r"\(2,\)(.|\n)*\(2, 2\)(.|\n)*help: "):
        (x * x).backward(numpy.ones(2))
    (x[:1, :1] * 1.0).backward()                        # one element, whatever its shape
    v = Value(3.0)
    (v * v).backward(0.5)
    assert v.grad == 3.0


def test_pytorch_habits_hooks():
    x, seen = leaf([1.0, 2.0]), []
    y = x * x
    remove = y.register_hook(lambda g: seen.append(g.tolist()))
    (y.sum() + (y * 2.0).sum()).backward()
    assert seen == [[3.0, 3.0]] and type(y.grad) is type(None)    # once, with the final sum
    remove()
    y.sum().backward()
    assert len(seen) == 1
    x.grad = None
    x.register_hook(lambda g: g * 10.0)
    y.sum().backward()
    assert x.grad.tolist() == [20.0, 40.0]
    with pytest.raises(GraphError, match="help: "):
        Tensor([1.0]).register_hook(print)


def test_pytorch_habits_a_hook_inside_changes_what_flows_on():
    x = leaf([1.0, 2.0])
    y = x * x
    y.register_hook(lambda g: g * 10.0)
    (y * 3.0).sum().backward()
    assert x.grad.tolist() == [60.0, 120.0]


def test_pytorch_habits_zero_grad():
    nn = pytest.importorskip("nn", reason="the nn package of this project")
    model = nn.Linear(2, 1)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    for zero_grad in (model.zero_grad, optimizer.zero_grad):
        model(Tensor([[1.0, 2.0]])).sum().backward()
        assert all(p.grad is not None for p in model.parameters())
        zero_grad()
        assert all(p.grad is None or not p.grad.data.any() for p in model.parameters())


# -- copies -------------------------------------------------------------------------------------------------------

def round_trip(x):
    """Pickled and read again."""
    return pickle.loads(pickle.dumps(x))


def chain(x, length):
    """x after many operations."""
    for _ in range(length):
        x = x * 0.9999 + 0.0001
    return x


@pytest.mark.parametrize("make", [round_trip, copy.deepcopy, copy.copy])
@pytest.mark.parametrize("x", [Value(2.0, label="x"), leaf([2.0, 2.0])])
def test_copies_do_not_recurse(make, x):
    again = make(chain(x, 10_000))
    again.backward(numpy.ones(2) if isinstance(x, Tensor) else 1.0)
    roots = [again if isinstance(again, Value) else again.node]
    first = history(roots)[0]
    slope = first.grad if isinstance(again, Value) else first.grad.tolist()[0]
    assert slope == pytest.approx(0.9999 ** 10_000)
    if make is not copy.copy:
        assert first is not (x if isinstance(x, Value) else x.node)
        assert x.grad == 0.0 if isinstance(x, Value) else x.grad is None


@pytest.mark.parametrize("make", [round_trip, copy.deepcopy])
def test_copies_have_fresh_serials_in_the_old_order(make):
    a = Value(2.0, label="a")
    b = (a * 3.0).exp()
    loss = b * a + b
    again_a, again_loss, again_b = make((a, loss, b))
    nodes = history([again_loss])
    assert again_a is nodes[0] and again_b in nodes and again_loss is nodes[-1]    # sharing is kept
    assert [n._op for n in nodes] == [n._op for n in history([loss])]
    assert nodes[0].serial > loss.serial and again_a.label == "a"
    (again_loss + again_a).backward()
    loss.backward()
    assert again_a.grad == a.grad + 1.0


ELSEWHERE = """
import pickle, sys
import autograd
from autograd import Tensor, Value
for _ in range(1000): Value(1.0)                # serial numbers are other ones here
t, a, loss = pickle.load(open(sys.argv[1], "rb"))
more = loss * a + (a * 2.0).tanh()
more.backward()
u = (t * t).sum() + t[0]
u.backward()
print([a.grad.hex(), t.node.args[1].grad.tolist()])
"""


def test_copies_sweep_in_the_right_order_in_another_process(tmp_path):
    a, x = Value(0.5), leaf([1.0, 2.0])
    b = a * 3.0
    loss = (b * a).exp() - b
    t = (x * 2.0).exp() * x
    (tmp_path / "graph").write_bytes(pickle.dumps((t, a, loss)))
    done = subprocess.run([sys.executable, "-c", ELSEWHERE, str(tmp_path / "graph")], text=True,
                          capture_output=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert done.returncode == 0, done.stderr
    (loss * a + (a * 2.0).tanh()).backward()
    ((t * t).sum() + t[0]).backward()
    printed = eval(done.stdout)
    assert printed[0] == a.grad.hex()
    numpy.testing.assert_array_equal(printed[1], x.grad.tolist())


def test_copies_keep_gradients_and_what_is_not_computed():
    a, b = Value(2.0), Value(3.0)
    (a * a).backward()
    again, other = round_trip((a, b))
    assert again.grad == 4.0 and other.grad is autograd.node.ZERO
    x = leaf([1.0])
    assert round_trip(x).grad is None and round_trip(x).requires_grad
    (x * 2.0).sum().backward()
    assert copy.deepcopy(x).grad.tolist() == [2.0]


# -- threads ------------------------------------------------------------------------------------------------------

def test_threads_have_their_own_grad_mode():
    inside, seen = threading.Event(), []
    done = threading.Event()

    def other():
        inside.wait()
        seen.append((recording(), (Value(2.0) * 3.0).op is not None))
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad():
        inside.set()
        done.wait()
        assert not recording()
    thread.join()
    assert seen == [(True, True)]


def test_threads_build_and_sweep_independent_graphs():
    results = {}

    def work(k):
        for _ in range(10):
            v, x = Value(k / 10), leaf([k / 10, 1.0])
            y, t = v, x
            for _ in range(100):
                y, t = (y * v + 0.1).tanh(), (t * x + 0.1).tanh()
            y.backward()
            t.sum().backward()
            results.setdefault(k, set()).add((v.grad, *x.grad.tolist()))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    alone = dict(results)
    results.clear()
    for k in alone:
        work(k)
    assert len(alone) == 6 and alone == results
    assert all(len(found) == 1 for found in alone.values())
