"""Decided once: floats are IEEE in both engines, and dtypes are kept."""

import itertools
import math

import numpy
import pytest
from hypothesis import given, strategies as st

import autograd.numpy as np
from autograd import DtypeError, Tensor, Value, elementwise, grad, jvp
from autograd.primitive import table

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1 / 3, 1e-320, 1e308, -1e308,
           710.0, -750.0, 1e16, math.inf, -math.inf, math.nan]
floats = st.one_of(st.floats(), st.floats(-10, 10), st.sampled_from(SPECIAL))
EXACT = ["add", "subtract", "multiply", "divide"]
UNARY = ["exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "square", "reciprocal", "sin",
         "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
         "sigmoid", "softplus", "relu", "erf", "abs", "sign", "floor", "ceil", "round", "trunc",
         "negative", "positive"]
BINARY = [*EXACT, "pow", "remainder", "floor_divide", "atan2", "hypot", "logaddexp", "maximum",
          "minimum", "copysign"]


@pytest.fixture(autouse=True)
def quiet():
    """NumPy warns where inf and nan arise; here they arise on purpose."""
    with numpy.errstate(all="ignore"):
        yield


def same(x, y, ulps=0):
    """Equal in every bit (any nan is nan), or within so many units in the last place."""
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    if x == y:
        return x != 0 or math.copysign(1, x) == math.copysign(1, y)
    return math.isfinite(x) and math.isfinite(y) and abs(x - y) <= ulps * math.ulp(max(x, y))


def agree(values, tensors):
    """Data equal in every bit; gradients too, but for the sign of 0: a sum that starts from 0.0."""
    return same(values[0], tensors[0]) and all(
        same(x + 0.0, y + 0.0) for x, y in zip(values[1:], tensors[1:], strict=True))


def both(name, *numbers):
    """What a primitive gives on Values and on 0-d Tensors: data, then the gradients."""
    values = [Value(x) for x in numbers]
    tensors = [Tensor(x, requires_grad=True) for x in numbers]
    v, t = table[name](*values), table[name](*tensors)
    assert type(v) is Value and type(v.data) is float
    v.backward()
    t.backward()
    assert t.dtype == numpy.float64 and t.shape == ()
    return ([v.data, *(x.grad for x in values)],
            [t.item(), *(x.grad.item() for x in tensors)])


def test_floats_arithmetic_is_equal_in_every_bit():
    for name, x, y in itertools.product(EXACT, SPECIAL, SPECIAL):
        values, tensors = both(name, x, y)
        assert agree(values, tensors), (name, x, y, values, tensors)
    for x in SPECIAL:
        values, tensors = both("sqrt", x)
        assert agree(values, tensors), (x, values, tensors)


@given(st.sampled_from(EXACT), floats, floats)
def test_floats_arithmetic_is_equal_in_every_bit_anywhere(name, x, y):
    values, tensors = both(name, x, y)
    assert agree(values, tensors), (values, tensors)


@pytest.mark.parametrize("name", UNARY)
def test_floats_functions_are_within_4_ulp(name):
    near = [x + d for x in (0.0, 1.0, -1.0, 20.0) for d in (-1e-9, 1e-9, -0.1, 0.3)]
    for x in [*SPECIAL, *near]:
        values, tensors = both(name, x)
        assert same(values[0], tensors[0], 4), (x, values[0], tensors[0])
        assert math.isnan(values[1]) == math.isnan(tensors[1]), (x, values, tensors)
        assert values[1] == pytest.approx(tensors[1], rel=1e-13, nan_ok=True), x


@pytest.mark.parametrize("name", BINARY[4:])
def test_floats_functions_of_two_are_within_4_ulp(name):
    for x, y in itertools.product(SPECIAL, SPECIAL):
        values, tensors = both(name, x, y)
        if name in ("maximum", "minimum"):              # which of 0 and -0 is greater is not said
            values[0], tensors[0] = values[0] + 0.0, tensors[0] + 0.0
        assert same(values[0], tensors[0], 4), (x, y, values[0], tensors[0])
        for i in (1, 2):
            assert values[i] == pytest.approx(tensors[i], rel=1e-12, nan_ok=True), (x, y, i)


@given(st.sampled_from(UNARY), floats)
def test_floats_functions_are_within_4_ulp_anywhere(name, x):
    values, tensors = both(name, x)
    assert same(values[0], tensors[0], 4), (values, tensors)


