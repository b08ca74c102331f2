"""Every operation on complex numbers: refused, or right in value and gradient, on every storage.

The gradient of a real number L by z = x + iy is dL/dx + i dL/dy: the direction in which L grows.
PyTorch's is the same, JAX's its conjugate. So the walk backward is the adjoint of the walk forward
for the real product <a, b> = sum(real(conj(a) * b)), and finite differences tell what is right.
"""

from functools import partial

import numpy as np
import pytest
from domains import CONSTANTS
from hypothesis import given, settings, strategies as st
from oracles import complex_step, like, outputs, richardson
from test_ops_derivatives import DOMAINS, NAMES, bind
from test_storage import EXAMPLES, OF_NUMPY, PLACES, derivatives, listed, over, same

import autograd.numpy as anp
from autograd import (
    Tensor,
    Value,
    custom_gradient,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    vjp,
)
from autograd.errors import DtypeError
from autograd.primitive import table

# What the standard defines for complex numbers, and what we define beyond it.
TAKEN = {
    "abs", "sech", "acos", "acosh", "add", "asin", "asinh", "atan", "atanh", "conj", "cos", "cosh",
    "divide", "exp", "expm1", "imag", "log", "log10", "log1p", "log2", "multiply", "negative",
    "positive", "pow", "real", "reciprocal", "round", "np.sign", "sin", "sinh", "sqrt", "square",
    "subtract", "tan", "tanh", "where", "sum", "prod", "np.mean", "cumulative_sum",
    "cumulative_prod", "matrix_product", "np.tensordot", "np.vecdot", "np.outer", "np.einsum",
    "reshape", "broadcast_to", "permute_dims", "concat", "np.stack", "take", "take_along_axis",
    "getitem", "setitem", "np.diff", "np.repeat", "np.tile", "flip", "roll", "np.triu", "fft",
    "ifft", "irfft", "np.fftn", "np.ifftn", "np.irfftn", "np.hfft",
    "np.var", "np.std", "np.norm", "np.logsumexp", "np.softmax", "np.log_softmax"}
TAKEN_CONSTANTS = {"equal", "not_equal", "isfinite", "isinf", "isnan", "any", "all",
                   "count_nonzero"}
PHASES = "vectors have phases that no one chose; its domain knows signs only"
ELSEWHERE = {                           # domains that do not say what to expect of complex numbers
    "element": "a Value is real", "from_values": "a Value is real", "to_device": "has no numbers",
    "astype": "to real dtypes", "np.astype": "to real dtypes",
    "qr": PHASES, "svd": PHASES, "eig": PHASES}
REFUSED = {"loggamma": 2, "gamma": 2, "digamma": 1}     # polygamma takes real numbers, says SciPy
REAL_OVER = {                           # what these libraries compute for real numbers alone
    "torch": {"digamma", "erfc", "gelu"},
    "jax": {"digamma", "erfc", "exp1", "expi", "gelu", "hyp1f1"}}
KINDS = [pytest.param(domain, name in TAKEN, id=name)
         for domain, name in zip(DOMAINS, NAMES, strict=True) if name not in ELSEWHERE]


@st.composite
def complex_cases(draw, domain):
    """A case of a domain with some or all of its moving operands complex."""
    case = draw(domain.cases.filter(lambda case: case.moving))
    turned = draw(st.sets(st.sampled_from(case.moving), min_size=1))
    turned |= {"setitem": {0}, "matrix_product": {0, 1}}.get(domain.name, set())
    rng, args = np.random.default_rng(draw(st.integers(0, 2**16))), list(case.args)
    for i in turned:                            # away from branch cuts, and from edges of rounding
        size = rng.integers(1, 4, args[i].shape) * 0.1 + rng.uniform(-0.01, 0.01, args[i].shape)
        args[i] = np.asarray(args[i] + 1j * size * rng.choice([-1, 1], args[i].shape))
    return case._replace(args=tuple(args))


def reals(parts):
    """Arrays, real and complex, as one real vector."""
    return np.concatenate([np.zeros(0), *(
        np.concatenate([x.real.reshape(-1), x.imag.reshape(-1)]) if x.dtype.kind == "c"
        else x.reshape(-1) for x in map(np.asarray, parts))])


