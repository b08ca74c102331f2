"""The array functions on every storage: dtypes, numbers beside arrays, ties, copies, bad input."""

import importlib
import inspect
import math
import operator
from contextlib import nullcontext

import numpy
import pytest

import autograd.numpy as np
from autograd import (
    ArgumentError,
    DtypeError,
    ShapeError,
    StorageError,
    Tensor,
    Value,
    elementwise,
    grad,
    linear,
)
from autograd.primitive import table

NAN = math.nan
pytestmark = pytest.mark.filterwarnings("ignore:.*2025.12:UserWarning")
STORAGES = ["numpy", "array_api_strict", "array_api_compat.torch", "jax.numpy"]


@pytest.fixture(params=STORAGES)
def xp(request):
    """Each storage's namespace."""
    for package in ("torch", "jax"):
        if package in request.param:
            pytest.importorskip(package, reason=f"pip install {package}")
    jax = "jax" in request.param
    with importlib.import_module("jax").enable_x64(True) if jax else nullcontext():
        yield importlib.import_module(request.param)


def listed(x):
    """The numbers of a Tensor or array, from any storage."""
    return numpy.asarray(x.data if isinstance(x, Tensor) else x).tolist()


# -- dtypes ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum", "cumulative_prod"])
def test_small_integers_add_up_to_the_default_integer(xp, name):
    x = Tensor(xp.asarray([100, 100, 2], dtype=xp.int8))
    found = getattr(np, name)(x)
    if (xp.__name__, name) == ("jax.numpy", "cumulative_prod"):
        pytest.xfail("JAX keeps int8 in cumulative_prod alone")
    assert found.dtype == xp.int64
    expected = getattr(numpy, name)(numpy.asarray([100, 100, 2]))
    assert listed(found) == expected.tolist()
    floats = Tensor(xp.asarray([1.5, 2.0], dtype=xp.float32))
    assert getattr(np, name)(floats).dtype == xp.float32
    assert getattr(np, name)(floats, dtype=xp.float64).dtype == xp.float64
    assert getattr(np, name)(x, dtype="float32").dtype == xp.float32


def test_a_sum_with_a_dtype_carries_a_gradient(xp):
    x = Tensor(xp.asarray([1.5, 2.0], dtype=xp.float32), requires_grad=True)
    (np.sum(x * x, dtype=xp.float64) + np.cumulative_sum(x, dtype=xp.float64)[1]).backward()
    assert x.grad.dtype == xp.float32 and listed(x.grad) == [4.0, 5.0]


def test_integers_have_means_and_extremes(xp):
    for dtype in (xp.int8, xp.uint8, xp.int64):
        x = Tensor(xp.asarray([[3, 1], [2, 2]], dtype=dtype))
        assert type(np.min(x)) is Tensor and np.min(x).dtype == np.max(x, axis=0).dtype == dtype
        assert listed(np.min(x, axis=0)) == [2, 1] and listed(np.max(x)) == 3
        assert listed(np.mean(x)) == 2.0 and listed(np.var(x, axis=1)) == [1.0, 0.0]


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_means_of_narrow_floats_do_not_overflow(xp, name):
    if not hasattr(xp, name):               # NumPy has no bfloat16, the standard neither
        return
    x = Tensor(xp.full((70000,), 2.0, dtype=getattr(xp, name)), requires_grad=True)
    mean = x.mean()
    mean.backward()
    assert mean.dtype == x.dtype and float(mean.detach()) == 2.0 and x.grad.dtype == x.dtype


def test_comparisons_give_boolean_tensors(xp):
    x = Tensor(xp.asarray([1.0, 2.0]), requires_grad=True)
    for found in (x > 1.0, x == x, np.less(x, 2.0), np.isnan(x), ~(x < 2.0),
                  np.logical_or(x > 0, True), np.signbit(x)):
        assert type(found) is Tensor and not found.requires_grad
        assert found.dtype == xp.bool and found.shape == (2,)


