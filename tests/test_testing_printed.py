"""Programs that reports print: they run, at the same point, or say in a comment what to put in."""

import functools
import math
import re
from math import sin

import numpy
import pytest
from numpy import sum as nsum

import autograd.numpy as np
import nn
from autograd import Tensor, Value, elementwise, grad
from autograd.testing import check_gradients
from autograd.testing.report import Report

X = numpy.array([0.1 + 0.2, -1.2, 2.5])
K = 3.0
W = numpy.ones(3)
bad = elementwise("printed_cube", lambda g, x: g * 2 * x * x, forward=lambda xp, x: x * x * x)
local = elementwise("printed_local", lambda g, x: g * 2 * x * x, forward=lambda xp, x: x * x * x)
LOCAL = {"local": local}                # found under no name of its own
del local


def helper(x):
    """A function beside."""
    return np.sum(bad(x)) * K


def annotated(x: Tensor, k=K, *, w=W) -> Value:
    """Names in the definition itself."""
    return np.sum(bad(x) * w) * k + sin(0.0)


def made(c):
    """Two lambdas in one line, in closures."""
    return lambda x: bad(x) * c, lambda x: np.exp(x) * c


class Scaled:
    """An object with a method."""

    def scaled(self, x):
        """A method."""
        return bad(x)


def program(f, *args, **options):
    """What is printed for a call; nothing is checked."""
    return Report(f, args, [], **options).program()


def again(text, **beside):
    """What a program prints, with what is put in."""
    said = []
    exec(text, {**beside, "print": said.append})
    return said[0]


RUNNING = {                             # function, arguments, and what must be in the program
    "constants, imports": (lambda x: helper(x) + nsum(W) * sin(1.0) + math.pi, (X,),
                           "from numpy import array, sum as nsum"),
    "definitions": (annotated, (X,), "\nK = 3.0\nW = array([1.0, 1.0, 1.0])\n"),
    "closures": (made(2.0)[0], (2.0,), "\nc = 2.0\nf = lambda x: bad(x) * c\n"),
    "defaults": ([lambda x, k=k: bad(x) * k for k in (1.0, 2.0)][1], (2.0,), "\nk = 2.0\n"),
    "public names": (lambda x: grad(lambda y: bad(y) * y)(x), (1.5,), "from autograd import grad"),
    "one's own": (bad, (1.5,), f"from {__name__} import bad as printed_cube"),
    "partials": (functools.partial(lambda k, x: bad(x) * k, 2.0), (1.5,),
                 "= partial(function, 2.0)"),
    "all digits": (lambda x: bad(x), (X,), "0.30000000000000004"),
    "Values": (lambda x: bad(x), (Value(2.0),), "args = (Value(2.0),)"),
    "float32": (lambda x: bad(x), (X.astype("float32"),), "dtype=float32)"),
    "containers": (lambda d: np.sum(bad(d["w"]) * d["b"][0]),
                   ({"w": X, "b": (Tensor(X, requires_grad=True), 2)},), "requires_grad=True)"),
    "numbers of NumPy": (lambda x: bad(x), (numpy.float32(0.3),), "args = (float32("),
    "infinities": (lambda x, y: bad(x) + y[0], (2.0, numpy.array([math.inf])), "import array, inf"),
    "nothing at all": (lambda x, y: bad(x) + np.sum(y), (2.0, numpy.zeros((2, 0))), "(2, 0)"),
    "a library's own": (np.logsumexp, (X,), "from autograd.numpy import logsumexp")}


@pytest.mark.parametrize("name", RUNNING)
def test_programs_run_at_the_same_point(name):
    f, args, part = RUNNING[name]
    text = program(f, *args, order=1)
    assert part in text and "# put" not in text and "_src" not in text, text
    assert str(again(text).verdicts) == str(check_gradients(f, *args, order=1).verdicts)


MODEL = nn.MLP(2, [1])
MISSING = {
    "a large array": (lambda x: bad(np.sum(x)), (numpy.linspace(0, 1, 300),),
                      "x = array of shape (300,) and dtype float64"),
    "a Module": (lambda m, x: bad(m(x)), (MODEL, [1.0, 2.0]), "m = the MLP that was given"),
    "a Module as f": (MODEL, ([Value(1.0), Value(2.0)],), "f = the MLP that was given"),
    "one inside": (lambda d: bad(d["m"]([0.5, 0.5])), ({"m": MODEL},), "d_m = the MLP that"),
    "a method": (Scaled().scaled, (2.0,), "scaled = the method scaled of a Scaled"),
    "an operation": (functools.partial(lambda op, x: op(x), LOCAL["local"]), (2.0,),
                     "given0 = the operation printed_local"),
    "what was made": (functools.wraps(helper)(lambda x: helper(x) * 2), (2.0,),
                      "f = what was made of helper"),
    "infinite parts": (lambda z: np.real(z[0]), (numpy.array([complex(0, math.inf)]),),
                       "z = array")}


@pytest.mark.parametrize("name", MISSING)
def test_what_cannot_be_printed_is_named(name):
    f, args, part = MISSING[name]
    text = program(f, *args)
    assert text.count("# put here: ") == 1 and f"# put here: {part}" in text, text
    compile(text, "program", "exec")
    missing = re.search(r"# put here: (\w+) =", text)[1]
    with pytest.raises(NameError, match=f"'{missing}'"):
        exec(text, {})


def test_the_rest_runs_once_it_is_put_in():
    f, args, _ = MISSING["a Module"]
    report = check_gradients(f, *args, order=1)
    assert str(again(report.program(), m=MODEL).verdicts) == str(report.verdicts)


def test_arrays_and_functions_of_other_libraries():
    torch = pytest.importorskip("torch", reason="pip install torch")
    text = program(lambda x: bad(x), Tensor(torch.tensor([0.3])))
    assert "# put here: x = Tensor of shape (1,)" in text
    jax = pytest.importorskip("jax", reason="pip install jax")
    text = program(lambda x: x * x, 2.0, gradient=jax.grad(lambda x: x * x))
    assert "# put here: gradient = what was made of " in text and "_src" not in text


def test_names_do_not_hide_each_other():
    f = made(2.0)[0]
    assert again(program(lambda x: f(x), 2.0, order=1)).verdict == "fail"


def test_the_report_says_which_derivatives_were_looked_at():
    first = str(check_gradients(np.sin, 1.0)).splitlines()[0]
    assert first == "check_gradients of sin: pass; order 1 and 2, reverse and forward"
    first = str(check_gradients(np.sin, 1.0, order=1, modes=["forward"])).splitlines()[0]
    assert first == "check_gradients of sin: pass; order 1, forward"


def test_a_rule_that_returns_none_is_named():
    silent = elementwise("printed_silent", lambda g, x: None, forward=lambda xp, x: x * x)
    assert "printed_silent(float 2.0): its rule returned None" in str(check_gradients(silent, 2.0))


def test_an_argument_of_another_kind_is_described():
    assert "no argument is a number: str 'abc'; give floats" in str(
        check_gradients(lambda word: 1.0, "abc"))