SPECIAL_RESULTS = [
    (np.log, (0.0,), -math.inf), (np.log, (-0.0,), -math.inf), (np.log, (-1.0,), math.nan),
    (np.log2, (0.0,), -math.inf), (np.log10, (0.0,), -math.inf), (np.log1p, (-1.0,), -math.inf),
    (np.divide, (1.0, 0.0), math.inf), (np.divide, (1.0, -0.0), -math.inf),
    (np.divide, (0.0, 0.0), math.nan), (np.exp, (1e4,), math.inf), (np.exp, (-1e4,), 0.0),
    (np.multiply, (1e308, 10.0), math.inf), (np.pow, (10.0, 1e3), math.inf),
    (np.pow, (-8.0, 1 / 3), math.nan), (np.sqrt, (-1.0,), math.nan), (np.sqrt, (-0.0,), -0.0),
    (np.cosh, (-1e4,), math.inf), (np.sinh, (-1e4,), -math.inf), (np.atanh, (1.0,), math.inf),
    (np.atanh, (-1.0,), -math.inf), (np.atanh, (2.0,), math.nan), (np.acosh, (0.5,), math.nan),
    (np.sin, (math.inf,), math.nan), (np.reciprocal, (-0.0,), -math.inf),
    # pow as C99, annex F.10.4.4
    (np.pow, (0.0, -1.0), math.inf), (np.pow, (-0.0, -1.0), -math.inf),
    (np.pow, (-0.0, -2.0), math.inf), (np.pow, (-0.0, -0.5), math.inf),
    (np.pow, (-0.0, -math.inf), math.inf), (np.pow, (-0.0, 3.0), -0.0), (np.pow, (-0.0, 2.0), 0.0),
    (np.pow, (-0.0, 0.5), 0.0), (np.pow, (-1.0, math.inf), 1.0), (np.pow, (-1.0, -math.inf), 1.0),
    (np.pow, (1.0, math.nan), 1.0), (np.pow, (math.nan, 0.0), 1.0), (np.pow, (-2.0, 0.5), math.nan),
    (np.pow, (0.5, -math.inf), math.inf), (np.pow, (2.0, -math.inf), 0.0),
    (np.pow, (0.5, math.inf), 0.0), (np.pow, (-math.inf, -3.0), -0.0),
    (np.pow, (-math.inf, -2.0), 0.0), (np.pow, (-math.inf, 3.0), -math.inf),
    (np.pow, (-math.inf, 0.5), math.inf), (np.pow, (-math.inf, 2.0), math.inf),
    (np.pow, (math.inf, -1.0), 0.0), (np.pow, (math.nan, 1.0), math.nan),
]