BINARY = ["add", "subtract", "multiply", "divide", "pow", "remainder", "floor_divide", "atan2",
          "hypot", "logaddexp", "copysign", "maximum", "minimum", "nextafter"]


@pytest.mark.parametrize("name", BINARY)
def test_one_number_beside_an_array(xp, name):
    """Python's numbers take the dtype of the array, on either side, and gradients go through."""
    f, data = getattr(np, name), numpy.asarray([0.5, 1.75], "float32")
    for call in (lambda t: f(t, 2.0), lambda t: f(2.0, t), lambda t: f(t, 2), lambda t: f(2, t)):
        x = Tensor(xp.asarray(data), requires_grad=True)
        z = call(x)
        assert z.dtype == xp.float32
        numpy.testing.assert_allclose(listed(z), call(data), rtol=1e-6)
        np.sum(z).backward()
        assert x.grad.dtype == xp.float32
        numpy.testing.assert_allclose(listed(x.grad), grad(lambda t, c=call: np.sum(c(t)))(data),
                                      rtol=1e-6)


@pytest.mark.parametrize("name", ["bitwise_and", "bitwise_or", "bitwise_xor",
                                  "bitwise_left_shift", "bitwise_right_shift"])
def test_bits(xp, name):
    symbol = {"and": "and_", "or": "or_", "left_shift": "lshift", "right_shift": "rshift"}
    by_sign = getattr(operator, symbol.get(name[8:], name[8:]))
    by_name, x = getattr(np, name), Tensor(xp.asarray([6, 1], dtype=xp.int32))
    for f in (by_name, by_sign):
        assert f(x, 2).dtype == f(2, x).dtype == xp.int32
        assert listed(f(x, 2)) == [by_sign(6, 2), by_sign(1, 2)]
        assert listed(f(2, x)) == [by_sign(2, 6), by_sign(2, 1)]
    assert listed(~x) == listed(np.bitwise_invert(x)) == [-7, -2]


@pytest.mark.parametrize("name", ["iand", "ior", "ixor", "ilshift", "irshift", "iadd", "imul"])
def test_operators_in_place_on_integers(xp, name):
    x = alias = Tensor(xp.asarray([6, 1], dtype=xp.int32))
    x = getattr(operator, name)(x, 2)
    assert x is alias and x.dtype == xp.int32
    plain = getattr(operator, name)(numpy.asarray([6, 1], "int32"), 2)
    assert listed(x) == plain.tolist()


def test_where_of_numbers(xp):
    chosen = Tensor(xp.asarray([True, False]))
    x = Tensor(xp.asarray([1.5, 2.5], dtype=xp.float32), requires_grad=True)
    assert np.where(chosen, x, 0.0).dtype == np.where(chosen, 1, x).dtype == xp.float32
    np.sum(np.where(chosen, x, 7) * np.where(chosen, 3.0, x)).backward()
    assert listed(x.grad) == [3.0, 7.0]
    assert listed(np.where(chosen, 1, 2)) == [1, 2] and listed(np.where(chosen, 1.5, 2)) == [1.5, 2]
    assert np.where(chosen, 1, 2).dtype == xp.int64
    defaults = chosen.__array_namespace__().__array_namespace_info__().default_dtypes()
    assert np.where(chosen, 1.0, 2.0).dtype == defaults["real floating"]    # in PyTorch float32
    assert np.where(chosen.data, 1.0, 2.0).dtype == defaults["real floating"]
    assert np.where(chosen, True, False).dtype == xp.bool


# -- clip ------------------------------------------------------------------------------------------

