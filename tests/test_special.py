"""The special functions: tails against 60 digits, edges, what has no derivative, SciPy's way in.

Their values and derivatives at ordinary points, over every storage, are tested with the table's.
"""

import itertools
import json
import math
import os
import pathlib
import subprocess
import sys
import tomllib

import mpmath as mp
import numpy as np
import pytest
import recording
import scipy.special as sc
from domains import PRIMITIVES
from hypothesis import given, settings, strategies as st
from places import PLACES
from special_domains import COMPOSED, SPECIAL

import autograd.numpy as anp
from autograd import Tensor, Value, elementwise_grad, grad, jvp
from autograd.errors import AutogradError, GraphError, StorageError
from autograd.numpy import special
from autograd.primitive import table
from autograd.symbol import Part, Symbol

INF, NAN = math.inf, math.nan


# -- SciPy's way in: with SCIPY_ARRAY_API=1 its own functions are ours ----------------------------
DISPATCHED = {name for name in vars(special) if hasattr(sc, name)}
PROGRAM = """
import json, sys, warnings
import numpy, scipy.special
from scipy.special import _support_alternative_backends as backends
from autograd import GradientWarning, Tensor
from autograd.numpy import special

warnings.simplefilter("error", GradientWarning)
found = {}
for name in backends.__all__:
    numbers = json.loads(sys.argv[1]).get(name) or [0.6, 0.7, 0.3][
        :getattr(getattr(special, name), "arity", 1)]
    args = [Tensor([x, 0.8 * x], requires_grad=True) if isinstance(x, float) else x
            for x in numbers]
    z = getattr(scipy.special, name)(*args)
    assert isinstance(z, Tensor), name
    z.sum().backward()
    found[name] = [z.data.tolist(), *(x.grad.data.tolist() for x in args if type(x) is Tensor)]
print(json.dumps(found))
"""
NUMBERS = {                         # where three numbers will not do; whole numbers stay numbers
    "bdtr": [1, 3, 0.4], "bdtrc": [1, 3, 0.4], "bdtri": [1, 3, 0.4], "nbdtr": [1, 3, 0.4],
    "nbdtrc": [1, 3, 0.4], "nbdtri": [1, 3, 0.4], "pdtr": [1, 0.4], "pdtrc": [1, 0.4],
    "pdtri": [1, 0.4], "expn": [2, 0.4], "hyp1f1": [1, 2, 0.4], "lpmv": [0, 2, 0.4],
    "polygamma": [2, 0.4], "yn": [2, 0.4], "zeta": [2.5, 0.4], "zetac": [2.5],
    "multigammaln": [3.5, 2], "binom": [3.5, 0.4], "chdtr": [0.6, 0.7], "chdtrc": [0.6, 0.7],
    "chdtri": [0.6, 0.7], "gdtr": [0.6, 0.7, 0.3], "gdtrc": [0.6, 0.7, 0.3],
    "fdtr": [0.6, 0.7, 0.3], "fdtrc": [0.6, 0.7, 0.3], "fdtri": [0.6, 0.7, 0.3],
    "huber": [0.6, 0.7], "pseudo_huber": [0.6, 0.7], "inv_boxcox": [0.6, 0.7],
    "inv_boxcox1p": [0.6, 0.7], "radian": [0.6, 0.7, 0.3]}


def run(program, *args, **environment):
    """What a program prints that runs in a process of its own."""
    done = subprocess.run([sys.executable, "-c", program, *args], capture_output=True, text=True,
                          env=os.environ | environment, cwd=os.path.dirname(__file__))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_scipys_functions_of_tensors_are_ours_all_of_them_with_right_gradients():
    found = json.loads(run(PROGRAM, json.dumps(NUMBERS), SCIPY_ARRAY_API="1"))
    assert len(found) >= 92 and set(found) <= DISPATCHED
    for name, (value, *gradients) in found.items():
        f = getattr(sc, name)
        numbers = NUMBERS.get(name) or [0.6, 0.7, 0.3][
            :getattr(getattr(special, name), "arity", 1)]
        args = [np.array([x, 0.8 * x]) if isinstance(x, float) else x for x in numbers]
        moving = [i for i, x in enumerate(args) if isinstance(x, np.ndarray)]
        np.testing.assert_allclose(value, f(*args), rtol=1e-13, err_msg=name)
        assert len(gradients) == len(moving)
        for i, gradient in zip(moving, gradients, strict=True):
            def shifted(h, i=i, args=args, f=f):
                return f(*(x * (1 + h) if i == j else x for j, x in enumerate(args)))

            slope = (8 * (shifted(1e-4) - shifted(-1e-4)) - shifted(2e-4) + shifted(-2e-4)) / (
                1.2e-3 * args[i])
            np.testing.assert_allclose(gradient, slope, rtol=1e-7, atol=1e-9, err_msg=name)


