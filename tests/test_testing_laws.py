"""The laws of derivatives: right ones obey them all, and each catches faults made for it."""

import gc

import numpy as np
import pytest

import autograd.numpy as anp
import nn
from autograd import ArgumentError, GraphError, Tensor, Value, custom_gradient, elementwise, no_grad
from autograd.testing import LAWS, check_laws, random_program
from autograd.testing.laws import takes_batches

X = np.array([0.3, -1.2, 2.5])
A = np.array([[1.0, 2.0], [1.0, 2.0000001]])
HELD = []


# -- right derivatives -----------------------------------------------------------------------------

RIGHT = {
    "floats": (lambda x, y: x * anp.sin(y), 2.0, 0.5),
    "values": (lambda x, y: (x * y).tanh(), Value(2.0), Value(0.5)),
    "plain Python": (lambda x: x ** 3 - 2 / x, 1.5),
    "tensors": (lambda x: anp.exp(x) * x, Tensor(X)),
    "several outputs": (lambda x: (anp.cumulative_sum(x), anp.argmax(x), anp.sum(x * x)), X),
    "containers": (lambda d: d["w"] @ d["x"][0], {"w": np.ones((2, 3)), "x": [X]}),
    "float32": (lambda x: anp.logsumexp(anp.tanh(x) - x), X.astype("float32")),
    "complex numbers": (lambda z: z * z * anp.exp(z), np.array([1 + 2j, 0.5j])),
    "digits that cancel": (lambda x: anp.asinh(x) - x, np.array([0.114, 0.728, 0.29])),
    "a matrix that is nearly singular": (anp.linalg.solve, A, X[:2]),
    "ties": (lambda x: anp.max(x, axis=-1) + anp.sum(anp.abs(x)), np.array([2.0, 2.0, 0.0])),
    "a constant": (lambda x: 3.0, X),
    "subnormals": (lambda x: 1e-300 * x * 1e-10, X)}


@pytest.mark.parametrize("name", RIGHT)
def test_right_derivatives_obey(name):
    assert set(check_laws(*RIGHT[name]).values()) == {"holds"}


@pytest.mark.parametrize("storage", ["torch", "jax", "array_api_strict"])
def test_arrays_of_other_storages(storage):
    pytest.importorskip(storage, reason=f"pip install {storage}")
    x = Tensor(X.astype("float32")).to(storage=storage)
    assert set(check_laws(lambda x: (x * x).sum() * anp.exp(x), x).values()) == {"holds"}


def test_modules():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 2, rng=1))
    assert set(check_laws(lambda model, x: model(x), model, np.ones((2, 3))).values()) == {"holds"}
    assert all(p.requires_grad and p.grad is None for p in model.parameters())


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_obey(seed):
    program = random_program(seed, dtype=("float64", "float32")[seed % 2])
    assert set(check_laws(program, *program.inputs).values()) == {"holds"}


def test_batches():
    for f in (anp.sin, lambda x: anp.softmax(x, axis=-1), lambda x: x @ np.ones((3, 2))):
        takes_batches(f, X)
    takes_batches(lambda a, b: anp.matmul(a, b), A, A + 1)
    with pytest.raises(AssertionError, match=r"expected the shape \(3,\), got \(\)"):
        takes_batches(anp.sum, X)
    with pytest.raises(AssertionError, match=r"output 0\[.*expected"):
        takes_batches(lambda x: x - anp.mean(x), X)


# -- faults ----------------------------------------------------------------------------------------

def exp(rule):
    """exp with a derivative that this rule gives."""
    return custom_gradient(rule)(np.exp)


def one_way(name):
    """exp whose forward mode is twice what its reverse mode is."""
    op = elementwise(name, lambda g, z: g * z, forward=lambda xp, x: xp.exp(x))
    push = op.push
    op.push = lambda *args: 2.0 * push(*args)
    return op


half = one_way("pushed_twice")


twice_by_x = custom_gradient(lambda g, x, y: g * 2 * y, lambda g, x, y: g * x)(np.multiply)


class Saved:
    """exp whose rule uses what the last call left in a field."""

    def __init__(self):
        self.op = custom_gradient(lambda g, x: g * self.last)(self.compute)

    def compute(self, x):
        self.last = np.exp(x)
        return self.last


class Counting:
    """exp whose derivative is larger each time."""

    def __init__(self):
        self.count = 0.0
        self.op = exp(self.rule)

    def rule(self, g, z):
        self.count += 1.0
        return g * z * self.count


def in_place(x, y):
    x *= y
    return x


def kept(x):
    """exp that keeps its results."""
    HELD.append(np.exp(x))
    return HELD[-1]


def cyclic(g, z):
    held = [g]
    held.append(held)
    return g * z


def off(g, z):
    no_grad().__enter__()
    return g * z


