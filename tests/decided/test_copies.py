"""Decided once: copies and pickles, and what threads share."""

import copy
import pickle
import subprocess
import sys
import threading

import numpy
import pytest

import autograd
from autograd import Tensor, Value, no_grad
from autograd.modes import recording
from autograd.sweep import history


def leaf(data):
    """A Tensor that requires a gradient, of its own array."""
    return Tensor(numpy.array(data, dtype=float), requires_grad=True)


# -- copies ----------------------------------------------------------------------------------------

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


# -- threads ---------------------------------------------------------------------------------------

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