# -- tails, against 60 digits --------------------------------------------------------------------
def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def student(df, t):
    part = mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    return part if t < 0 else 1 - part


def lower_gamma(a, x):
    return x**a * mp.exp(-x) * mp.hyp1f1(1, a + 1, x) / mp.gamma(a + 1)


def lower_beta(a, b, x):
    return x**a * (1 - x)**b / (a * mp.beta(a, b)) * mp.hyp2f1(1, a + b, a + 1, x)


EXACT = {
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x), "log_ndtr": lambda x: mp.log(normal(x)),
    "logit": lambda x: mp.log(x / (1 - x)), "log_expit": lambda x: -mp.log1p(mp.exp(-x)),
    "entr": lambda x: -x * mp.log(x), "kl_div": lambda x, y: x * mp.log(x / y) - x + y,
    "rel_entr": lambda x, y: x * mp.log(x / y), "gamma": mp.gamma, "rgamma": mp.rgamma,
    "gammaln": lambda x: mp.log(abs(mp.gamma(x))), "digamma": lambda x: mp.psi(0, x),
    "zeta": mp.zeta, "zetac": mp.zeta, "gammainc": lower_gamma, "betainc": lower_beta,
    "gammaincc": lambda a, x: mp.gammainc(a, x, mp.inf, regularized=True), "stdtr": student,
    "boxcox": lambda x, y: (x**y - 1) / y if y else mp.log(x),
    "boxcox1p": lambda x, y: ((1 + x)**y - 1) / y if y else mp.log1p(x),
    "exprel": lambda x: mp.expm1(x) / x if x else mp.mpf(1), "sinc": lambda x: mp.sinc(mp.pi * x),
    "inv_boxcox": lambda x, y: (1 + x * y)**(1 / y) if y else mp.exp(x),
    "spence": lambda x: mp.polylog(2, 1 - x), "ellipk": mp.ellipk, "ellipe": mp.ellipe,
    "ellipkm1": lambda x: mp.ellipk(1 - x), "j1": lambda x: mp.besselj(1, x),
    "i1": lambda x: mp.besseli(1, x), "i0e": lambda x: mp.exp(-abs(x)) * mp.besseli(0, x),
    "expn": mp.expint, "exp1": mp.e1,
    "lpmv": lambda m, v, x: 3 * (1 - x * x) if m else (3 * x * x - 1) / 2,
    "fdtr": lambda a, b, x: lower_beta(a / 2, b / 2, a * x / (b + a * x)),
    "fdtrc": lambda a, b, x: lower_beta(b / 2, a / 2, b / (b + a * x)),
}
TAILS = [                           # (function, operand, orders, points)
    ("erfcx", 0, 2, [(-5.0,), (0.0,), (9.99,), (10.01,), (1e4,), (1e8,)]),
    ("log_ndtr", 0, 2, [(-1e4,), (-40.0,), (0.0,), (5.0,)]), ("log_ndtr", 0, 1, [(-1e8,)]),
    ("logit", 0, 1, [(1e-300,), (0.3,), (0.999,)]),
    ("log_expit", 0, 2, [(-700.0,), (-40.0,), (0.0,), (40.0,)]),
    ("entr", 0, 1, [(1e-300,)]), ("rel_entr", 0, 1, [(1e-200, 1e200), (1e200, 1e-100)]),
    ("kl_div", 0, 1, [(1 + 1e-10, 1.0), (1e200, 1e-100)]),
    ("kl_div", 1, 1, [(1 + 1e-10, 1.0), (1e-100, 1e100)]),
    ("gammaln", 0, 2, [(1e-8,), (1e10,), (-0.5,), (-10.3,)]),
    ("gamma", 0, 2, [(170.0,), (1e-10,), (-50.5,)]),
    ("rgamma", 0, 3, [(0.0,), (-1.0,), (-5.0,), (1e-20,), (0.5,), (170.0,), (-3.0000001,)]),
    ("digamma", 0, 2, [(1e-8,), (1e8,), (-0.5,)]),
    ("zeta", 0, 2, [(2.0, 1e-3), (50.0, 3.0), (30.0, 100.0), (1 + 1e-6, 1.0)]),
    ("zetac", 0, 3, [(0.0,), (0.5,), (2.0,), (40.0,), (-0.3,), (-2.0,), (-10.5,)]),
    ("gammainc", 0, 2, [(0.5, 1e-5), (20.0, 1.0), (3.0, 50.0), (0.3, 1.0), (0.3, 1.01)]),
    ("gammainc", 0, 1, [(1e-10, 0.9), (1e-6, 1e-3), (1e3, 1.1e3), (1e3, 9e2)]),
    ("gammainc", 1, 3, [(0.5, 1e-5), (1e3, 9e2)]), ("gammainc", 1, 1, [(0.5, 1e-300)]),
    ("gammaincc", 0, 1, [(3.0, 700.0), (100.0, 500.0)]),
    ("gammaincc", 1, 2, [(3.0, 700.0), (100.0, 500.0)]),
    ("betainc", 0, 2, [(0.5, 0.5, 1e-9), (2.0, 3.0, 0.999), (300.0, 400.0, 0.42), (3.0, 4.0, 0.3)]),
    ("betainc", 1, 2, [(0.5, 0.5, 1e-9), (2.0, 3.0, 0.999), (300.0, 400.0, 0.42), (3.0, 4.0, 0.3)]),
    ("betainc", 0, 1, [(1e-6, 2.0, 0.3), (1e-8, 1e-8, 0.7), (2.0, 1e-6, 0.3)]),
    ("betainc", 2, 2, [(0.5, 0.5, 1e-200), (2.0, 3.0, 1e-12), (1e3, 1e3, 0.49)]),
    ("stdtr", 0, 2, [(3.0, 1e-8), (3.0, -40.0), (1.0, 1e6), (30.0, 2.0), (0.1, -3.0)]),
    ("stdtr", 1, 3, [(3.0, 0.0), (3.0, 1e4), (1e3, 1.5)]),
    ("boxcox", 0, 2, [(1e10, 1e-3), (1e3, -2.0), (1e-5, 3.0)]),
    ("boxcox", 1, 3, [(2.0, 0.0), (2.0, 1e-9), (1e10, 1e-3), (1e3, -2.0), (1e-5, 3.0)]),
    ("boxcox1p", 1, 3, [(2.0, 0.0), (2.0, -1e-9), (1e6, -2.0)]),
    ("exprel", 0, 3, [(0.0,), (1e-9,), (-0.99,), (1.01,), (-800.0,), (700.0,)]),
    ("inv_boxcox", 1, 2, [(2.0, 0.0), (2.0, 1e-9), (0.3, 0.34), (1e10, 0.5), (-0.9, 1.0)]),
    ("sinc", 0, 3, [(0.0,), (1e-9,), (0.22,), (0.23,), (5.5,)]),
    ("spence", 0, 2, [(1.0,), (1 + 1e-9,), (0.901,), (0.899,), (1e-30,), (1e10,)]),
    ("ellipk", 0, 3, [(0.0,), (1e-9,), (0.5,), (-3.0,), (1 - 1e-9,)]),
    ("ellipe", 0, 3, [(0.0,), (1e-9,), (0.5,), (-3.0,)]),
    ("ellipkm1", 0, 1, [(1e-30,), (1e-9,), (1.0,), (7.0,)]),
    ("j1", 0, 3, [(0.0,), (1e-9,), (5.0,), (50.0,)]), ("i1", 0, 3, [(0.0,), (1e-9,), (50.0,)]),
    ("i0e", 0, 2, [(1e-9,), (100.0,)]),
    ("expn", 1, 2, [(1, 1e-8), (0, 2.0), (3, 50.0)]), ("exp1", 0, 2, [(700.0,)]),
    ("lpmv", 2, 2, [(0, 2.0, 0.0), (0, 2.0, 0.99), (2, 2.0, -0.9)]),
    ("fdtr", 2, 1, [(3.0, 4.0, 1e8), (3.0, 4.0, 1e-8)]),
    ("fdtrc", 1, 1, [(3.0, 4.0, 1e8), (3.0, 4.0, 1e-8)]),
]


