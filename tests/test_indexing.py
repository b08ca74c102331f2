"""Every index form of NumPy, read and written: values as NumPy gives, gradients by bookkeeping.

Each element of an array is given a number; indexing the numbers says where every element of the
result came from, and so what each gradient must be: exact, with no rule and no differences.
"""

import contextlib
from operator import getitem

import numpy as np
import pytest
from domains import indexed
from hypothesis import given, settings, strategies as st
from places import PLACES
from strategies import advanced_indices, basic_indices, mask_indices, shapes

import autograd.numpy as anp
from autograd import StorageError, Tensor, grad, hessian, jvp
from autograd.errors import AutogradError, DtypeError, ShapeError
from autograd.storage import indexing, namespace
from autograd.storage.scatter import (
    one_hot_along,
    one_hot_take,
    scatter_add,
    scatter_along,
    scatter_take,
)

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


def examples(place, count):
    """How many: JAX compiles anew for every shape."""
    return settings(max_examples=count // 5 if place.storage == "jax" else count)


@pytest.mark.parametrize("place", PLACES, ids=str)
@each_form
def test_every_storage_reads_and_writes_as_numpy(form, place):
    def run(x, v, index, w):
        z, part = x * 1.0, x[index]
        z[index] = v
        return (z * w).sum() + (part * part).sum()

    @examples(place, 25)
    @given(data=st.data(), moved=st.booleans())
    def check(data, moved):
        case = data.draw(indexed(form))
        (array, value), index = case.args, case.params["index"]
        w = np.random.default_rng(0).normal(size=array.shape)
        expected = grad(run, argnums=(0, 1))(array, np.asarray(value), index, w)
        with place:
            here = place.put(index) if moved else index         # its arrays may be NumPy's
            x, v = place.put(array), place.put(np.asarray(value))
            np.testing.assert_array_equal(place.back(Tensor(x)[here].data), array[index])
            numbers = np.arange(array.size).reshape(array.shape)[index]
            places = indexing.positions(namespace(x), x, here)
            np.testing.assert_array_equal(place.back(places), numbers)
            found = grad(run, argnums=(0, 1))(x, v, here, place.put(w))
            for ours, theirs in zip(found, expected, strict=True):
                np.testing.assert_allclose(place.back(ours), theirs, rtol=1e-12, atol=1e-12)
            held = Tensor(place.put(array.copy()))      # and what is not recorded
            held[here] = v
            np.testing.assert_array_equal(place.back(held.data), written(array, value, index))

    check()


def written(array, value, index):
    """A copy of an array, with values at an index."""
    result = array.copy()
    result[index] = value
    return result


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("index", [
    True, False, (True, 0), np.array(1), (0, None, [0, 1]), ([0, 1], None, [0, 1]),
    (slice(None), None, [0, 1]), ([True, False],), ([0], slice(None, None, -1)), [], (..., [2, 0]),
    (slice(None, None, -2), 1), np.uint8([0, 1]), np.int16([-1]), (slice(9), slice(5, None))],
    ids=str)
def test_rare_indices_over_every_storage(index, place):
    data = np.arange(6.0).reshape(2, 3)
    with place:
        x = Tensor(place.put(data), requires_grad=True)
        z = x * 1.0
        z[index] = 7.0
        np.testing.assert_array_equal(place.back(z.data), written(data, 7.0, index))
        y = x[index]
        np.testing.assert_array_equal(place.back(y.data), data[index])
        y.sum().backward()
        counts = np.bincount(np.arange(6).reshape(2, 3)[index].reshape(-1), minlength=6)
        np.testing.assert_array_equal(place.back(x.grad.data).reshape(-1), counts)


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("index", [
    5, (0, 7), (None, -3), "a", 1.5, (0, 0, 0), np.array([True]), (0, ..., ...),
    np.ones((2, 2), bool), [0, 9], np.ones(1)], ids=str)
def test_an_index_that_cannot_be_is_an_error_over_every_storage(index, place):
    with place:
        if place.storage in ("jax", "cupy") and isinstance(index, list):
            return                                      # see the next test
        x = Tensor(place.put(np.ones((2, 3))), requires_grad=True)
        with pytest.raises((IndexError, TypeError), match="help:"):
            x[index]
        z, held = x * 1.0, Tensor(place.put(np.ones((2, 3))))
        for y in (z, held):
            with pytest.raises((IndexError, TypeError, ValueError), match="help:"):
                y[index] = 1.0


def test_jax_takes_the_last_element_where_an_array_points_beyond():
    for place in PLACES:
        if place.storage == "jax":
            with place:
                x = Tensor(place.put(np.asarray([1.0, 2.0])))
                assert x[[0, 9]].tolist() == [1.0, 2.0]


def test_indices_of_another_library_name_the_move():
    """Brackets take NumPy's as they take lists; functions do not. Nothing else is read silently."""
    places = {place.storage: place for place in PLACES if place.name != "strict device1"}
    at = np.asarray([0, 2])
    with contextlib.ExitStack() as entered:
        indices = [entered.enter_context(place).put(at) for place in places.values()]
        for place, own in zip(places.values(), indices, strict=True):
            x = Tensor(place.put(np.asarray([1.0, 2.0, 3.0])), requires_grad=True)
            for read in (getitem, anp.take, anp.take_along_axis):
                for i in ([0, 2], own, Tensor(own)):
                    assert read(x, i).tolist() == [1.0, 3.0]
                strange = [i for i in indices if i is not own] + [at] * (read is not getitem)
                for i in (*strange, *map(Tensor, strange)):
                    with pytest.raises(StorageError, match=rf"to\(storage='{place.storage}'"):
                        read(x, i)
            assert x[at].tolist() == anp.take(x, (0, 2)).tolist() == [1.0, 3.0]
            assert anp.take(x, []).shape == anp.repeat(x[:0], []).shape == x[[]].shape == (0,)
            assert anp.take(x, 2).tolist() == anp.take(x, np.int64(2)).tolist() == 3.0


def test_an_index_on_another_device_is_an_error():
    x = Tensor(PLACES[0].put(np.ones(3)))
    with pytest.raises(TypeError, match=r"device1(.|\n)*help:"):
        x[PLACES[1].put(np.asarray([0, 1]))]
    for take in (anp.take, anp.take_along_axis, anp.repeat):
        with pytest.raises(TypeError, match=r"device1(.|\n)*help:"):
            take(x, PLACES[1].put(np.asarray([0, 1, 0])))


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_scatter_of_every_storage_is_the_product_with_a_one_hot_matrix(place):
    @examples(place, 20)
    @given(shape=shapes(min_dims=1, min_side=1), seed=st.integers(0, 2**16))
    def check(shape, seed):
        rng = np.random.default_rng(seed)
        axis, size = int(rng.integers(-len(shape), len(shape))), int(rng.integers(1, 5))
        indices = rng.integers(-size, size, shape)
        row = rng.integers(-size, size, shape[axis])
        with place:
            x = place.put(rng.normal(size=shape))
            for fast, plain, i in ((scatter_along, one_hot_along, indices),
                                   (scatter_take, one_hot_take, row)):
                found, expected = (f(namespace(x), x, place.put(i), axis, size)
                                   for f in (fast, plain))
                np.testing.assert_allclose(place.back(found), place.back(expected), 1e-12, 1e-12)
            found = scatter_add(namespace(x), x, (indices, ...), (size,))
            expected = np.zeros(size)
            np.add.at(expected, indices, place.back(x))
            np.testing.assert_allclose(place.back(found), expected, 1e-12, 1e-12)

    check()


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


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_repeat_on_every_storage(place):
    data = np.asarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with place:
        x, w = Tensor(place.put(data), requires_grad=True), np.arange(6.0)
        counts = place.put(np.asarray([1, 3, 0]))
        for given in (2, [2], np.int64(2), [1, 3, 0], (1, 3, 0), np.asarray([1, 3, 0]), counts,
                      Tensor(counts), np.uint8([2, 0, 1])):
            y = anp.repeat(x, given, axis=-1)
            plain = place.back(given.data) if type(given) is Tensor else (
                np.asarray([1, 3, 0]) if given is counts else given)
            assert place.holds(y.data) and y.tolist() == np.repeat(data, plain, axis=1).tolist()
            x.grad = None
            (y * place.put(w[:y.shape[1]])).sum().backward()
            sums = np.bincount(np.repeat(np.arange(3), plain), w[:y.shape[1]], minlength=3)
            assert x.grad.tolist() == [sums.tolist()] * 2
        for bad, error in (([1, 2], ShapeError), ([[1, 2, 3]], ShapeError), (2.0, DtypeError),
                           ([1, -1, 2], ShapeError), (-1, AutogradError), ("x", DtypeError)):
            with pytest.raises(error, match=r"repeat(.|\n)*help: "):
                anp.repeat(x, bad, axis=1)


def test_counts_of_another_library_are_an_error():
    held = {place.storage: place for place in PLACES}
    for place in held.values():
        for other in held.values():
            with place, other:
                x, counts = Tensor(place.put(np.ones(2))), other.put(np.asarray([1, 2]))
                if place is not other:
                    with pytest.raises(StorageError, match=r"repeat(.|\n)*help: give .* a list"):
                        anp.repeat(x, counts)
                    with pytest.raises(StorageError, match="counts of another library"):
                        anp.repeat(Tensor(np.ones(2)), counts)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_take_beyond_the_end_is_an_error_but_over_jax(place):
    with place:
        x = Tensor(place.put(np.arange(6.0).reshape(2, 3)))
        for take, places in ((anp.take, np.asarray([-1, 3])),
                             (anp.take_along_axis, np.asarray([[0, 7], [0, 0]]))):
            if place.storage == "jax":                  # it fills with nan
                assert np.isnan(place.back(take(x, place.put(places), axis=1).data)).any()
                continue
            with pytest.raises(IndexError, match=r"help: indices run"):
                take(x, place.put(places), axis=1)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_what_promises_a_copy_has_memory_of_its_own_and_what_does_not_is_the_same(place):
    with place:
        x = Tensor(place.put(np.asarray([1.0, 2.0])))
        same = (anp.asarray(x), anp.asarray(x, copy=False), anp.asarray(x, dtype=x.dtype))
        assert all(y is x for y in same)
        copies = [anp.astype(x, x.dtype), x.astype(x.dtype), anp.asarray(x, copy=True), +x,
                  anp.positive(x), anp.conj(x), anp.real(x), anp.clip(x), anp.roll(x, 0),
                  anp.concat([x]), anp.tile(x, 1), anp.repeat(x, 1), x[[0, 1]],
                  anp.take(x, place.put(np.asarray([0, 1])))]
        x[0] = 5.0
        assert [y.tolist() for y in copies] == [[1.0, 2.0]] * len(copies)
        assert anp.astype(x, x.dtype, copy=False) is x
