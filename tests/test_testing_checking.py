"""The checker of gradients: right ones pass, wrong ones fail, kinks and doubts are called so."""

import functools
import math

import numpy as np
import pytest

import autograd.numpy as anp
import nn
from autograd import ArgumentError, Tensor, Value, custom_gradient, elementwise, local
from autograd.testing import assert_gradients, check_gradients, random_program
from autograd.testing.oracle import complex_slope, slope

EPS = float(np.finfo(float).eps)
X = np.array([0.3, -1.2, 2.5])


# -- the oracle ------------------------------------------------------------------------------------

def one(f):
    """A function of a number as a line of one output."""
    return lambda s: np.atleast_1d(np.asarray(f(s), float))


SMOOTH = {                              # the slope at 0, and the size of x
    "a constant": (lambda s: 3.0, 0.0, 1.0),
    "sin": (lambda s: math.sin(1 + s), math.cos(1), 1.0),
    "a square": (lambda s: s * s, 0.0, 1.0),
    "waves as long as the steps": (lambda s: math.sin(2 * math.pi * 16 * s), 32 * math.pi, 1.0),
    "fast waves": (lambda s: math.sin(1000 * s), 1000.0, 1.0),
    "steep": (lambda s: math.exp(30 * s), 30.0, 1.0),
    "near a pole": (lambda s: math.tan(1.5 + s), 1 / math.cos(1.5) ** 2, 1.0),
    "near the end of its domain": (lambda s: np.log(1e-3 + s), 1e3, 1.0),
    "beside a large number": (lambda s: 3.0 * s + 1e8, 3.0, 1.0),
    "with digits cancelled": (lambda s: (1e8 + math.sin(s)) - 1e8, 1.0, 1.0),
    "a kink nearby": (lambda s: max(s + 1e-4, 0.0), 1.0, 1.0),
    "a second derivative that jumps": (lambda s: s * abs(s), 0.0, 1.0),
    "a root of high order": (lambda s: abs(s) ** 1.5, 0.0, 1.0)}


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("name", SMOOTH)
def test_slopes_lie_within_their_error(name):
    f, expected, size = SMOOTH[name]
    found = slope(one(f), size, EPS)
    assert not found.kink.any()
    assert abs(found.low - expected) <= found.error
    assert found.error <= 1e-4 * max(1.0, abs(expected))


@pytest.mark.parametrize("f, low, high", [
    (lambda s: max(s, 0.0), 0.0, 1.0), (lambda s: abs(math.exp(s) - 1), -1.0, 1.0),
    (lambda s: max(s, 2 * s + s * s), 1.0, 2.0), (lambda s: 5.0 + math.sin(s) - abs(s), 0.0, 2.0)])
def test_kinks_are_intervals(f, low, high):
    found = slope(one(f), 1.0, EPS)
    assert found.kink.all() and found.error < 1e-6
    assert abs(found.low - low) <= found.error and abs(found.high - high) <= found.error


@pytest.mark.parametrize("f", [lambda s: math.sqrt(abs(s)), lambda s: float(s > 0)])
def test_where_there_is_no_slope_the_error_says_so(f):
    found = slope(one(f), 1.0, EPS)
    assert found.error > 1e-3 * found.scale


def test_float32_gets_the_error_it_deserves():
    found = slope(one(lambda s: np.sin(np.float32(1 + s))), 1.0, float(np.finfo("float32").eps))
    assert 1e-7 < found.error < 1e-3 and abs(found.low - math.cos(1)) <= found.error


def test_the_complex_step_is_right_to_rounding():
    found = complex_slope(lambda s: np.atleast_1d(np.exp(np.sin(1 + s))), 1.0, EPS)
    assert abs(found.low - math.exp(math.sin(1)) * math.cos(1)) <= 1e-15 < found.error < 1e-11