def arrays(vector, like):
    """What `reals` took apart, in the shapes and kinds of `like`."""
    found = []
    for x in like:
        parts = vector[:x.size].reshape(x.shape)
        vector = vector[x.size:]
        if x.dtype.kind == "c":
            parts, vector = parts + 1j * vector[:x.size].reshape(x.shape), vector[x.size:]
        found.append(np.asarray(parts))
    return found


def drawn(rng, xs):
    """Random numbers between -1 and 1 in the shapes and kinds of arrays."""
    return arrays(rng.uniform(-1, 1, reals(xs).size), xs)


def close(x, y, error=0.0, bar=1e-6):
    bar = bar * max(np.max(abs(y), initial=0.0), np.max(abs(x), initial=0.0), 1.0)
    assert np.max(error, initial=0.0) <= bar
    np.testing.assert_allclose(x, y, rtol=0, atol=bar)


def refused(f, xs):
    """Whether an operation says that it does not take complex numbers."""
    return refuses(lambda: vjp(f, *xs))


def refuses(compute):
    """Whether what is computed there takes real numbers alone, and says so."""
    try:
        compute()
    except DtypeError as error:
        assert "help:" in str(error) and "it takes real numbers" in str(error)
        return True
    return False


@pytest.mark.parametrize("domain, taken", KINDS)
@given(data=st.data(), seed=st.integers(0, 2**16))
@settings(max_examples=12)
def test_refused_or_right(domain, taken, data, seed):
    case, rng = data.draw(complex_cases(domain)), np.random.default_rng(seed)
    f, _, xs = bind(domain, case)
    if not taken and refused(f, xs):
        return
    if REFUSED.get(domain.name) == 1:
        assert refuses(lambda: jvp(f, xs, xs)) and refuses(lambda: vjp(f, *xs)[1](f(*xs)))
        return
    value, pullback = vjp(f, *xs)
    if taken and not case.params and domain.name in vars(np):
        np.testing.assert_allclose(value, getattr(np, domain.name)(*case.args), rtol=1e-13)
    g, t = drawn(rng, outputs(value)), drawn(rng, xs)
    pulled, pushed = pullback(like(value, g)), outputs(jvp(f, xs, t)[1])
    for x, part in zip([*xs, *outputs(value)], [*pulled, *pushed], strict=True):
        assert part.shape == x.shape and part.dtype == x.dtype      # real operands, real gradients
    at = reals(xs)
    by_differences, error = richardson(
        lambda v: reals(outputs(f(*arrays(v, xs)))), at, reals(t))
    close(reals(pushed), by_differences, error)
    close(reals(pulled) @ reals(t), reals(g) @ reals(pushed), bar=1e-9)
    if not domain.smooth or not g:                      # unstack of nothing gives nothing
        return

    def gradients(*xs):
        return grad(lambda *xs: sum(loss(z, w) for z, w in zip(listed(f(*xs)), g, strict=True)),
                    tuple(range(len(xs))))(*xs)

    if REFUSED.get(domain.name) == 2:
        assert refuses(lambda: jvp(gradients, xs, t))
        return
    second, error = richardson(lambda v: reals(gradients(*arrays(v, xs))), at, reals(t))
    close(reals(jvp(gradients, xs, t)[1]), second, error)
    close(reals(vjp(gradients, *xs)[1](tuple(t))), second, error)       # a Hessian is symmetric


def loss(z, w):
    """A real number whose derivative by z depends on z."""
    if not np.iscomplexobj(w):
        return anp.sum(w * z + 0.5 * z * z)
    return anp.sum(anp.real(np.conj(w) * z) + 0.5 * anp.real(z) ** 2 + 0.7 * anp.imag(z) ** 2)


@pytest.mark.parametrize("domain, place", [
    pytest.param(domain, place, id=f"{name}-{place}") for place in PLACES
    for domain, name in zip(DOMAINS, NAMES, strict=True)
    if name not in ELSEWHERE and domain.name not in OF_NUMPY])
