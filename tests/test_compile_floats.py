"""A program of floats has the bits of the walk; as machine code, and over a batch, its numbers."""

import math
import struct
import sys
import threading

import numpy
import pytest

import autograd.numpy as np
from autograd import Tensor, Value, compile, grad, hessian, jvp, value_and_grad
from autograd.compiling import batch, machine, native
from autograd.containers import leaves
from autograd.errors import ArgumentError, GraphError, ShapeError
from autograd.testing import random_program

SPECIAL = (0.0, -0.0, 1.0, -2.0, 0.3, math.inf, -math.inf, math.nan, 1e300, 5e-324)
needs_numba = pytest.mark.skipif("not __import__('autograd').compiling.machine.available()",
                                 reason="machine code needs Numba: pip install numba")


@pytest.fixture
def as_python(monkeypatch):
    """As where there is no Numba."""
    monkeypatch.setattr(machine, "available", lambda: False)


def readme(a, b):
    """The graph of micrograd's README."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    return g + 10.0 / f


def forbid(function, word):
    """The function, which must not be called for something of that name."""
    def called(source, name, **more):
        assert name != word
        return function(source, name, **more)

    return called


def bits(x):
    """A float by its bits; one nan is as good as another."""
    assert type(x) is float, x
    return "nan" if x != x else struct.pack("d", x)


def differs(seed):
    """Where the printed program of a seed, run by Python, is not the walk bit for bit."""
    program = random_program(seed, scalars=True, smooth=seed % 4 > 0)
    numbers = [float(x) for x in program.inputs]
    f = value_and_grad(program, range(len(numbers)))
    found, expected = compile(f)(*numbers), f(*numbers)
    return list(map(bits, leaves(found))) != list(map(bits, leaves(expected)))


# -- as Python -------------------------------------------------------------------------------------

def test_the_program_is_the_walk_bit_for_bit(as_python):
    assert [seed for seed in range(60) if differs(seed)] == []


@pytest.mark.parametrize("f", [
    grad(lambda x: 1 / x), grad(lambda x: x ** 0.5), grad(lambda x: 2.0 ** x * x),
    value_and_grad(lambda x: np.log(x) / x), grad(lambda x: x % 0.7 + x // 0.3 + np.sqrt(x)),
    grad(grad(lambda x: np.tanh(x) * x ** 3)), lambda x: jvp(np.exp, (x,), (2.0,)),
    hessian(lambda x: np.sin(x) * x), lambda x: 1.0 * np.where(x > 0, 1, 0.5)])
def test_special_values_and_higher_orders_are_the_walks(as_python, f):
    compiled = compile(f)
    for x in SPECIAL:
        assert list(map(bits, leaves(compiled(x)))) == list(map(bits, leaves(f(x)))), x
    assert compiled.signatures == ["float"]


def test_arithmetic_is_ieee_and_reads_as_python(as_python):
    inverse = compile(lambda x, y: x / y + x ** y)
    assert inverse(1.0, 0.0) == math.inf and inverse(-8.0, 1 / 3) != inverse(-8.0, 1 / 3)
    assert inverse(10.0, 1e4) == math.inf
    assert "x / y + pow(x, y)" in inverse.source
    square = compile(lambda x: x ** 2 / x)
    assert square(1e200) == math.inf and "x ** 2 / x" in square.source


def test_integers_are_integers(as_python):
    third = compile(lambda x: x // 3)
    assert third(7) == 2 and type(third(7)) is int
    assert type(compile(lambda x, n: x * n)(2.0, 3)) is float


def test_the_readme_reads_as_one_would_write_it(as_python):
    compiled = compile(value_and_grad(readme, (0, 1)))
    value, (a, b) = compiled(-4.0, 2.0)
    assert (f"{value:.4f}", f"{a:.4f}", f"{b:.4f}") == ("24.7041", "138.8338", "645.5773")
    for line in ("v1 = a * b + b ** 3", "v8 = 10.0 / v7", "return (v9, v20, v21)"):
        assert f"    {line}\n" in compiled.source
    assert not any(word in compiled.source for word in ("np.", "Tensor", "isnan"))


# -- as machine code -------------------------------------------------------------------------------

@needs_numba
def test_machine_code_has_the_numbers_of_the_program(monkeypatch):
    fast = compile(value_and_grad(readme, (0, 1)))
    for a in SPECIAL:
        for b in SPECIAL:
            expected = leaves(value_and_grad(readme, (0, 1))(a, b))
            for x, y in zip(leaves(fast(a, b)), expected, strict=True):
                assert type(x) is float
                assert x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=1e-13), (a, b)
    assert fast._last.entry and fast.source.startswith("def readme(a, b):\n")


@needs_numba
def test_only_floats_by_position_go_straight_to_machine_code():
    calls = []

    def f(x, y=2.0):
        calls.append((type(x), type(y)))
        return np.exp(x) * y

    fast = compile(f)
    assert fast(0.0, 3.0) == fast(0.0, 3.0) == fast(0.0, y=3.0) == 3.0 and fast(0.0) == 2.0
    count = len(calls)
    assert fast(0, 3) == 3.0 and fast(numpy.zeros(2), 3.0).tolist() == [3.0, 3.0]
    assert type(fast(Value(0.0), 3.0)) is Value and fast(numpy.float64(0), 3.0) == 3.0
    assert len(calls) > count and fast(0.0, 3.0) == 3.0 and "float64" not in fast.source
    x = Tensor(0.0, requires_grad=True)
    fast(x, 3.0).backward()
    assert x.grad.item() == 3.0


@needs_numba
@pytest.mark.parametrize("f", [
    lambda x: {"a": np.exp(x)}, lambda x: [np.exp(x), x], lambda x: (np.exp(x), None),
    lambda x: np.sum(np.stack([x, 2.0 * x])), lambda x: 2.0])
def test_other_results_come_as_they_are(f):
    compiled = compile(f)
    for _ in range(2):
        assert compiled(0.5) == f(0.5) and type(compiled(0.5)) is type(f(0.5))


@needs_numba
def test_a_long_program_is_laid_out_flat(monkeypatch):
    monkeypatch.setattr(native, "LONGEST", 10)
    monkeypatch.setattr(machine, "compiled", forbid(machine.compiled, "run"))

    def f(x, y):
        for i in range(40):
            x, y = np.sin(x) * y + 0.1 * i, np.where(x > y, -x, y ** 2) / (1.0 + x * x)
        return x * y, (x > y, 2.0)

    compiled = compile(f)
    for x, y in ((1.0, 2.0), (0.3, -0.1), (math.inf, 1.0), (-0.0, math.nan)):
        found, expected = compiled(x, y), f(x, y)
        assert found[1] == expected[1] and type(found[1][0]) is bool
        assert math.isclose(found[0], expected[0], rel_tol=1e-12) or found[0] != found[0]
        assert (found[0] != found[0]) == (expected[0] != expected[0])
    slopes = value_and_grad(lambda x, y: f(x, y)[0], (0, 1))
    for x, y in zip(leaves(compile(slopes)(1.0, 0.5)), leaves(slopes(1.0, 0.5)), strict=True):
        assert math.isclose(x, y, rel_tol=1e-9)


@needs_numba
def test_threads_may_call_it_with_any_number_of_floats():
    total = compile(lambda *xs: sum(xs) * 2.0)
    wrong = []

    def work(n):
        numbers = [float(i) for i in range(n)]
        wrong.extend(x for _ in range(200) if (x := total(*numbers)) != 2.0 * sum(numbers))

    threads = [threading.Thread(target=work, args=(n,)) for n in (1, 2, 3, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_numba_is_not_imported_before_it_is_needed():
    import subprocess

    code = "import sys, autograd, nn; sys.exit('numba' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# -- batches ---------------------------------------------------------------------------------------

def test_a_batch_is_the_function_of_each_sample(engine, monkeypatch):
    monkeypatch.setattr(batch, "SHARE", 10)             # several threads, if there are processors
    f = value_and_grad(readme, (0, 1))
    a, b = numpy.random.default_rng(0).normal(size=(2, 101))
    a[:len(SPECIAL)] = SPECIAL
    value, (da, db) = compile(f, batch=True)(a, b)
    for i in range(len(a)):
        for x, y in zip((value[i], da[i], db[i]), leaves(f(float(a[i]), float(b[i])))):
            assert x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=1e-12), i


def test_a_number_goes_with_every_sample_and_shapes_broadcast(engine):
    fast = compile(lambda x, scale: {"y": np.tanh(x) * scale, "one": 1.0}, batch=True)
    x = numpy.arange(6.0).reshape(2, 3)
    for given, scale in ((x, 2), (x.astype("float32"), 2.0), (x.T, numpy.ones((3, 1))),
                         (x[:, ::2], 0.5), (numpy.arange(3), numpy.float64(2.0)), (x[:0], 1.0),
                         (0.5, 2.0)):
        found = fast(given, scale)
        expected = numpy.tanh(numpy.asarray(given, float)) * scale
        assert found["y"].shape == found["one"].shape == expected.shape
        assert found["y"].dtype == float and (found["one"] == 1).all()
        numpy.testing.assert_allclose(found["y"], expected, rtol=1e-14)
    assert fast.signatures == ["float, float"] and "tanh(x) * scale" in fast.source


def test_what_is_compared_comes_as_booleans(engine):
    over, same = compile(lambda x, y: (x > y, x == 1.0), batch=True)(numpy.arange(3.0), 1.0)
    assert over.dtype == same.dtype == bool
    assert over.tolist() == [False, False, True] and same.tolist() == [False, True, False]


def test_what_is_static_decides(engine):
    def power(x, n):
        return x * power(x, n - 1) if n else 1.0 * x

    assert compile(power, static="n", batch=True)(numpy.array([2.0, 3.0]), 2).tolist() == [8, 27]


@pytest.mark.parametrize("f, args, error, says", [
    (lambda x, y: x * y, (numpy.ones(2), numpy.ones(3)), ShapeError, r"shapes \[2\] and \[3\]"),
    (lambda x: np.sum(np.stack([x, x])), (numpy.ones(2),), ArgumentError, "single numbers"),
    (lambda x: x, (Tensor([1.0]),), ArgumentError, "NumPy's arrays"),
    (lambda x: x, (numpy.ones(2) * 1j,), ArgumentError, "NumPy's arrays"),
    (lambda x: -x if x > 0 else x, (numpy.ones(2),), GraphError, "write where")])
def test_what_no_batch_can_be_made_of_says_so(f, args, error, says):
    with pytest.raises(error, match=rf"{says}(.|\n)*help: |help: (.|\n)*{says}"):
        compile(f, batch=True)(*args)