def test_the_complex_step_knows_that_what_iterates_ends_when_its_value_stands():
    x = np.array([[-0.981, -0.336, 0.18], [0.724, -1.359, -1.915], [0.913, 0.625, -0.46]]) * 0.0522
    x = x + np.diag(np.diag(np.exp(x)))
    d = np.zeros((3, 3))
    d[0, 1] = 1.0
    found = complex_slope(lambda s: np.linalg.pinv(x + s * d).ravel(), 1.0, EPS)
    inverse = np.linalg.inv(x)
    off = abs(found.low - (-inverse @ d @ inverse).ravel())
    assert (off <= found.error).all() and off.max() > 8 * EPS * 10


@pytest.mark.parametrize("seed", [5449, 8621, 8682, 8841])
def test_rounding_of_terms_that_cancel_is_no_failure(seed):
    program = random_program(seed)      # atan(asinh(x)) - asinh(x) near 0; pinv, twice; fft
    assert check_gradients(program, *program.inputs)


@pytest.mark.parametrize("rule", [lambda g, x: g * g * 2 * x, lambda g, x: anp.abs(g) * 2 * x])
def test_a_rule_that_is_not_linear_in_its_cotangent_fails(rule):
    squared = elementwise("not_linear", rule, forward=lambda xp, x: x * x)
    for x in (1.5, np.array([1.5, 2.0])):
        assert check_gradients(squared, x, order=1).verdict == "fail"


# -- right derivatives pass ------------------------------------------------------------------------

RIGHT = {
    "floats": (lambda x, y: x * anp.sin(y), 2.0, 0.5),
    "values": (lambda x, y: (x * y).tanh(), Value(2.0), Value(0.5)),
    "tensors": (lambda x: anp.exp(x) * x, Tensor(X)),
    "arrays of several outputs": (lambda x: (anp.cumulative_sum(x), anp.sum(x * x)), X),
    "containers": (lambda d: d["w"] @ d["x"][0], {"w": np.ones((2, 3)), "x": [X]}),
    "float32": (lambda x: anp.tanh(x), X.astype("float32")),
    "complex numbers": (lambda z: anp.sum(anp.abs(z) ** 2), np.array([1 + 2j, 0.5j])),
    "many numbers": (lambda x: anp.sum(anp.sin(x) ** 2), np.linspace(-2, 2, 300)),
    "small numbers": (lambda x: anp.log(x), 1e-8),
    "large numbers": (lambda x: anp.log(x), 1e8),
    "no slope at all": (lambda x: 0.0 * x, 1.0),
    "what cancels": (lambda x: anp.sqrt(anp.sum(x)) - anp.sqrt(anp.sum(x)) * anp.cos(0 * x), X * X),
    "plain Python": (lambda x: x ** 3 - 2 / x, 1.5)}


@pytest.mark.parametrize("name", RIGHT)
def test_right_derivatives_pass(name):
    report = check_gradients(*RIGHT[name])
    assert report.verdict == "pass" and report, str(report)


@pytest.mark.parametrize("storage", ["torch", "jax", "array_api_strict"])
def test_arrays_of_other_storages(storage):
    pytest.importorskip(storage, reason=f"pip install {storage}")
    x = Tensor(X.astype("float32")).to(storage=storage)
    report = check_gradients(lambda x: (x * x).sum() * anp.exp(x), x)
    assert report.verdict == "pass", str(report)


def test_modules_and_their_inputs():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 2, rng=1))
    before = [p.data.copy() for p in model.parameters()]
    report = check_gradients(lambda model, x: model(x), model, np.ones((2, 3)))
    assert report.verdict == "pass", str(report)
    assert "model.layers.2.weight" in report.verdicts and "x" in report.verdicts
    assert all(map(np.array_equal, before, (p.data for p in model.parameters())))
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    assert check_gradients(lambda m, x: m(x), nn.MLP(1, [2, 1]), [Value(0.7)], order=1)


def test_kinks_pass_where_the_derivative_lies_between():
    assert check_gradients(anp.abs, 0.0).verdict == "kink"
    report = check_gradients(lambda x, y: anp.max(x) + anp.sum(y), np.array([2.0, 2.0, 1.0]), X)
    assert {name: found.verdict for name, found in report.verdicts.items()} == {
        "x": "kink", "y": "pass"}
    beside = custom_gradient(lambda g, x: g * 1.5)(np.abs)
    assert check_gradients(lambda x: beside(x), np.array(0.0)).verdict == "fail"