@pytest.mark.parametrize("name, operand, orders, points", TAILS,
                         ids=[f"{name} by {i}, order {k}" for name, i, k, _ in TAILS])
def test_tails_are_right_to_twelve_digits(name, operand, orders, points):
    with mp.workdps(60):
        for point in points:
            f = getattr(special, name)
            numbers = [mp.mpf(x) for x in point]
            step = (abs(numbers[operand]) or 1) * mp.mpf(10)**-15
            for order in range(1, orders + 1):
                f = elementwise_grad(f, operand)
                exact = mp.re(mp.diff(lambda t, numbers=numbers: EXACT[name](
                    *numbers[:operand], t, *numbers[operand + 1:]), numbers[operand], order,
                    h=step))
                ours = float(f(*point))
                assert abs(ours - exact) <= 1e-11 * abs(exact) + 1e-290, (point, order, ours, exact)


def test_large_shapes_do_not_cancel():
    for a in (1e6, 1e10):                               # Stirling: a normal density at its mode
        assert math.isclose(float(elementwise_grad(special.gammainc, 1)(a, a)),
                            math.exp(-1 / (12 * a)) / math.sqrt(2 * math.pi * a), rel_tol=1e-12)
        density = float(elementwise_grad(special.betainc, 2)(a, a, 0.5))
        assert math.isclose(density, 2 * math.sqrt(a / math.pi) * math.exp(-1 / (8 * a)),
                            rel_tol=1e-12)
    assert math.isclose(float(elementwise_grad(special.stdtr, 1)(INF, 1.3)),
                        float(elementwise_grad(special.ndtr)(1.3)), rel_tol=1e-12)
    assert elementwise_grad(special.stdtr)(INF, 1.3) == 0.0