@pytest.mark.parametrize(("function", "args", "result"), SPECIAL_RESULTS)
def test_floats_special_values(function, args, result):
    forms = [args, [Value(x) for x in args], [Tensor(x) for x in args],
             [Tensor([x, x, x]) for x in args], [numpy.asarray([x] * 3) for x in args],
             [Tensor(x) if i == 0 else x for i, x in enumerate(args)],
             [x if i == 0 and len(args) > 1 else Value(x) for i, x in enumerate(args)]]
    for form in forms:
        out = function(*form)
        out = out.data if isinstance(out, Value | Tensor) else out
        assert all(same(float(x), result) for x in numpy.ravel(out)), (form, out)


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_floats_operators_never_raise(kind):
    with numpy.errstate(all="ignore"):
        assert (1.0 / kind(0.0)).data == math.inf and (kind(1) / 0).data == math.inf
        assert math.isnan((kind(0.0) / 0).data) and (kind(1e308) * 10).data == math.inf
        assert math.isnan((kind(-8.0) ** (1 / 3)).data) and (kind(0.0) ** -1).data == math.inf
        assert (kind(10.0) ** 1000).data == math.inf and (2.0 ** kind(5000.0)).data == math.inf
        assert math.isnan((kind(1.0) % 0).data) and (kind(1.0) // 0).data == math.inf


# -- dtypes ----------------------------------------------------------------------------------------

KEEPING = [
    lambda x: x * 2.0, lambda x: 2.0 * x, lambda x: x + 1, lambda x: 1 - x, lambda x: x / 3.0,
    lambda x: 3 / x, lambda x: x ** 2, lambda x: x ** 0.5, lambda x: 2.0 ** x, lambda x: x % 0.5,
    lambda x: np.maximum(x, 0.5), lambda x: np.minimum(0.5, x), lambda x: np.clip(x, 0.1, 0.7),
    lambda x: np.where(x > 0.5, x, 0.0), lambda x: np.relu(x - 0.5), np.sigmoid, np.softplus,
    np.gelu, lambda x: np.gelu(x, "tanh"), np.elu, np.leaky_relu, np.silu, np.softmax,
    np.log_softmax, np.logsumexp, np.mean, np.var, np.std, np.norm, lambda x: np.norm(x, 3),
    lambda x: np.norm(x, 1), np.erf, np.atanh, lambda x: np.hypot(x, 1.0), np.max, np.min, np.prod,
    np.cumulative_sum, np.cumulative_prod, lambda x: np.atan2(x, 1.0), np.sort, np.diff,
    lambda x: np.logaddexp(x, 0.0), lambda x: np.pad(x, 1), lambda x: np.einsum("i,i->", x, x),
    lambda x: x @ x, np.log1p, np.log2, np.log10, np.tan, lambda x: np.outer(x, x),
    lambda x: np.repeat(x, 2), lambda x: np.tril(np.outer(x, x)), lambda x: np.concat([x, x]),
]


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("f", KEEPING, ids=range(len(KEEPING)))
def test_dtypes_are_kept(f, dtype):
    x = Tensor(numpy.asarray([0.25, 0.5, 0.75], dtype), requires_grad=True)
    y = f(x)
    assert y.dtype == dtype
    y.sum().backward()
    assert x.grad.dtype == dtype and x.grad.shape == (3,)
    tangent = jvp(f, (x.data,), (numpy.ones(3, dtype),))[1]
    assert tangent.dtype == dtype and tangent.shape == y.shape


def test_dtypes_integers_and_booleans_cannot_require_grad():
    for data in ([1, 2], [True, False], 3):
        with pytest.raises(DtypeError, match=r"int64|bool(.|\n)*help: "):
            Tensor(data, requires_grad=True)
        with pytest.raises(DtypeError, match=r"int64|bool"):
            Tensor(data).requires_grad_()
    with pytest.raises(DtypeError):
        grad(lambda x: (x * 1.0).sum())(numpy.asarray([1, 2]))
    assert Tensor([1, 2], dtype="float32", requires_grad=True).requires_grad


def test_dtypes_python_numbers_stay_python_numbers():
    kinds = []

    def spy(xp, x, y):
        kinds.append(type(y))
        return x * y

    double = elementwise("spied", lambda g, y: g * y, lambda g, x: g * x, forward=spy)
    for number in (2, 2.0, True):
        double(Tensor([1.0], dtype="float32", requires_grad=True), number)
    assert kinds == [int, float, bool]
    big = Tensor([1, 2], dtype="int8")
    assert (big * 2).dtype == numpy.int8 and (big * 2.0).dtype == numpy.float64


def test_dtypes_a_numpy_float_is_an_array_beside_a_tensor():
    x = Tensor([1.0, 2.0], dtype="float32", requires_grad=True)
    two = numpy.float64(2)
    for y in (x * two, two * x, x + two, two - x, x / numpy.asarray(2.0), np.maximum(x, two)):
        assert type(y) is Tensor and y.dtype == numpy.float64
    y = (x * numpy.float64(2)).sum()
    y.backward()
    assert x.grad.dtype == numpy.float32 and x.grad.tolist() == [2.0, 2.0]
    assert (x * numpy.float32(2)).dtype == numpy.float32
    v = Value(3.0) * numpy.float64(2)
    w = numpy.float64(2) * Value(3.0)
    assert type(v) is type(w) is Value and type(v.data) is type(w.data) is float
    assert (v.data, w.data) == (6.0, 6.0)


def test_dtypes_a_gradient_has_its_operands_shape_and_dtype():
    x = Tensor(numpy.ones((3, 1), "float32"), requires_grad=True)
    y = Tensor(numpy.ones((2, 1, 4)), requires_grad=True)
    z = Tensor(numpy.float16(1.0), requires_grad=True)
    (x * y * z).sum().backward()
    for t, total in ((x, 8.0), (y, 3.0), (z, 24.0)):
        assert t.grad.shape == t.shape and t.grad.dtype == t.dtype
        assert t.grad.data.ravel()[0] == total
    real, imaginary = Tensor([1.0, 2.0], requires_grad=True), numpy.asarray([1j, 2.0 + 1j])
    np.real(real * imaginary).sum().backward()
    assert real.grad.dtype == numpy.float64 and real.grad.tolist() == [0.0, 2.0]


def test_dtypes_a_gradient_is_on_its_operands_device():
    strict = pytest.importorskip("array_api_strict", reason="install array-api-strict")
    device = strict.Device("device1")
    x = Tensor(strict.asarray([1.0, 2.0], device=device), requires_grad=True)
    for f in (lambda t: (t * 2.0).exp(), lambda t: t[:1], np.floor, np.cumulative_prod,
              lambda t: np.pad(t, 1), lambda t: np.repeat(t, 2), lambda t: t[:, None] @ t[None, :]):
        x.grad = None
        f(x).sum().backward()
        assert x.grad.device == device and x.device == device