rng = np.random.default_rng(0)
FAULTS = [
    ("vjp_is_linear", exp(lambda g, z: g * abs(g) * z)),
    ("vjp_is_linear", exp(lambda g, z: (g + 1e-12) * z)),
    ("vjp_is_linear", exp(lambda g, z: anp.clip(g, -2.0, 2.0) * z)),
    ("zero_gives_zero", exp(lambda g, z: g * z + 1e-30)),
    ("zero_gives_zero", exp(lambda g, z: g * g / g * z)),
    ("push_and_pull_are_adjoint", half),
    ("second_orders_agree", exp(lambda g, x: g * half(x))),
    ("hessian_is_symmetric", lambda x: twice_by_x(x[0], x[1])),
    ("hessian_is_symmetric", exp(lambda g, x: g * anp.roll(x, 1))),
    ("batch_is_a_stack", Saved().op),
    ("order_does_not_matter", Saved().op),
    ("backward_repeats", Counting().op),
    ("backward_repeats", exp(lambda g, z: g * z * rng.normal())),
    ("backward_repeats", exp(lambda g, x, z: in_place(g * 1.0, z) + 0.0 * in_place(x, 1.5))),
    ("backward_repeats", custom_gradient(lambda g, z: g * z)(lambda x: in_place(x, 0.0) + 1.0)),
    ("nothing_leaks", custom_gradient(lambda g, z: g * z)(kept)),
    ("nothing_leaks", exp(cyclic)),
    ("nothing_leaks", exp(off))]


@pytest.mark.parametrize("name, f", FAULTS)
def test_each_law_catches_a_fault(name, f):
    try:
        with pytest.raises(AssertionError, match=rf"{name} does not hold: .*\n.*expected .*got"):
            LAWS[name](lambda x: f(x) * 1.0, X)
    finally:
        HELD.clear()
    with pytest.raises(AssertionError, match=name):
        check_laws(lambda x: f(x) * 1.0, X)


def test_a_batch_whose_gradient_is_mixed():
    mixed = custom_gradient(lambda g, x: g * 2 * anp.mean(x))(np.square)
    check_laws(mixed, np.array(1.0))
    with pytest.raises(AssertionError, match="the gradient by x"):
        takes_batches(lambda x: mixed(x), np.array(1.0))


def test_the_faults_of_others_are_not_told():
    """A law says what it says: a wrong formula is linear, and has an adjoint."""
    wrong = elementwise("exp_100", lambda g, z: 100.0 * g * z, forward=lambda xp, x: xp.exp(x))
    assert set(check_laws(lambda x: anp.sum(wrong(x)), X).values()) == {"holds"}


# -- where a law says nothing ----------------------------------------------------------------------

def test_what_has_no_finite_derivative():
    outcomes = check_laws(anp.sqrt, np.array([0.0, 1.0]))
    assert outcomes.pop("nothing_leaks") == "holds"
    assert all("inf" in outcome or "nan" in outcome for outcome in outcomes.values())
    for law in LAWS.values():
        if law.__name__ != "nothing_leaks":
            with pytest.raises(ArgumentError, match="take arguments where it is finite"):
                law(anp.sqrt, 0.0)


def test_what_has_no_second_derivative():
    def refused(g):
        raise GraphError("black_box has no derivative", "use another function")

    black_box = exp(refused)
    outcomes = check_laws(exp(lambda g, x: g * black_box(x)), X)
    assert [name for name, outcome in outcomes.items() if outcome != "holds"] == [
        "second_orders_agree", "hessian_is_symmetric"]
    assert "black_box has no derivative" in outcomes["hessian_is_symmetric"]


def test_arguments_without_numbers_and_functions_that_raise():
    with pytest.raises(ArgumentError, match="none of whose arguments is a number"):
        check_laws(lambda word: 1.0, "abc")
    with pytest.raises(ZeroDivisionError):
        check_laws(lambda x: 1 / 0, X)


def test_the_collector_is_as_it_was():
    assert gc.isenabled()
    check_laws(anp.sin, X)
    assert gc.isenabled()
    gc.disable()
    try:
        check_laws(anp.sin, X)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_is_frozen_stays_frozen():
    gc.freeze()
    try:
        before = gc.get_freeze_count()
        check_laws(anp.sin, X)
        assert gc.get_freeze_count() > before // 2
        with pytest.raises(AssertionError, match="nothing_leaks"):
            check_laws(exp(cyclic), X)
    finally:
        gc.unfreeze()


def test_the_same_check_says_the_same():
    f = exp(lambda g, z: g * abs(g) * z)
    said = []
    for _ in range(2):
        with pytest.raises(AssertionError) as error:
            check_laws(f, X)
        said.append(str(error.value))
    assert said[0] == said[1]