# -- special values ------------------------------------------------------------------------------
@pytest.mark.parametrize("name, point, slopes", [
    ("xlogy", (0.0, 2.0), (math.log(2.0), 0.0)), ("xlogy", (0.0, 0.0), (-INF, 0.0)),
    ("xlogy", (2.0, 0.0), (-INF, INF)), ("xlogy", (NAN, 1.0), (0.0, NAN)),
    ("xlog1py", (0.0, -1.0), (-INF, 0.0)), ("xlog1py", (0.0, 1.0), (math.log(2.0), 0.0)),
    ("entr", (0.0,), (INF,)), ("entr", (-1.0,), (NAN,)), ("rel_entr", (0.0, 1.0), (-INF, 0.0)),
    ("kl_div", (0.0, 0.0), (NAN, 1.0)), ("kl_div", (2.0, 2.0), (0.0, 0.0)),
    ("logit", (0.0,), (INF,)), ("logit", (1.0,), (INF,)), ("logit", (2.0,), (-0.5,)),
    ("gammainc", (2.0, 0.0), (0.0, 0.0)), ("gammainc", (1.0, 0.0), (0.0, 1.0)),
    ("gammainc", (0.5, 0.0), (0.0, INF)), ("gammainc", (2.0, INF), (0.0, 0.0)),
    ("betainc", (2.0, 3.0, 0.0), (0.0, 0.0, 0.0)), ("betainc", (2.0, 3.0, 1.0), (0.0, 0.0, 0.0)),
    ("betainc", (1.0, 3.0, 0.0), (0.0, 0.0, 3.0)), ("betainc", (2.0, 0.5, 1.0), (0.0, 0.0, INF)),
    ("gammaincinv", (2.0, 0.0), (NAN, INF)), ("stdtr", (3.0, INF), (0.0, 0.0)),
    ("boxcox", (0.0, 2.0), (0.0, 0.25)), ("boxcox", (0.0, 0.5), (INF, 4.0)),
    ("cbrt", (0.0,), (INF,)), ("i0e", (0.0,), (0.0,)), ("gammasgn", (-0.5,), (0.0,)),
    ("sindg", (90.0,), (0.0,)), ("cosdg", (180.0,), (0.0,)), ("erfinv", (1.0,), (INF,)),
    ("ndtri", (0.0,), (INF,)), ("erfcx", (INF,), (0.0,)), ("log_ndtr", (INF,), (0.0,)),
    ("huber", (1.0, 1.0), (0.0, 1.0)), ("huber", (1.0, -3.0), (2.0, -1.0)),
    ("pseudo_huber", (1.0, 0.0), (0.0, 0.0)), ("pseudo_huber", (0.0, 2.0), (2.0, 0.0)),
    ("bdtr", (1.0, 3.0, 0.0), (0.0, 0.0, 0.0)), ("pdtr", (0.0, 0.0), (0.0, -1.0)),
    ("fdtr", (2.0, 4.0, INF), (0.0, 0.0, 0.0)),
], ids=str)
def test_slopes_at_special_values(name, point, slopes):
    f = getattr(special, name)
    for i, expected in enumerate(slopes):
        found = elementwise_grad(f, i)(*point)
        np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-16)
        tensors = [Tensor([x], requires_grad=True) for x in point]
        f(*tensors).sum().backward()
        np.testing.assert_allclose(tensors[i].grad.data, [expected], rtol=1e-14, atol=1e-16)