def test_clip_keeps_the_dtype_and_moves_its_bounds(xp):
    x = Tensor(xp.asarray([[-2.0, 0.5], [3.0, 0.1]], dtype=xp.float32), requires_grad=True)
    low = Tensor(xp.asarray([-1.0, 0.2], dtype=xp.float64), requires_grad=True)
    high = Tensor(xp.asarray(2.0), requires_grad=True)
    z = np.clip(x, low, high)
    assert z.dtype == xp.float32
    numpy.testing.assert_allclose(listed(z), [[-1.0, 0.5], [2.0, 0.2]], rtol=1e-6)
    np.sum(z * z).backward()
    numpy.testing.assert_allclose(listed(x.grad), [[0.0, 1.0], [0.0, 0.0]])
    numpy.testing.assert_allclose(listed(low.grad), [-2.0, 0.4], rtol=1e-6)
    assert listed(high.grad) == 4.0 and low.grad.dtype == xp.float64
    assert listed(np.clip(x, max=0.0)) == [[-2.0, 0.0], [0.0, 0.0]]


def test_clip_in_numpys_older_words(xp):
    x = Tensor(xp.asarray([-2.0, 0.5, 3.0]), requires_grad=True)
    z = np.clip(x, a_min=-1.0, a_max=2.0)
    assert listed(z) == [-1.0, 0.5, 2.0] and listed(np.clip(x, a_max=0.0)) == [-2.0, 0.0, 0.0]
    np.sum(z).backward()
    assert listed(x.grad) == [0.0, 1.0, 0.0]
    with pytest.raises(ArgumentError, match="help: "):
        np.clip(x, -1.0, a_max=2.0)


def test_clip_of_integers(xp):
    x = Tensor(xp.asarray([0, 100, 127], dtype=xp.int8))
    assert np.clip(x, -1000, 1000).dtype == np.clip(x).dtype == xp.int8
    assert listed(np.clip(x, -1000, 101)) == [0, 100, 101]
    assert np.clip(x, Tensor(xp.asarray(1)), None).dtype == xp.int8
    assert listed(np.clip(Tensor(numpy.asarray([0, 3])), 0.5, None)) == [0.5, 3.0]


# -- sets, sorting and searching -------------------------------------------------------------------

def test_unique_elements_and_where_they_are(xp):
    data = [[3.0, 1.0, 3.0], [NAN, 1.0, NAN]]
    x = Tensor(xp.asarray(data), requires_grad=True)
    values, indices, inverse, counts = np.unique_all(x)
    numpy.testing.assert_array_equal(listed(values), [1.0, 3.0, NAN, NAN])
    assert listed(indices) == [1, 0, 3, 5] and listed(counts) == [2, 2, 1, 1]
    assert inverse.shape == (2, 3)
    numpy.testing.assert_array_equal(listed(np.take(values, inverse)), data)
    assert np.unique_all(x)._fields == ("values", "indices", "inverse_indices", "counts")
    assert np.unique_counts(x)._fields == ("values", "counts")
    assert np.unique_inverse(x)._fields == ("values", "inverse_indices")
    (values[0] * 2.0 + values[1] * 5.0).backward()
    assert listed(x.grad) == [[5.0, 2.0, 0.0], [0.0, 0.0, 0.0]]     # the first of equals


@pytest.mark.parametrize("xp", STORAGES[:-1], indirect=True)        # JAX compiles each for seconds
@pytest.mark.parametrize("data", [
    [], [2, 1, 2], [True, False, True, True], [1j, 1.0, 0.0, 1j, 1 + 1j, complex(NAN, 0), 1.0],
    [0.0, -0.0], [math.inf, -math.inf, math.inf]], ids=repr)
def test_unique_elements_of_every_kind(xp, data):
    x = xp.asarray(numpy.asarray(data))
    ours, expected = np.unique_all(Tensor(x)), numpy.unique_all(numpy.asarray(data))
    for found, wanted in zip(ours, expected, strict=True):
        numpy.testing.assert_array_equal(numpy.asarray(found.data), wanted)
    assert ours.values.dtype == x.dtype
    assert isinstance(np.unique_values(x), type(x))             # plain in, plain out


