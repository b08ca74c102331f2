"""Every index form of NumPy, read and written: values as NumPy gives, gradients by bookkeeping.

Each element of an array is given a number; indexing the numbers says where every element of the
result came from, and so what each gradient must be: exact, with no rule and no differences.
"""

import numpy as np
import pytest
from domains import indexed
from hypothesis import given, settings, strategies as st
from strategies import advanced_indices, basic_indices, mask_indices, shapes

import autograd.numpy as anp
from autograd import Tensor, hessian, jvp

FORMS = {"basic": basic_indices, "integer arrays": advanced_indices, "masks": mask_indices}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def collected(weights, sources, count):
    """What arrives at each of `count` elements, if element sources[k] received weights[k]."""
    return np.bincount(np.ravel(sources), np.ravel(weights), minlength=count)


@each_form
@given(data=st.data())
@settings(max_examples=120)
def test_reading(form, data):
    case = data.draw(indexed(form, fill=False))
    (array,), index = case.args, case.params["index"]
    x = Tensor(array, requires_grad=True)
    y, expected = x[index], array[index]
    np.testing.assert_array_equal(y.data, expected)
    assert y.shape == expected.shape
    w = np.random.default_rng(0).normal(size=y.shape)
    (y * w).sum().backward()
    sources = np.arange(array.size).reshape(array.shape)[index]
    np.testing.assert_allclose(x.grad.data.reshape(-1), collected(w, sources, array.size), 1e-12)
    np.testing.assert_array_equal(jvp(lambda x: x[index], (array,), (array,))[1], expected)


@each_form
@given(data=st.data())
@settings(max_examples=120)
def test_writing(form, data):
    case = data.draw(indexed(form))
    (array, value), index = case.args, case.params["index"]
    x, v = Tensor(array, requires_grad=True), Tensor(value, requires_grad=True)
    z = x * 1.0
    z[index] = v
    expected, sources = array.copy(), np.arange(array.size).reshape(array.shape)
    expected[index] = value
    sources[index] = array.size + np.arange(v.size).reshape(v.shape)
    np.testing.assert_array_equal(z.data, expected)
    w = np.random.default_rng(0).normal(size=z.shape)
    (z * w).sum().backward()
    both = collected(w, sources, array.size + v.size)
    np.testing.assert_allclose(x.grad.data.reshape(-1), both[:array.size], 1e-12)
    received = 0.0 if v.grad is None else v.grad.data.reshape(-1)
    np.testing.assert_allclose(received, both[array.size:], 1e-12, atol=1e-15)

    def overwrite(x, v):
        z = x * 1.0
        z[index] = v
        return z

    tangent = jvp(overwrite, (array, v.data), (array, v.data))[1]
    np.testing.assert_array_equal(tangent, expected)


@pytest.mark.parametrize("index", [
    [0, 0, 1], ([0, 0], [1, 1]), (slice(None), [2, 2]), np.array([[0, 0], [1, 0]])], ids=str)
def test_repeats_add_up_reading_and_overwrite_writing(index):
    data = np.arange(6.0).reshape(2, 3)
    x = Tensor(data, requires_grad=True)
    z = x * 1.0
    z[index] += 10.0                        # reads once, writes once: no addition for each repeat
    expected = data.copy()
    expected[index] += 10.0
    np.testing.assert_array_equal(z.data, expected)
    z.sum().backward()
    np.testing.assert_array_equal(x.grad.data, np.ones((2, 3)))
    second = hessian(lambda x: anp.sum(x[index] ** 2))(data).reshape(6, 6)
    counts = np.zeros((2, 3))
    np.add.at(counts, index, 2.0)
    np.testing.assert_array_equal(second, np.diag(counts.reshape(-1)))


def test_indices_may_be_tensors_and_numpy_integers():
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    assert x[Tensor([1, 0]), Tensor([2, 2])].tolist() == [5.0, 2.0]
    assert x[x > 2.5].tolist() == [3.0, 4.0, 5.0]
    assert x[np.int64(1), np.array(2)].item() == 5.0
    with pytest.raises(TypeError, match="help:"):
        x[Tensor([1.0])]


@given(data=st.data())
@settings(max_examples=100)
def test_take_and_take_along_axis_with_repeats_and_negative_indices(data):
    shape = data.draw(shapes(min_dims=1, min_side=1))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    array, n = rng.normal(size=shape), shape[axis]
    numbers = np.arange(array.size).reshape(shape)
    count = tuple(4 if i == axis % len(shape) else m for i, m in enumerate(shape))
    for function, places in ((np.take, rng.integers(-n, n, (2, 2))),
                             (np.take_along_axis, rng.integers(-n, n, count))):
        x = Tensor(array, requires_grad=True)
        y = getattr(anp, function.__name__)(x, places, axis=axis)
        np.testing.assert_array_equal(y.data, function(array, places, axis=axis))
        w = rng.normal(size=y.shape)
        (y * w).sum().backward()
        sources = function(numbers, places, axis=axis)
        np.testing.assert_allclose(x.grad.data.reshape(-1), collected(w, sources, array.size))


@pytest.mark.parametrize("descending", [False, True])
@given(data=st.data())
def test_sort_gives_each_tied_element_its_own_gradient(descending, data):
    shape = data.draw(shapes(min_dims=1))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    array = rng.integers(0, 3, shape).astype(float)
    order = np.argsort(-array if descending else array, axis=axis, kind="stable")
    x = Tensor(array, requires_grad=True)
    y = anp.sort(x, axis=axis, descending=descending)
    np.testing.assert_array_equal(y.data, np.take_along_axis(array, order, axis))
    w = rng.normal(size=shape)
    (y * w).sum().backward()
    expected = np.zeros(shape)
    np.put_along_axis(expected, order, w, axis)
    np.testing.assert_array_equal(x.grad.data, expected)


@pytest.mark.parametrize("index", [
    5, (0, 7), [0, 9], "a", 1.5, (0, 0, 0), np.array([True])], ids=str)
def test_an_index_that_cannot_be_is_an_error_with_the_way_out(index):
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(Exception, match="help:"):
        x[index]
    z = x * 1.0
    with pytest.raises(Exception, match="help:"):
        z[index] = 1.0