def test_second_derivatives_at_special_values():
    hessian = [[float(grad(grad(special.xlogy, i), j)(0.0, 2.0)) for j in (0, 1)] for i in (0, 1)]
    assert hessian == [[0.0, 0.5], [0.5, 0.0]]
    for df in (3.0, 0.7):                               # where Student's x / (x + t²) has a corner
        mixed = grad(grad(special.stdtr, 0), 1)(df, 0.0), grad(grad(special.stdtr, 1), 0)(df, 0.0)
        assert math.isclose(*mixed, rel_tol=1e-13)
    twice = elementwise_grad(elementwise_grad(special.gammainc, 1), 1)
    assert [float(twice(a, 0.0)) for a in (1.0, 2.0, 3.0)] == [-1.0, 1.0, 0.0]
    twice = elementwise_grad(elementwise_grad(special.betainc, 2), 2)
    assert float(twice(1.0, 3.0, 0.0)) == -6.0 and float(twice(2.0, 2.0, 0.0)) == 6.0


EDGES = (-INF, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 3.0, 10.0, INF, NAN)
WHOLE = (-2, -1, 0, 1, 3, 10)


@pytest.mark.parametrize("name, grids", [
    *((name, (EDGES,)) for name in ("exp2", "exp10", "cosm1", "log_expit", "sinc")),
    *((name, (EDGES, EDGES)) for name in ("chdtr", "chdtrc", "huber")),
    *((name, (EDGES, EDGES)) for name in ("inv_boxcox", "inv_boxcox1p")),
    ("chdtri", (WHOLE[2:], EDGES)), ("pseudo_huber", (EDGES[5:-2], EDGES)),
    ("pdtri", (WHOLE, (-0.5, 0.0, 0.5, NAN))),
    *((name, (EDGES[:-1], EDGES)) for name in ("pdtr", "pdtrc")),
    *((name, (EDGES, EDGES, EDGES)) for name in ("gdtr", "gdtrc", "radian")),
    *((name, (WHOLE, EDGES[:-2], EDGES)) for name in ("fdtr", "fdtrc", "fdtri")),
    *((name, (WHOLE, WHOLE, EDGES)) for name in ("bdtr", "bdtrc", "bdtri", "nbdtr", "nbdtrc")),
    ("nbdtri", (WHOLE[2:], WHOLE[3:], EDGES)),
])
def test_functions_made_of_primitives_are_scipys_at_the_edges_too(name, grids):
    points = [np.array(column) for column in zip(*itertools.product(*grids), strict=True)]
    with np.errstate(all="ignore"):
        ours, theirs = getattr(special, name)(*points), getattr(sc, name)(*points)
    np.testing.assert_allclose(ours, theirs, rtol=2e-13, atol=1e-300)


# -- Values, floats, integers, float32 -----------------------------------------------------------
ALL = [PRIMITIVES[name] for name in sorted(SPECIAL)] + [
    COMPOSED[name] for name in sorted(COMPOSED)
    if name not in ("special.logsumexp", "special.softmax", "special.log_softmax")]