@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted(xp, side):
    data, asked = numpy.asarray([0.0, 1.0, 1.0, 2.0]), numpy.asarray([[1.0, 5.0], [-1.0, 0.5]])
    x = Tensor(xp.asarray(data), requires_grad=True)
    found = np.searchsorted(x, Tensor(xp.asarray(asked)), side=side)
    assert type(found) is Tensor and not found.requires_grad
    assert listed(found) == numpy.searchsorted(data, asked, side=side).tolist()
    shuffled, order = xp.asarray(data[[2, 0, 3, 1]]), xp.asarray([1, 0, 3, 2])
    again = np.searchsorted(Tensor(shuffled), xp.asarray(asked), side=side, sorter=order)
    assert listed(again) == listed(found)
    assert listed(np.searchsorted(x, 1.0, side=side)) == {"left": 1, "right": 3}[side]


def test_isin_and_nonzero(xp):
    x = Tensor(xp.asarray([[1, 2], [3, 0]]))
    assert listed(np.isin(x, xp.asarray([2, 3]))) == [[False, True], [True, False]]
    assert listed(np.isin(x, xp.asarray([2, 3]), invert=True)) == [[True, False], [False, True]]
    assert listed(np.isin(x, 3)) == [[False, False], [True, False]]
    rows, columns = np.nonzero(x)
    assert type(rows) is Tensor and (listed(rows), listed(columns)) == ([0, 0, 1], [0, 1, 0])
    assert [listed(part) for part in x.nonzero()] == [listed(rows), listed(columns)]
    with pytest.raises((ValueError, TypeError, RuntimeError)):
        np.nonzero(Tensor(xp.asarray(1.0)))


def test_sorting(xp):
    x = Tensor(xp.asarray([[3.0, 1.0, 2.0]]), requires_grad=True)
    np.sum(np.sort(x) * xp.asarray([1.0, 10.0, 100.0])).backward()
    assert listed(x.grad) == [[100.0, 1.0, 10.0]]
    assert listed(np.sort(x, axis=1, descending=True)) == [[3.0, 2.0, 1.0]]
    assert listed(np.argsort(x, descending=True)) == listed(x.argsort(1, True)) == [[0, 2, 1]]
    ties = Tensor(xp.asarray([1, 0, 1, 0]))
    assert listed(np.argsort(ties)) == [1, 3, 0, 2]
    assert listed(np.argsort(ties, descending=True)) == [0, 2, 1, 3]


# -- shapes ----------------------------------------------------------------------------------------