# -- wrong ones fail -------------------------------------------------------------------------------

def wrong(rule):
    """exp with a derivative that this rule gives."""
    return custom_gradient(rule)(np.exp)


WRONG = {
    "100 times too large": lambda g, z: 100.0 * g * z,
    "another sign": lambda g, z: -g * z,
    "a little too large": lambda g, z: g * z * (1 + 1e-9),
    "too small by a constant": lambda g, z: g * (z - 1e-7),
    "zero": lambda g, z: 0.0 * g,
    "rolled": lambda g, z: anp.roll(g * z, 1),
    "nan": lambda g, z: g * z * math.nan,
    "infinite": lambda g, z: g * z * math.inf,
    "less precise": lambda g, z: (g * z).astype("float32").astype("float64"),
    "without its second derivative": lambda g, z: g * z.detach() if isinstance(
        z, Tensor) else g * z}


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("name", WRONG)
def test_wrong_derivatives_fail_and_the_operation_is_named(name):
    operation = wrong(WRONG[name])
    report = check_gradients(lambda x: anp.sum(operation(anp.sin(x)) * X), X)
    assert report.verdict == "fail" and not report
    assert "first operation that is wrong by itself: " in str(report)
    with pytest.raises(AssertionError, match=r"x: fail.*expected"):
        assert_gradients(lambda x: anp.sum(operation(anp.sin(x)) * X), X)


def test_the_report_prints_a_program_that_makes_it_again():
    def f(x):
        bad = custom_gradient(lambda g, x: g * 2.5 * x)(lambda x: x * x)
        return bad(x)

    report = check_gradients(f, 3.0)
    assert "expected 6 " in str(report) and "got 7.5" in str(report)
    said = []
    scope = {"custom_gradient": custom_gradient, "print": said.append}
    exec(report.program(), scope)
    assert str(said[0].verdicts["x"]) == str(report.verdicts["x"])


def again(report, **beside):
    """What the program of a report prints, with what is defined beside it."""
    said = []
    exec(report.program(), {**beside, "print": said.append})
    return said[0]


def test_the_program_imports_what_the_function_uses_and_names_the_rest():
    bad = wrong(lambda g, z: g * (z - 1e-7))
    report = check_gradients(lambda x: anp.sum(bad(x)) + np.sin(0.0) + math.pi, X, order=1,
                             modes=["reverse"])
    program = report.program()
    assert "import math\n" in program and "# put here: bad = the operation " in program
    assert "import numpy as np\n" in program and "import autograd.numpy as anp\n" in program
    assert "*args, order=1, modes=('reverse',)))" in program
    assert str(again(report, bad=bad)).startswith(str(report).partition("first")[0])


def test_the_program_of_a_pair_checks_the_pair():
    report = check_gradients(lambda x: x * x, 3.0, gradient=lambda x: 2.5 * x)
    assert "\ngradient = lambda x: 2.5 * x\n" in report.program()
    assert str(again(report).verdicts) == str(report.verdicts)
    report = check_gradients(lambda x: 2 * x, 3.0, gradient=lambda x: 3 * x)
    assert "f = lambda x: 2 * x\ngradient = lambda x: 3 * x\n" in report.program()


def test_of_one_number_the_second_order_is_the_second_derivative():
    halved = elementwise("second_of_cube", lambda g, x: g * flat(x),
                         forward=lambda xp, x: x * x * x)
    flat = custom_gradient(lambda g, x: g * 7 * x)(lambda x: 3 * x * x)
    found = [x for x in check_gradients(halved, 2.0).findings if len(x.path) == 2]
    assert {(round(x.expected[0], 6), x.got) for x in found} == {(12.0, 14.0)}


