"""The whole op table over every storage and device: the numbers of NumPy, to the second derivative.

array-api-strict refuses what the standard does not promise.
"""

import numpy as np
import pytest
from domains import CONSTANTS
from hypothesis import given, settings, strategies as st
from oracles import like, outputs
from places import PLACES
from test_ops_derivatives import DOMAINS, NAMES, bind

import autograd.numpy as anp
from autograd import Tensor, jvp, vjp

strict = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
pytestmark = pytest.mark.filterwarnings("ignore:.*2025.12:UserWarning")

BAR = {"array_api_strict": 1e-12, "torch": 1e-11, "jax": 1e-11, "cupy": 1e-5}
EXAMPLES = {"array_api_strict": 3, "torch": 3, "jax": 1, "cupy": 20}     # JAX compiles each shape
OF_NUMPY = {                                # here there is no other storage in question
    "to_device": "the device of its domain is NumPy's; moving is tested in test_devices",
    "element": "Values are floats, and become a NumPy array again",
    "from_values": "the same",
}


def listed(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def over(domain, case, place):
    """The function of the moving operands, with the case's other arrays in this place."""
    args = tuple(x if i in case.moving else place.put(x) for i, x in enumerate(case.args))
    params = {key: place.put(x) for key, x in case.params.items()}
    return bind(domain, case._replace(args=args, params=params))[0]


def same(ours, theirs, place):
    """Assert that arrays kept in this place are those that NumPy computed."""
    assert len(ours) == len(theirs)
    for x, y in zip(ours, theirs, strict=True):
        if not isinstance(x, float):                                # a Value's
            assert place.holds(x)
            x = place.back(x)
        y = np.asarray(y)
        assert x.shape == y.shape
        np.testing.assert_allclose(x, y, rtol=BAR[place.storage], atol=0.1 * BAR[place.storage])


def derivatives(f, xs, g, t):
    """[values, pullback of g, tangents of t, and the pullback of the pullback] at xs."""
    value, pullback = vjp(f, *xs)
    pulled = pullback(like(value, g))
    second = vjp(lambda *xs: vjp(f, *xs)[1](like(value, g)), *xs)[1](pulled)
    return [listed(x) for x in (value, pulled, jvp(f, xs, t)[1], second)]


@pytest.mark.parametrize("domain, place", [
    pytest.param(domain, place, id=f"{name}-{place}") for place in PLACES
    for domain, name in zip(DOMAINS, NAMES, strict=True) if domain.name not in OF_NUMPY])
def test_values_and_gradients_are_those_over_numpy(domain, place):
    @given(data=st.data(), seed=st.integers(0, 2**16))
    @settings(max_examples=EXAMPLES[place.storage])
    def check(data, seed):
        case, rng = data.draw(domain.cases), np.random.default_rng(seed)
        f, _, xs = bind(domain, case)
        g = [rng.normal(size=z.shape) for z in outputs(vjp(f, *xs)[0])]
        t = [rng.normal(size=x.shape) for x in xs]
        by_numpy = derivatives(f, xs, g, t)
        with place:
            here = [place.put(part) for part in (list(xs), g, t)]
            for ours, theirs in zip(derivatives(over(domain, case, place), *here), by_numpy,
                                    strict=True):
                same(ours, theirs, place)

    check()


@pytest.mark.parametrize("domain, place", [
    pytest.param(domain, place, id=f"{name}-{place}") for place in PLACES
    for name, domain in CONSTANTS.items() if domain.name not in OF_NUMPY])
def test_constants_are_those_over_numpy(domain, place):
    @given(data=st.data())
    @settings(max_examples=EXAMPLES[place.storage])
    def check(data):
        case = data.draw(domain.cases.filter(
            lambda case: all(isinstance(x, np.ndarray) for x in case.args)))
        with place:
            ours = domain.function(*place.put(list(case.args)), **case.params)
            for x, y in zip(listed(ours), listed(domain.reference(*case.args, **case.params)),
                            strict=True):
                assert place.holds(x)
                np.testing.assert_array_equal(place.back(x), y)

    check()


@pytest.mark.parametrize("index", [
    0, -1, slice(None, None, -1), slice(1, None, 2), None, ..., (0, ...), (..., -1),
    (slice(None), None, 1), (0, 1), (slice(2, 0, -1), slice(None))], ids=repr)
def test_index_forms_of_the_standard(index):
    full = index if isinstance(index, tuple) else (index,)
    if ... not in full:
        full = (*full, ...)                     # strict wants every axis named
    data, weights = np.arange(12.0).reshape(3, 4), np.random.default_rng(0)
    x, y = Tensor(strict.asarray(data), requires_grad=True), Tensor(data, requires_grad=True)
    w = weights.normal(size=data[full].shape)
    (x[full] * strict.asarray(w)).sum().backward()
    (y[full] * w).sum().backward()
    np.testing.assert_array_equal(np.asarray(x.grad.data), y.grad.data)
    if None in full:
        return                                  # strict reads with newaxis, and refuses to write
    for z, value in ((x + 0.0, strict.asarray(w)), (y + 0.0, w)):
        z[full] = value
        np.testing.assert_array_equal(np.asarray(z.detach().data)[full], w)


def test_masks_alone_and_whole_integer_arrays_over_strict():
    data = np.arange(12.0).reshape(3, 4)
    x = Tensor(strict.asarray(data), requires_grad=True)
    mask = strict.asarray(data % 5 == 0)
    (x[mask] * 2.0).sum().backward()
    np.testing.assert_array_equal(np.asarray(x.grad.data), 2.0 * (data % 5 == 0))
    x.grad = None
    rows, columns = strict.asarray([0, 2, 0]), strict.asarray([1, 1, 1])
    x[rows, columns].sum().backward()
    expected = np.zeros((3, 4))
    np.add.at(expected, ([0, 2, 0], [1, 1, 1]), 1.0)
    np.testing.assert_array_equal(np.asarray(x.grad.data), expected)


def test_other_storages_do_not_mix():
    with pytest.raises(TypeError, match="help:"):
        Tensor(strict.asarray([1.0])) + np.asarray([1.0])
    with pytest.raises(TypeError, match="help:"):
        anp.add(Tensor(strict.asarray([1.0])), Tensor([1.0]))