def test_take_along_axis_broadcasts(xp):
    x = Tensor(xp.asarray([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True)
    np.sum(np.take_along_axis(x, xp.asarray([[1, 1, 0]]), axis=1)).backward()
    assert listed(x.grad) == [[1.0, 2.0], [1.0, 2.0]]
    row = Tensor(xp.asarray([[1.0, 2.0]]), requires_grad=True)
    np.sum(np.take_along_axis(row, xp.asarray([[0], [1], [1]]))).backward()
    assert listed(row.grad) == [[1.0, 2.0]]


def test_diff_with_what_is_put_around(xp):
    x = Tensor(xp.asarray([[1.0, 4.0, 9.0]]), requires_grad=True)
    end = Tensor(xp.asarray([[10.0, 20.0]]), requires_grad=True)
    z = np.diff(x, prepend=0, append=end)
    assert listed(z) == [[1.0, 3.0, 5.0, 1.0, 10.0]]
    np.sum(z * z).backward()
    assert listed(end.grad) == [[-18.0, 20.0]] and listed(x.grad) == [[-4.0, -4.0, 8.0]]
    assert listed(np.diff(x, 2)) == listed(np.diff(x, n=2, axis=1)) == [[2.0]]
    assert np.diff(x, n=7).shape == (1, 0)


def test_repeat_and_concat(xp):
    x = Tensor(xp.asarray([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True)
    for counts in (xp.asarray([0, 2]), Tensor(xp.asarray([0, 2])), [0, 2]):
        assert listed(np.repeat(x, counts, axis=0)) == [[3.0, 4.0], [3.0, 4.0]]
    np.sum(np.concat([x, np.repeat(x, 2)], axis=None)).backward()
    assert listed(x.grad) == [[3.0, 3.0], [3.0, 3.0]]
    assert listed(np.tile(x, (1, 2))) == [[1.0, 2.0, 1.0, 2.0], [3.0, 4.0, 3.0, 4.0]]


def test_broadcast_arrays_gives_what_has_the_shape_as_it_is(xp):
    x = Tensor(xp.asarray([1.0, 2.0]), requires_grad=True) * 1
    same, wide = np.broadcast_arrays(x, Tensor(xp.asarray(3.0)))
    assert same is x and listed(wide) == [3.0, 3.0]
    same[0] = 0.0                               # as NumPy's; a broadcast one cannot be written
    assert listed(x) == [0.0, 2.0]


def test_lists_serve_as_shapes(xp):
    x = Tensor(xp.asarray([[1.0], [2.0]]))
    assert np.reshape(x, [1, 2]).shape == (1, 2) and np.broadcast_to(x, [2, 3]).shape == (2, 3)
    assert np.permute_dims(x, [1, 0]).shape == (1, 2) and np.tile(x, [1, 2]).shape == (2, 2)
    assert np.expand_dims(x, (0, -1)).shape == (1, 2, 1, 1)


def test_triangles_keep_every_dtype(xp):
    for dtype in (xp.bool, xp.int8, xp.float32, xp.complex64):
        x = Tensor(xp.astype(xp.asarray([[1, 1], [1, 1]]), dtype))
        assert np.triu(x).dtype == np.tril(x, k=-1).dtype == dtype
        assert listed(np.tril(x)) == [[1, 0], [1, 1]]


def test_copies(xp):
    x = Tensor(xp.asarray([1.0, 2.0], dtype=xp.float64), requires_grad=True)
    for copied in (x.copy(), np.astype(x, xp.float64), np.reshape(x, (2, 1), copy=True)):
        assert copied.data is not x.data or "jax" in xp.__name__    # where nothing can be written
        x.grad = None
        np.sum(copied).backward()
        assert listed(x.grad) == [1.0, 1.0]
    assert np.astype(x, xp.float64, copy=False) is x
    assert np.astype(x, "float32").dtype == xp.float32 and x.astype(int).dtype == xp.int64
    assert x.astype(xp.float32, device=x.device).dtype == xp.float32


@pytest.mark.parametrize("shape", [(4, 3), (3, -1), (2, 2, 3), -1, [12], (3, 4)], ids=str)
def test_reshape_with_the_first_index_fastest(xp, shape):
    data = numpy.arange(12.0).reshape(2, 3, 2)
    x, w = Tensor(xp.asarray(data), requires_grad=True), xp.asarray(data) ** 2
    expected = numpy.reshape(data, shape, "F")
    method = x.reshape(*shape, order="F") if isinstance(shape, tuple) else x.reshape(
        shape, order="F")
    for z in (np.reshape(x, shape, "F"), np.reshape(x, shape, order="F"), method):
        assert listed(z) == expected.tolist()
    np.sum(z * np.reshape(w, shape, order="F")).backward()
    assert listed(x.grad) == (data ** 2).tolist()
    assert listed(x.reshape(12, order="C")) == listed(np.reshape(x, 12, "C"))


def test_reshape_in_an_order_there_is_not():
    with pytest.raises(ArgumentError, match=r"order='A'\nhelp: "):
        Tensor([[1.0, 2.0]]).reshape(2, order="A")


def test_reshape_without_a_copy():
    x = Tensor(numpy.arange(6.0).reshape(2, 3))
    assert np.reshape(x, (3, 2), copy=False).shape == (3, 2)
    with pytest.raises(ArgumentError, match="help: "):
        np.reshape(x.T, (6,), copy=False)
    assert np.reshape(x.T, (6,), "F", copy=False).shape == (6,)
    with pytest.raises(ArgumentError, match="help: "):
        x.reshape(6, order="F", copy=False)


# -- methods ---------------------------------------------------------------------------------------

def test_methods_are_the_functions(xp):
    x = Tensor(xp.asarray([[0.25, 1.75], [2.0, -0.5]]))
    for name, words in {
            "sum": {"axis": 0}, "prod": {"axis": 1, "dtype": xp.float32}, "mean": {"axis": 0},
            "max": {"keepdims": True}, "min": {"axis": (0, 1)}, "var": {"correction": 1},
            "std": {"axis": 0, "ddof": 1}, "any": {"axis": 0}, "all": {}, "argmax": {"axis": 0},
            "argmin": {"keepdims": True}, "argsort": {"axis": 0}, "cumsum": {}, "cumprod": {
                "axis": 1}, "round": {"decimals": 1}, "clip": {"min": 0.0}, "squeeze": {},
            "repeat": {"repeats": 2}, "take": {"indices": xp.asarray([1, 0]), "axis": 0},
            "astype": {"dtype": xp.float32}, "swapaxes": {"axis1": 0, "axis2": 1}}.items():
        found, expected = getattr(x, name)(**words), getattr(np, name, None)
        assert type(found) is Tensor, name
        if expected is not None:
            assert found.dtype == expected(x, **words).dtype
            assert listed(found) == listed(expected(x, **words)), name
    assert listed(x.ravel()) == [0.25, 1.75, 2.0, -0.5] == listed(x.flatten())
    assert listed(x.T) == listed(x.mT) == listed(x.transpose()) == listed(x.swapaxes(0, 1))
    assert listed(x.cumsum()) == [0.25, 2.0, 4.0, 3.5]
    assert inspect.signature(Tensor.sum).parameters.keys() == {"x", "axis", "dtype", "keepdims"}


def test_methods_that_write(xp):
    x = Tensor(xp.asarray([[3.0, 1.0], [0.0, 2.0]]))
    assert x.sort() is None and listed(x) == [[1.0, 3.0], [0.0, 2.0]]
    assert x.fill(7.0) is None and listed(x) == [[7.0, 7.0], [7.0, 7.0]]
    start = Tensor(xp.asarray([3.0, 1.0]), requires_grad=True)
    y = start * 2.0
    y.sort()
    (y[0] * 5.0 + y[1]).backward()
    assert listed(y) == [2.0, 6.0] and listed(start.grad) == [2.0, 10.0]


def test_bytes(xp):
    for dtype, size in ((xp.float32, 4), (xp.complex128, 16), (xp.bool, 1), (xp.uint16, 2)):
        x = Tensor(xp.zeros((2, 3), dtype=dtype))
        assert (x.itemsize, x.nbytes, x.size, x.ndim) == (size, 6 * size, 6, 2)


def test_real_and_imaginary_parts_are_attributes(xp):
    z = Tensor(xp.asarray([1 + 2j]), requires_grad=True)
    assert listed(z.real) == [1.0] and listed(z.imag) == [2.0] and listed(z.conj()) == [1 - 2j]
    np.sum(z.real + z.imag).backward()
    assert listed(z.grad) == [1 + 1j]


def test_one_number_is_no_sequence():
    for bad in (Tensor(1.0), Tensor(1.0, requires_grad=True)):
        for function in (len, iter, list, tuple):
            with pytest.raises(TypeError, match="help: "):
                function(bad)
            with pytest.raises(ShapeError):
                function(bad)


# -- signatures of primitives ----------------------------------------------------------------------

@pytest.mark.parametrize(("op", "signature"), [
    (np.exp, "(x, /)"), (np.add, "(x1, x2, /)"), (table["where"], "(condition, x1, x2, /)"),
    (np.roll, "(x, /, shift, axis=None)"), (np.matrix_transpose, "(x, /)"),
    (np.argsort, "(x, /, axis=-1, descending=False, stable=True)"),
    (np.broadcast_to, "(x, /, shape)")])
def test_primitives_say_what_they_take(op, signature):
    assert str(inspect.signature(op)) == signature


def test_primitives_of_a_users_own_have_signatures():
    scaled = linear("my_taken", lambda g, *, by, of=1.0: scaled(g, by=by, of=of),
                    forward=lambda xp, x, by, of: x * by / of)
    assert str(inspect.signature(scaled)) == "(x, /, by, of=1.0)"
    assert scaled(numpy.asarray([1.0]), 3.0).tolist() == [3.0]
    assert scaled(numpy.asarray([1.0]), 3.0, 2.0).tolist() == [1.5]
    total = linear("my_gathered", lambda g, xs, i: g, forward=lambda xp, *xs: sum(xs))
    assert str(inspect.signature(total)) == "(*xs)"
    unruly = elementwise("my_unruled", forward=lambda xp, x, y: x + y)
    assert unruly(numpy.ones(1), 2.0).tolist() == [3.0]         # no rule says how many it takes


@pytest.mark.parametrize(("call", "words"), [
    (lambda x: np.exp(x, x), "too many"), (lambda x: np.add(x), "missing.*x2"),
    (lambda x: np.add(x, x, x), r"too many.*\(x1, x2, /\)"),
    (lambda x: np.exp(x, axis=0), "axis"), (lambda x: np.broadcast_to(x), "missing.*shape"),
    (lambda x: np.any(x, 0, True, 1), "too many"), (lambda x: np.any(x, 0, axis=0), "multiple"),
    (lambda x: table["where"](x > 0, x), "missing.*x2"), (lambda x: np.roll(x, axis=0), "shift")])
def test_calls_that_no_signature_allows(call, words):
    """exp(x, y) would let NumPy write its result into y."""
    for x in (numpy.ones(2), Tensor([1.0, 2.0]), Value(1.0)):
        with pytest.raises(TypeError, match=words):
            call(x)


# -- bad input -------------------------------------------------------------------------------------

@pytest.mark.parametrize(("call", "error"), [
    (lambda x: np.expand_dims(x, (0, 0)), ShapeError), (lambda x: np.squeeze(x, 0), ShapeError),
    (lambda x: np.sum(x, axis=(1, 1)), ShapeError), (lambda x: np.swapaxes(x, 0, 2), ShapeError),
    (lambda x: np.moveaxis(x, 0, (0, 1)), ShapeError),
    (lambda x: np.take(x, [0.5]), DtypeError), (lambda x: np.diff(x, -1), ArgumentError),
    (lambda x: np.take_along_axis(x, numpy.asarray([0]), axis=0), ShapeError),
    (lambda x: np.take_along_axis(x, numpy.asarray([[0.0]])), DtypeError),
    (lambda x: np.cumulative_sum(x), ShapeError), (lambda x: x.swapaxes(0, 2), ShapeError),
    (lambda x: np.cumulative_sum(x[0, 0]), ShapeError),
    (lambda x: np.concat([]), ShapeError), (lambda x: np.astype(x, "float7"), DtypeError),
    (lambda x: np.astype(x, float, device="moon"), StorageError)])
def test_bad_input(call, error):
    for x in (Tensor(numpy.ones((2, 3))), Tensor(numpy.ones((2, 3)), requires_grad=True)):
        with pytest.raises(error, match="help: "):
            call(x)


# -- subclasses of NumPy's arrays ------------------------------------------------------------------

@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_matrix_is_an_array_and_a_mask_is_refused():
    m = numpy.matrix([[1.0, 2.0], [3.0, 4.0]])
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    for y in (x * m, m * x, np.multiply(x, m)):
        assert listed(y.detach()) == [[1.0, 4.0], [9.0, 16.0]]
    (x * m).sum().backward()
    assert listed(x.grad) == listed(m) and listed(np.multiply(m, m)) == [[1.0, 4.0], [9.0, 16.0]]
    masked = numpy.ma.array([1.0, 2.0], mask=[0, 1])
    for use in (lambda: x * masked, lambda: Tensor(masked), lambda: np.sin(masked),
                lambda: grad(lambda x: (x * x).sum())(masked)):
        with pytest.raises(DtypeError, match=r"masked array(.|\n)*filled"):
            use()