def test_both_modes_are_asked():
    halves = local("half_wrong")(lambda g, x: g * anp.cos(x))
    backward = elementwise("both_wrong", lambda g, x: g * x, forward=lambda xp, x: xp.sin(x))
    for mode in ("reverse", "forward"):
        assert check_gradients(lambda x: backward(x), X, modes=[mode]).verdict == "fail"
    assert halves.name == "half_wrong"


# -- any other library -----------------------------------------------------------------------------

def test_a_pair_of_functions():
    def value(x, y):
        return float((x ** 2).sum() * y)

    right = check_gradients(value, X, 3.0, gradient=lambda x, y: (2 * x * y, (x ** 2).sum()))
    assert right.verdict == "pass", str(right)
    large = check_gradients(value, X, 3.0, gradient=lambda x, y: (200 * x * y, (x ** 2).sum()))
    assert large.verdicts["x"].verdict == "fail" and large.verdicts["y"].verdict == "pass"
    with pytest.raises(ArgumentError, match=r"shapes|for the arguments x, y"):
        check_gradients(value, X, 3.0, gradient=lambda x, y: 2 * x * y)
    with pytest.raises(ArgumentError, match="3 numbers"):
        check_gradients(lambda x: x * x, X, gradient=lambda x: 2 * x)


def test_pytorch_and_jax_are_checked_too():
    torch = pytest.importorskip("torch", reason="pip install torch")

    def gradient(x):
        leaf = torch.tensor(x, requires_grad=True)
        torch.sin(leaf).sum().backward()
        return leaf.grad.numpy()

    assert check_gradients(lambda x: torch.sin(torch.tensor(x)).sum().item(), X, gradient=gradient)
    jax = pytest.importorskip("jax", reason="pip install jax")
    with jax.enable_x64(True):
        assert check_gradients(lambda x: float(jax.numpy.sin(x).sum()), X,
                               gradient=jax.grad(lambda x: jax.numpy.sin(x).sum()))


# -- bad input gets its own verdict or error -------------------------------------------------------

DOUBTFUL = {
    "an integer": (lambda n: n * 2.0, "integers have no derivative", 3),
    "integers": (lambda n: n * 2, "integers have no derivative", np.arange(3)),
    "nothing": (lambda x: anp.sum(x), "nothing to move", np.zeros((0, 2))),
    "no number": (lambda word: 1.0, "no argument is a number", "abc"),
    "an infinite slope": (anp.sqrt, "", 0.0),
    "a jump": (anp.floor, "", 2.0),
    "nan": (anp.log, "nan", -1.0),
    "an error beside x": (lambda x: x if float(np.asarray(getattr(x, "data", x))) == 1.0 else 1 / 0,
                          "ZeroDivisionError", 1.0)}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_cannot_be_told_is_inconclusive(name):
    f, word, *args = DOUBTFUL[name]
    report = check_gradients(f, *args)
    assert report.verdict == "inconclusive" and not report and word in str(report)


def test_functions_that_no_check_can_be_made_of():
    rng = np.random.default_rng(0)
    with pytest.raises(ArgumentError, match="other numbers when it is called again"):
        check_gradients(lambda x: x * rng.normal(), 1.0)

    def changing(x):
        y = x.sum()
        x *= 2.0
        return y

    with pytest.raises(ArgumentError, match="changes its argument x"):
        check_gradients(changing, X)
    for result in ("abc", None, {}, object()):
        with pytest.raises(ArgumentError, match="returned"):
            check_gradients(lambda x, result=result: result, 1.0)
    with pytest.raises(ZeroDivisionError):
        check_gradients(lambda x: 1 / 0, 1.0)
    with pytest.raises(ArgumentError, match="order=0"):
        check_gradients(anp.sin, 1.0, order=0)
    with pytest.raises(ArgumentError, match="backward"):
        check_gradients(anp.sin, 1.0, modes=["backward"])


def test_the_same_check_gives_the_same_report():
    f = functools.partial(lambda a, x: anp.sum(anp.sin(a * x)), 2.0)
    x = np.linspace(0, 1, 100)
    assert str(check_gradients(f, x)) == str(check_gradients(f, x))