def test_every_storage_gives_the_same(domain, place):
    @given(data=st.data(), seed=st.integers(0, 2**16))
    @settings(max_examples=EXAMPLES[place.storage])
    def check(data, seed):
        case, rng = data.draw(complex_cases(domain)), np.random.default_rng(seed)
        f, _, xs = bind(domain, case)
        with place:
            there, xs_there = over(domain, case, place), place.put(list(xs))
            if refused(f, xs):
                assert refused(there, xs_there)
                return
            if domain.name in REAL_OVER.get(place.storage, ()) and refused(there, xs_there):
                return                                  # gelu by tanh needs no erfc
            if domain.name in REFUSED:
                same(listed(there(*xs_there)), listed(f(*xs)), place)
                return
            g, t = drawn(rng, outputs(f(*xs))), drawn(rng, xs)
            by_numpy = derivatives(f, xs, g, t)
            for ours, theirs in zip(derivatives(there, xs_there, *place.put([g, t])), by_numpy,
                                    strict=True):
                same(ours, theirs, place)

    check()


@pytest.mark.parametrize("name", CONSTANTS)
@given(data=st.data())
@settings(max_examples=10)
def test_constants(name, data):
    op = CONSTANTS[name]
    case = data.draw(op.cases)
    args = [x + 0.5j if i == 0 else x for i, x in enumerate(map(np.asarray, case.args))]
    try:
        ours = op.function(*args, **case.params)
    except DtypeError as error:
        assert "help:" in str(error) and name not in TAKEN_CONSTANTS
        return
    for x, y in zip(listed(ours), listed(op.reference(*args, **case.params)), strict=True):
        np.testing.assert_array_equal(x, y)


# -- the convention, and what rests on it --------------------------------------------------------
Z = np.array([1.0 + 2.0j, -0.5 - 1.0j, 0.0 + 0.3j])


def test_the_gradient_points_where_the_function_grows():
    np.testing.assert_allclose(grad(lambda z: anp.sum(anp.abs(z) ** 2))(Z), 2 * Z)
    np.testing.assert_allclose(grad(lambda z: anp.sum(anp.real(z)))(Z), np.ones(3))
    np.testing.assert_allclose(grad(lambda z: anp.sum(anp.imag(z)))(Z), 1j * np.ones(3))
    np.testing.assert_allclose(grad(lambda z: anp.sum(anp.real(z * z)))(Z), 2 * Z.conj())
    np.testing.assert_array_equal(grad(lambda z: 0.7 * anp.imag(z[0]) ** 2)(Z), [2.8j, 0, 0])
    z = Tensor(Z, requires_grad=True)
    (z * z).backward(np.ones(3, complex))
    np.testing.assert_allclose(z.grad.data, 2 * Z.conj())


def test_pytorch_has_the_same_gradients_and_jax_their_conjugates():
    torch = pytest.importorskip("torch", reason="pip install torch")
    jax = pytest.importorskip("jax", reason="pip install jax")
    x = torch.tensor(Z, requires_grad=True)
    (x.abs() * (x.sin() / x).real).sum().backward()
    with jax.enable_x64(True):
        theirs = jax.grad(lambda z: (abs(z) * (jax.numpy.sin(z) / z).real).sum())(Z)
    ours = grad(lambda z: anp.sum(anp.abs(z) * anp.real(anp.sin(z) / z)))(Z)
    np.testing.assert_allclose(ours, x.grad.numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours, np.conj(theirs), rtol=1e-12)


def test_forward_mode_of_a_holomorphic_function_is_its_derivative():
    slope = jvp(lambda z: anp.exp(z) * z, (Z,), (np.ones(3, complex),))[1]
    np.testing.assert_allclose(slope, np.exp(Z) * (Z + 1), rtol=1e-14)
    assert jvp(anp.sin, (1 + 2j,), (1.0 + 0j,))[1] == pytest.approx(np.cos(1 + 2j))


