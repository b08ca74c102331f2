"""What fooled the checker once, or would: wrong gradients that passed, right ones that failed."""

import math

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import custom_gradient, elementwise
from autograd.testing import check_gradients

X = np.array([0.3, -1.2, 2.5])
cubed = elementwise("wrong_cube", lambda g, x: g * 7 * x, forward=lambda xp, x: x * x * x)
tiny = elementwise("wrong_tiny", lambda g, x: g * -1e-20 * x, forward=lambda xp, x: 1e-20 * x * x)
negated = elementwise("wrong_sign", lambda g, x: g * -2 * x, forward=lambda xp, x: x * x)
flat_sine = elementwise("flat_sine", lambda g, x: g * 0 * x, forward=lambda xp, x: xp.sin(x))
straight = elementwise("straight", lambda g, x: g, forward=lambda xp, x: xp.floor(x) + 0 * x)
partly = elementwise("partly", lambda g, x: g * anp.where(x < 2, 3.0, 2.0) * x,
                     forward=lambda xp, x: x * x)
late = custom_gradient(lambda g, x: g * anp.where(x > 0, 6 * x, -100 * x))(lambda x: 3 * x * x)
at_order_2 = custom_gradient(lambda g, x: g * late(x))(lambda x: x * x * x)
never = custom_gradient(lambda g, x: 0 * g * x)(lambda x: 2 * x)
flat_at_order_2 = custom_gradient(lambda g, x: g * never(x))(lambda x: x * x)


def squares(x):
    return float(np.sum(x ** 2))


def one_of_many(x):
    gradient = 3 * x * x
    gradient[777] *= 1.001
    return gradient


WRONG = {
    "beside the edge of a domain": (lambda x: math.log(x) if x > 0 else -math.inf, (0.02,),
                                    {"gradient": lambda x: -7 / x}),
    "beside a mask": (lambda x: anp.logsumexp(anp.where(np.array([True, True, False]), cubed(x),
                                                        -1e30)), (X,), {}),
    "beside a large argument": (lambda x, n: anp.sum(cubed(x)) * 1.38e-23 * n, (X, 6e23), {}),
    "beside a large output": (lambda x: (1e20 * x, cubed(x)), (X,), {}),
    "beside a large element": (partly, (np.array([1.0, 1e8]),), {}),
    "of a small function": (tiny, (X,), {}),
    "at order 2, in the last place": (lambda x: anp.sum(at_order_2(x)),
                                      (np.array([0.3, 0.5, 0.7, -1.0]),), {}),
    "at order 2, beside a kink": (lambda x: anp.sum(anp.abs(x)) + anp.sum(flat_at_order_2(x)),
                                  (np.array([0.0, 1.0, 2.0]),), {}),
    "of large numbers": (flat_sine, (1e6,), {"order": 1}),
    "each side has none of it": (lambda x: float(x.max()), (np.ones(20),),
                                 {"gradient": lambda x: np.zeros(20)}),
    "each side has all of it": (lambda x, y: max(x, y), (1.0, 1.0),
                                {"gradient": lambda x, y: (1.0, 1.0)}),
    "near a kink": (lambda x: abs(x - 1000), (1000 + 1e-6,), {"gradient": lambda x: 0.0}),
    "nearer": (lambda x: max(x, 0.0), (1e-8,), {"gradient": lambda x: 0.5}),
    "one of 1,000": (lambda x: float((x ** 3).sum()), (np.linspace(-2, 2, 1000),),
                     {"gradient": one_of_many})}
UNCLEAR = {
    "a small slope beside a large number": (lambda x: 1e15 + negated(x), (1.5,), {}),
    "and by hand": (lambda x: 1e6 + 1e-9 * x * x, (1.5,), {"gradient": lambda x: -2e-9 * x}),
    "one element beside a large one": (squares, (np.array([1.0, 1e7]),),
                                       {"gradient": lambda x: 2 * x * np.array([1.5, 1.0])}),
    "numbers without a digit": (flat_sine, (1e16,), {"order": 1}),
    "a jump": (straight, (1e6 + 0.5,), {"order": 1}),
    "waves shorter than the steps": (lambda x: x + 1e-6 * anp.sin(1e6 * x), (1.0,), {"order": 1}),
    "a pole nearby": (anp.tan, (1.5707963,), {}),
    "a peak narrower than the steps": (lambda x: anp.exp(-((x - 1) / 1e-4) ** 2), (1.00005,), {}),
    "the end of the numbers": (anp.abs, (1.797e308,), {}),
    "an overflow nearby": (anp.exp, (700.0,), {"order": 1}),
    "the smallest number": (anp.sqrt, (5e-324,), {}),
    "a second derivative of 1e340": (anp.log, (2.47e-171,), {}),
    "another shape nearby": (lambda x: [x] * (2 if float(np.asarray(anp.asarray(x).data)) > 0.3
                                              else 1), (0.3,), {})}
RIGHT = {
    "a power of a small float": (lambda x: x ** 0.5, (1e-3,), {}),
    "of one still smaller": (lambda x: x ** 0.5, (1e-20,), {}),
    "large numbers": (anp.sin, (1e6,), {"order": 1}),
    **{f"{f.__name__} in float32": (f, (X.astype("float32"),), {})
       for f in (anp.exp, anp.sigmoid, anp.softmax, anp.var)}}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradients_fail(name):
    f, args, options = WRONG[name]
    assert check_gradients(f, *args, **options).verdict == "fail"


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_differences_cannot_see_is_inconclusive(name):
    f, args, options = UNCLEAR[name]
    report = check_gradients(f, *args, **options)
    assert report.verdict == "inconclusive", str(report)


@pytest.mark.parametrize("name", RIGHT)
def test_right_gradients_pass(name):
    f, args, options = RIGHT[name]
    report = check_gradients(f, *args, **options)
    assert report.verdict == "pass", str(report)


def test_a_failure_names_the_element_of_the_input():
    f, args, options = WRONG["one of 1,000"]
    assert check_gradients(f, *args, **options).verdicts["x"].element == "x[777]"
    found = check_gradients(lambda w: anp.sum(partly(w)), np.array([[3.0, 3.0], [3.0, 1.0]]))
    assert found.verdicts["w"].element == "w[1, 1]"


def test_what_is_precise_is_held_to_it_beside_what_is_not():
    off = elementwise("off_by_a_little", lambda g, x: g * 2.00002 * x, forward=lambda xp, x: x * x)
    beside = np.ones(3, "float32")
    assert check_gradients(lambda x, y: off(x), X, beside).verdict == "fail"


def test_a_hundred_thousand_numbers_take_no_more_memory_than_their_mixtures():
    report = check_gradients(squares, np.ones(100_000), gradient=lambda x: 2 * x)
    assert report.verdict == "pass"
