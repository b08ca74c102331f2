"""The whole op table over array-api-strict: only standard functions, and the numbers of NumPy.

array-api-strict refuses what the standard does not promise. Some index forms are among that:
they run over NumPy only, and are listed here with the reason.
"""

import numpy as np
import pytest
from composite_domains import COMPOSITES
from domains import CONSTANTS, PRIMITIVES
from hypothesis import given, settings, strategies as st
from oracles import flat, like, outputs
from test_ops_derivatives import DOMAINS, NAMES, bind

import autograd.numpy as anp
from autograd import Tensor, jvp, vjp

strict = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
pytestmark = pytest.mark.filterwarnings("ignore:.*2025.12:UserWarning")

# The standard has no way to say these; each is tested over NumPy.
NUMPY_ONLY = {
    "getitem": "masks beside other indices, integer arrays beside slices and newaxis, lists",
    "setitem": "integer arrays are refused as the target of an assignment",
    "scatter": "the same indices as getitem",
    "astype": "the dtypes of its domain are those of NumPy",
    "item": "its domain slices along an axis of length 0 out of bounds",
    "real": "refuses real arrays, where NumPy returns them",
    "imag": "refuses real arrays, where NumPy returns zeros",
    "element": "Values are made of floats, which come from NumPy",
    "to_device": "the device of its domain is NumPy's; here every operation runs on two devices",
    "from_values": "Values become a NumPy array",
}
DEVICES = ("CPU_DEVICE", "device1")
PORTABLE = [pytest.param(d, id=name) for d, name in zip(DOMAINS, NAMES, strict=True) if d.strict]


def test_the_list_of_what_runs_over_numpy_only_is_complete():
    everything = [*PRIMITIVES.values(), *COMPOSITES.values(), *CONSTANTS.values()]
    assert {domain.name for domain in everything if not domain.strict} == set(NUMPY_ONLY)


def moved(x, device):
    """A NumPy array as a strict one."""
    return strict.asarray(x, device=strict.Device(device)) if isinstance(x, np.ndarray) else x


def plain(parts):
    """Strict arrays as one NumPy vector."""
    back = [np.asarray(x.to_device(strict.Device("CPU_DEVICE"))) for x in parts]
    return flat(back)


def listed(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("domain", PORTABLE)
@given(data=st.data(), seed=st.integers(0, 2**16))
@settings(max_examples=6)
def test_values_and_gradients_are_those_over_numpy(domain, device, data, seed):
    case, rng = data.draw(domain.cases), np.random.default_rng(seed)
    f, _, xs = bind(domain, case)
    args = tuple(x if i in case.moving else moved(x, device) for i, x in enumerate(case.args))
    f_strict, _, _ = bind(domain, case._replace(args=args))
    xs_strict = [moved(x, device) for x in xs]
    value, pullback = vjp(f, *xs)
    value_strict, pullback_strict = vjp(f_strict, *xs_strict)
    cotangents = [rng.normal(size=z.shape) for z in outputs(value)]
    tangents = [rng.normal(size=x.shape) for x in xs]
    pulled = pullback_strict(like(value, [moved(g, device) for g in cotangents]))
    pushed = listed(jvp(f_strict, xs_strict, [moved(t, device) for t in tangents])[1])
    by_numpy = flat(pullback(like(value, cotangents)))
    for ours, theirs in ((listed(value_strict), flat(value)), (pulled, by_numpy),
                         (pushed, flat(jvp(f, xs, tangents)[1]))):
        assert {type(x) for x in ours} <= {type(strict.asarray(0))}
        assert {str(x.device) for x in ours} <= {str(strict.Device(device))}
        np.testing.assert_allclose(plain(ours), theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("domain", [pytest.param(d, id=name) for name, d in CONSTANTS.items()])
@given(data=st.data())
@settings(max_examples=6)
def test_constants_are_those_over_numpy(domain, data):
    case = data.draw(domain.cases.filter(
        lambda case: all(isinstance(x, np.ndarray) for x in case.args)))
    ours = domain.function(*(moved(x, "CPU_DEVICE") for x in case.args), **case.params)
    np.testing.assert_array_equal(np.asarray(ours), domain.reference(*case.args, **case.params))


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