def test_real_inputs_of_complex_functions():
    x = np.linspace(0.1, 1.0, 4)
    gradient = grad(lambda x: anp.sum(anp.abs(anp.exp(1j * x) + x) ** 2))(x)
    expected = complex_step(lambda x: (x + np.cos(x)) ** 2 + np.sin(x) ** 2, x, np.ones(4))[0]
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, expected, rtol=1e-14)
    np.testing.assert_allclose(jacobian(lambda x: anp.exp(1j * x), mode="forward")(x),
                               np.diag(1j * np.exp(1j * x)), rtol=1e-14)
    np.testing.assert_allclose(jacobian(lambda z: anp.real(z * z))(Z), np.diag(2 * Z.conj()))


@pytest.mark.parametrize("derivative, at", [
    (jacobian(lambda z: z * z), Z), (jacobian(lambda z: z * z, mode="forward"), Z),
    (jacobian(lambda x: 1j * x), Z.real), (elementwise_grad(anp.exp), Z),
    (hessian(lambda z: anp.sum(anp.abs(z))), Z), (grad(anp.sum), Z),
    (lambda z: vjp(anp.abs, z)[1](1j * np.ones(3)), Z),
    (lambda x: jvp(anp.exp, (x,), (1j * np.ones(3),)), Z.real),
    (lambda z: Tensor(z, requires_grad=True).backward(), Z),
    (lambda x: Tensor(x, requires_grad=True).backward(1j * x), Z.real),
    (lambda z: anp.astype(z, "float64"), Z), (lambda z: anp.multiply(Value(1.0), 2j), Z),
    (anp.sort, Z), (lambda z: anp.maximum(z, 0.0), Z), (lambda z: Tensor(z) > 0.0, Z),
    (lambda z: anp.maximum(1j, 2.0), Z)])
def test_what_has_no_complex_meaning_is_refused(derivative, at):
    with pytest.raises(DtypeError, match="help:"):
        derivative(at)


def test_hessian_times_vector():
    t = np.array([0.3 - 1.0j, 2.0, 1.0j])
    np.testing.assert_allclose(hvp(lambda z: anp.sum(anp.abs(z) ** 2), Z, t), 2 * t, rtol=1e-14)


def test_plain_complex_numbers():
    assert anp.sqrt(-1 + 0j) == 1j and anp.exp(0j) == 1 and type(anp.add(1j, 2.0)) is complex
    assert grad(lambda z: anp.abs(z) ** 2)(3 + 4j) == pytest.approx(6 + 8j)
    assert grad(lambda x: anp.abs(x + 1j) ** 2)(2.0) == pytest.approx(4.0)


# -- hard points ---------------------------------------------------------------------------------
def test_at_zero():
    zero = np.zeros(2, complex)
    for f in (anp.abs, anp.sign, lambda z: anp.norm(z, axis=0), lambda z: anp.std(z, axis=0)):
        np.testing.assert_array_equal(vjp(f, zero)[1](np.ones_like(f(zero)))[0], zero)
    np.testing.assert_allclose(hvp(anp.norm, np.array([1.0, 0j]), np.array([0, 1 + 1j])),
                               [0, 1 + 1j])
    np.testing.assert_allclose(hessian(anp.norm)(np.array([1.0, 0.0])), [[0, 0], [0, 1]])


@pytest.mark.parametrize("zeros", [(0,), (1,), (0, 1), (0, 1, 2)])
def test_products_with_zeros(zeros):
    z = Z.copy()
    z[list(zeros)] = 0
    for f in (anp.prod, lambda z: anp.sum(anp.cumulative_prod(z))):
        slope = jvp(f, (z,), (Z,))[1]
        expected, _ = richardson(f, z, Z)
        np.testing.assert_allclose(slope, expected[0], rtol=1e-10, atol=1e-15)
        pulled = vjp(f, z)[1](1.0 + 0.5j)[0]
        np.testing.assert_allclose(np.vdot(pulled, Z).real, (np.conj(1 + 0.5j) * slope).real,
                                   rtol=1e-12)