@pytest.mark.parametrize("domain", ALL, ids=lambda domain: domain.name)
@given(data=st.data())
@settings(max_examples=4)
def test_a_value_is_a_tensor_of_one_number_to_the_second_derivative(domain, data):
    case = data.draw(domain.cases.filter(lambda case: all(np.size(x) for x in case.args)))
    numbers = [float(np.reshape(x, -1)[0]) if isinstance(x, np.ndarray) else x for x in case.args]

    def f(*xs):
        return domain.function(*xs, **case.params)

    assert type(f(*numbers)) is float
    values = [Value(x) if i in case.moving else x for i, x in enumerate(numbers)]
    tensors = [Tensor(x, requires_grad=True) if i in case.moving else x
               for i, x in enumerate(numbers)]
    v, t = f(*values), f(*tensors)
    assert type(v) is Value and v.data == f(*numbers)
    assert math.isclose(v.data, t.item(), rel_tol=1e-14)
    v.backward()
    t.backward()
    for i in case.moving:
        assert math.isclose(values[i].grad, tensors[i].grad.item(), rel_tol=1e-13, abs_tol=1e-300)
        twice = grad(grad(f, i), i)(*numbers)
        assert type(twice) is float
        np.testing.assert_allclose(twice, elementwise_grad(elementwise_grad(f, i), i)(
            *(np.asarray(x) if isinstance(x, float) else x for x in numbers)), rtol=1e-12)


def test_integers_become_floats_and_float32_stays():
    whole, narrow = np.array([1, 2, 3]), np.array([0.5, 1.5], np.float32)
    for name in ("gammaln", "erfc", "exp2", "entr", "sinc"):
        f = getattr(special, name)
        assert f(whole).dtype == np.float64 and f(narrow).dtype == np.float32
        np.testing.assert_allclose(f(whole), getattr(sc, name)(whole), rtol=1e-14, atol=1e-16)
    for name in ("xlogy", "beta", "gammainc", "chdtr", "boxcox"):
        f = getattr(special, name)
        assert f(2, narrow).dtype == f(2.0, narrow).dtype == f(narrow, narrow).dtype == np.float32
        assert f(whole, np.ones(3)).dtype == f(whole, whole).dtype == np.float64
    x = Tensor(narrow, requires_grad=True)
    special.gammainc(x, 2.0).sum().backward()
    assert x.grad.dtype == np.float32
    np.testing.assert_allclose(x.grad.data, elementwise_grad(special.gammainc)(
        narrow.astype(float), 2.0), rtol=1e-5)
    orders = Tensor([0, 1, 2])                          # an order may be an array of integers
    x = Tensor([0.5, 1.5, 2.5], requires_grad=True)
    special.jv(orders, x).sum().backward()
    np.testing.assert_allclose(x.grad.data, sc.jvp([0, 1, 2], x.data), rtol=1e-14)


@pytest.mark.parametrize("name, orders", [
    ("erfc", ()), ("gamma", ()), ("loggamma", ()), ("exp1", ()), ("expi", ()), ("jv", (1.5,)),
    ("iv", (2,)), ("hyp1f1", (1.5, 2.5))])
def test_analytic_functions_take_complex_numbers(name, orders):
    z, h = np.array([0.7 + 0.4j, 1.5 - 2.0j]), 1e-3
    value, slope = jvp(lambda z: getattr(special, name)(*orders, z), (z,), (np.ones(2) + 0j,))
    f = getattr(sc, name)
    np.testing.assert_allclose(value, f(*orders, z), rtol=1e-13)
    differences = sum(c * (f(*orders, z + k * h) - f(*orders, z - k * h))
                      for k, c in ((1, 0.75), (2, -0.15), (3, 1 / 60))) / h
    np.testing.assert_allclose(slope, differences, rtol=1e-10)


# -- what has no derivative says so --------------------------------------------------------------
@pytest.mark.parametrize("name, point, operand", [
    ("polygamma", (1.0, 2.0), 0), ("jv", (1.0, 2.0), 0), ("yn", (1.0, 2.0), 0),
    ("iv", (1.0, 2.0), 0), ("ive", (1.0, 2.0), 0), ("expn", (1.0, 2.0), 0),
    ("hyp1f1", (1.0, 2.0, 0.5), 0), ("hyp1f1", (1.0, 2.0, 0.5), 1),
    ("lpmv", (0.0, 2.0, 0.5), 0), ("lpmv", (0.0, 2.0, 0.5), 1)])
def test_an_operand_without_derivative_raises_by_name(name, point, operand):
    f = getattr(special, name)
    tensors = [Tensor(x, requires_grad=True) for x in point]
    z = f(*tensors)
    assert z.item() == float(getattr(sc, name)(*point))
    with pytest.raises(GraphError, match=f"{name} has no derivative.*\nhelp:"):
        z.backward()
    with pytest.raises(GraphError, match=f"{name} has no derivative"):
        grad(f, operand)(*point)
    with pytest.raises(GraphError, match=f"{name} has no derivative"):
        f(*(Value(x) if i == operand else x for i, x in enumerate(point))).backward()
    last = len(point) - 1                               # the others keep theirs
    assert math.isfinite(grad(f, last)(*point))


def test_a_part_of_a_rule_is_a_call_in_what_is_printed_and_is_recorded_like_the_rule():
    @Part
    def part_of_this_test(x, y):
        """x y²."""
        return x * y * y

    assert repr(part_of_this_test(Symbol("x"), 2.0)) == "part_of_this_test(x, 2.0)"
    assert special.gammainc.formula(0) == "g * gammainc_by_a(x, y)"
    assert part_of_this_test(3.0, 2.0) == 12.0 and part_of_this_test.__doc__ == "x y²."
    assert grad(grad(part_of_this_test, 1), 0)(3.0, 2.0) == 4.0


def test_bad_input_says_what_to_write():
    for wrong in (0, 2.5):
        with pytest.raises(AutogradError, match=r"multigammaln in .*\nhelp: d must be"):
            special.multigammaln(Tensor([3.0]), wrong)
    with pytest.raises(TypeError, match="gammainc"):
        special.gammainc(Tensor([3.0]))
    with pytest.raises(TypeError, match="erfc"):
        special.erfc(Tensor([3.0]), out=np.zeros(1))
    with pytest.raises(AutogradError, match=r"ndtri.*\nhelp:"):
        special.ndtri(Tensor([1j]))
    with pytest.raises(AttributeError):
        special.no_such_function                        # noqa: B018
    assert np.isnan(special.multigammaln(np.array([0.4]), 2)).all()


# -- where they are computed ---------------------------------------------------------------------
def test_without_scipy_what_needs_it_says_so_and_the_rest_works():
    out = run("""
import sys
sys.modules["scipy"] = sys.modules["scipy.special"] = None
from autograd import Tensor, grad
from autograd.numpy import special
x = Tensor([0.5, 2.0], requires_grad=True)
for name in ("expit", "erf", "log_expit", "exp2", "exp10", "cosm1", "sinc", "softplus"):
    getattr(special, name)(x).sum().backward()
special.huber(1.0, x).sum().backward()
special.logsumexp(x).backward()
for f in (lambda: special.gammaln(x), lambda: special.gammaln(0.5), lambda: special.chdtr(x, x)):
    try:
        f()
    except TypeError as error:
        print(error)
""")
    assert out.count("pip install 'wengert[special]'") == 3
    extras = tomllib.loads((pathlib.Path(__file__).parent.parent / "pyproject.toml").read_text())
    assert "scipy" in " ".join(extras["project"]["optional-dependencies"]["special"])


def test_nothing_is_moved_from_a_device():
    for place in recording.DEVICES:
        x = Tensor(recording.xp.asarray([0.5, 2.0], device=place), requires_grad=True)
        with recording.no_transfers():
            for name in ("expit", "erf", "log_expit", "exp2", "cosm1"):
                getattr(special, name)(x).sum().backward()
            if place == "host":
                special.gammainc(x, x).sum().backward()
                assert x.grad.device == place
            else:
                with pytest.raises(StorageError, match=r"gammaln.*main memory.*\nhelp: move"):
                    special.gammaln(x)


def test_what_jax_traces_stays_in_jax():
    jax = pytest.importorskip("jax", reason="pip install jax")
    with jax.enable_x64(True):
        a, x = jax.numpy.asarray([0.5, 2.0]), jax.numpy.asarray([0.7, 3.0])
        for name in ("gammainc", "log_ndtr", "betaln", "zeta"):
            f = getattr(special, name)
            args = (x,) if name == "log_ndtr" else (x + 1, a)
            traced = jax.jit(lambda *xs, f=f: elementwise_grad(f, len(xs) - 1)(*xs))(*args)
            np.testing.assert_allclose(traced, elementwise_grad(f, len(args) - 1)(
                *map(np.asarray, args)), rtol=1e-11)
        with pytest.raises(GraphError, match=r"jv.*traced\nhelp:"):
            jax.jit(lambda x: special.jv(0, x))(x)
        with pytest.raises(GraphError, match=r"betaincinv.*traced\nhelp:"):
            jax.jit(lambda x: special.betaincinv(2.0, 3.0, x))(x / 4)