def test_powers():
    y = np.array([0.5 - 1.0j, 2.0, 1.0j])
    for base in (-2.0, -2, 2.0 - 1.0j):                     # log of a negative number is complex
        slope = jvp(partial(anp.pow, base), (y,), (np.ones(3, complex),))[1]
        np.testing.assert_allclose(slope, np.log(base + 0j) * (base + 0j) ** y, rtol=1e-13)
    bases = np.array([-2.0, 0.5, 3.0])
    pulled = vjp(lambda x: anp.pow(x, y), bases)[1](np.ones(3, complex))[0]
    np.testing.assert_allclose(pulled, (y * (bases + 0j) ** (y - 1)).real, rtol=1e-13)
    zero = np.zeros(1, complex)
    for n, expected in ((0, 0), (1, 1), (2, 0), (2.0, 0), (3 + 0j, 0)):
        assert jvp(lambda z, n=n: z**n, (zero,), (zero + 1,))[1] == expected
    assert jvp(lambda y: zero**y, (zero + 2,), (zero + 1,))[1] == 0


def test_a_choice_that_is_not_taken_leaves_no_nan():
    f = grad(lambda z: anp.sum(anp.abs(anp.where(anp.abs(z) > 0, anp.sqrt(z), 0.0))))
    np.testing.assert_array_equal(f(np.array([0j, 4.0]))[0], 0)


def test_complex64_stays():
    z, x = Z.astype("complex64"), np.ones(3, "float32")
    gradients = grad(lambda z, x: anp.sum(anp.abs(anp.exp(1j * z) * x + anp.pow(2.0, z))), (0, 1))
    assert [g.dtype for g in gradients(z, x)] == [np.complex64, np.float32]
    assert anp.fft.fft(x).dtype == anp.fft.rfft(x).dtype == np.complex64


@pytest.mark.parametrize("place", PLACES, ids=repr)
@pytest.mark.parametrize("kinds", [
    ("float32", "complex64"), ("float32", "complex128"), ("float64", "complex64"),
    ("complex64", "complex128")])
@pytest.mark.parametrize("f", [
    anp.add, anp.multiply, anp.divide, anp.pow, anp.matmul, anp.vecdot,
    lambda x, y: anp.where(anp.abs(x) > 1, x, y), lambda x, y: anp.concat([x, y])])
def test_kinds_and_precisions_promote_and_gradients_come_back(f, kinds, place):
    x, y = ((Z if kind[0] == "c" else Z.real + 2).astype(kind) for kind in kinds)
    expected = vjp(f, x, y)[0].dtype
    assert expected == np.result_type(x, y)
    with place:
        xs = place.put([x, y])
        value, pullback = vjp(f, *xs)
        assert place.back(value).dtype == expected
        assert [place.back(part).dtype for part in pullback(value)] == list(kinds)


def test_casts():
    f = vjp(lambda x: anp.astype(x, "complex64"), np.ones(2))
    assert f[0].dtype == np.complex64
    np.testing.assert_array_equal(f[1](np.array([1 + 2j, 3j], np.complex64))[0], [1.0, 0.0])
    narrow = vjp(lambda z: anp.astype(z, "complex64"), Z)[1](Z.astype("complex64"))[0]
    assert narrow.dtype == np.complex128
    assert anp.astype(np.array([0j, 1j]), "bool").tolist() == [False, True]


def test_a_function_with_a_gradient_of_its_own():
    @custom_gradient(lambda g, x: g * 2 * x)
    def squared(x):
        return x * x

    t = np.array([1.0 + 1j, 2.0, -1j])
    np.testing.assert_allclose(vjp(squared, Z)[1](t)[0], vjp(anp.square, Z)[1](t)[0])
    np.testing.assert_allclose(jvp(squared, (Z,), (t,))[1], 2 * Z * t)


def test_a_writable_real_array_holds_no_complex_number():
    x = Tensor(np.ones(3), requires_grad=True) * 1.0
    with pytest.raises(DtypeError, match="help:"):
        x[0] = 1j
    z = Tensor(Z, requires_grad=True) * 1.0
    z[0] = Tensor(2.0)
    assert z.data[0] == 2


def test_the_printed_programs_refuse_what_the_table_refuses():
    assert {name for name in ("maximum", "relu", "floor", "less", "argsort") if table[name].real}
    for name in sorted(TAKEN & set(table)):
        assert not table[name].real