ORDERED = {"polygamma", "yn", "expn", "jv", "iv", "ive", "hyp1f1", "lpmv"}


@pytest.mark.parametrize("name", sorted(name for name in SPECIAL if hasattr(sc, name)))
@pytest.mark.parametrize("library", ["torch", "jax"])
def test_other_libraries_are_as_exact_as_scipy(library, name):
    pytest.importorskip(library, reason=f"pip install {library}")
    place = next(place for place in PLACES if place.name == library)
    arity = table[name].arity
    points = [-10.5, -3.2, -0.5] * (arity == 1) + [1e-3, 0.1, 0.5, 0.9, 1.5, 5.5, 30.0, 100.0]
    grids = [np.array(points)] * arity
    if name in ORDERED:
        grids[:-1] = [np.arange(1.0, 4.0)] * (arity - 1)
        grids[-1] = grids[-1][grids[-1] < 1] if name == "lpmv" else grids[-1]
    args = [np.array(column) for column in zip(*itertools.product(*grids), strict=True)]
    with place:
        found = place.back(table[name](*place.put(args)))
    expected = getattr(sc, name)(*args)
    right = np.isclose(found, expected, rtol=1e-9, atol=1e-290) | np.isnan(expected)
    assert right.all(), [(*(x[~right][0] for x in args), found[~right][0], expected[~right][0])]


def test_other_libraries_keep_their_dtype_and_device():
    torch = pytest.importorskip("torch", reason="pip install torch")
    for dtype in (torch.float32, torch.float64):
        x = Tensor(torch.tensor([0.3, 0.6], dtype=dtype), requires_grad=True)
        for z in (special.gamma(x), special.betainc(2, 3.0, x), special.ndtri(x),
                  special.gammainc(torch.tensor([1, 2]), x), special.zeta(x + 2, 1)):
            assert z.dtype == dtype
            z.sum().backward()
        assert x.grad.dtype == dtype


@pytest.mark.parametrize("name, point", [
    ("betainc", (0.7, 2.3, 0.4)), ("betaincinv", (0.7, 0.3, 0.4)), ("gammainc", (0.7, 0.4)),
    ("gammaincinv", (0.7, 0.4)), ("kl_div", (0.7, 0.9)), ("rel_entr", (0.7, 0.3)),
    ("xlogy", (0.7, 0.3)), ("stdtr", (2.3, 0.4)), ("boxcox", (0.7, 0.3)), ("zeta", (2.3, 0.7)),
    ("fdtr", (2.3, 0.7, 0.4)), ("inv_boxcox", (0.7, 0.3)), ("pseudo_huber", (0.7, 0.3))])
def test_numbers_beside_arrays_keep_all_their_digits(name, point):
    torch = pytest.importorskip("torch", reason="pip install torch")
    f = getattr(special, name)                          # its default dtype is float32
    for i, j in itertools.product(range(len(point)), repeat=2):
        args = [torch.tensor([x], dtype=torch.float64) if k in (i, j) else x
                for k, x in enumerate(point)]
        plain = [np.array([x]) if k in (i, j) else x for k, x in enumerate(point)]
        assert f(*args).dtype == torch.float64
        for g in (elementwise_grad(f, i), elementwise_grad(elementwise_grad(f, i), j)):
            np.testing.assert_allclose(g(*args), g(*plain), rtol=1e-12, atol=1e-14)


def test_logsumexp_of_weights_and_signs_is_scipys():
    x, b = np.array([[1.0, 2.0], [-INF, 3.0]]), np.array([[1.0, -3.0], [2.0, 0.0]])
    for axis in (None, 0):
        for ours, theirs in zip(special.logsumexp(x, axis, b, True, return_sign=True),
                                sc.logsumexp(x, axis, b, True, True), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-14)
    weights = Tensor([0.5, 2.0], requires_grad=True)
    special.logsumexp(np.array([1.0, 2.0]), b=weights).backward()
    total = 0.5 * math.e + 2 * math.e**2
    np.testing.assert_allclose(weights.grad.data, [math.e / total, math.e**2 / total])
    assert anp.special is special
