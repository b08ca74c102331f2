"""Tensors in Python's protocols: operators on either side, iteration, conversion, formatting."""

import math
import operator

import array_api_strict as strict
import numpy
import pytest
from hypothesis import given, strategies as st

import autograd.numpy as np
from autograd import DtypeError, GradientWarning, GraphError, ShapeError, Tensor, grad, no_grad

BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow,
          operator.floordiv, operator.mod]
MATRIX = numpy.asarray([[1.5, 2.0, 3.0], [4.0, 5.0, 6.5]])


def leaf(data):
    """A Tensor that requires a gradient, of its own array."""
    return Tensor(numpy.array(data, dtype=float), requires_grad=True)


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("other", [2, 2.0, True, numpy.float64(2), numpy.asarray(2.0),
                                   numpy.asarray([1.0, 2.0, 3.0]), Tensor(2.0),
                                   Tensor([[1.0], [2.0]])], ids=repr)
def test_operators_take_numbers_and_arrays_on_either_side(op, other):
    x = leaf(MATRIX)
    plain = other.data if isinstance(other, Tensor) else other
    for found, expected in ((op(x, other), op(MATRIX, plain)), (op(other, x), op(plain, MATRIX))):
        assert type(found) is Tensor and found.requires_grad
        numpy.testing.assert_array_equal(found.data, expected)


@pytest.mark.parametrize("bad", ["a", None, object(), {}], ids=lambda x: type(x).__name__)
def test_operators_refuse_what_is_no_number(bad):
    for op in BINARY[:-1]:                              # "a" % x formats a string
        with pytest.raises(TypeError):
            op(leaf([1.0]), bad)
        with pytest.raises(TypeError):
            op(bad, leaf([1.0]))


def test_comparisons_and_logic():
    x, y = leaf([1.0, 2.0, math.nan]), Tensor([1.0, 3.0, 0.0])
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        found = compare(x, y)
        assert not found.requires_grad and found.dtype == bool
        assert found.tolist() == compare(x.data, y.data).tolist()
        assert compare(2.0, x).tolist() == compare(2.0, x.data).tolist()
    a, b = Tensor([True, True, False]), numpy.asarray([True, False, False])
    assert (a & b).tolist() == [True, False, False] and (a | b).tolist() == [True, True, False]
    assert (a ^ b).tolist() == [False, True, False] and (~a).tolist() == [False, False, True]
    assert 2.0 in x and 7.0 not in x


def test_matmul_on_either_side():
    random = numpy.random.default_rng(0)
    shapes = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)),
              ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 1)), ((3,), (5, 3, 2)),
              ((5, 1, 2, 3), (4, 3, 2))]
    for left, right in shapes:
        a, b = random.normal(size=left), random.normal(size=right)
        for x, y in ((leaf(a), leaf(b)), (a, leaf(b)), (leaf(a), b)):
            z = x @ y
            numpy.testing.assert_allclose(z.data, a @ b, rtol=1e-13)
            z.sum().backward()
        x, y = leaf(a), leaf(b)
        w = random.normal(size=(a @ b).shape)
        ((x @ y) * w).sum().backward()
        t, u = random.normal(size=left), random.normal(size=right)
        assert (x.grad.data * t).sum() == pytest.approx((t @ b * w).sum())
        assert (y.grad.data * u).sum() == pytest.approx((a @ u * w).sum())


def test_in_place_operators():
    for name in ("iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow"):
        update, plain = getattr(operator, name), getattr(operator, name[1:])
        for other in (2.0, numpy.asarray([2.0, 3.0]), Tensor([2.0, 3.0])):
            start = leaf([5.0, 7.0])
            x = alias = start * 1.0
            x = update(x, other)
            values = other.data if isinstance(other, Tensor) else other
            assert x is alias and x.tolist() == plain(numpy.asarray([5.0, 7.0]), values).tolist()
            x.sum().backward()
            again = grad(lambda t, f=plain, o=values: f(t, o).sum())(numpy.asarray([5.0, 7.0]))
            assert start.grad.tolist() == again.tolist()
    x = leaf(MATRIX) * 1.0
    x @= numpy.eye(3) * 2.0
    assert x.tolist() == (2 * MATRIX).tolist()
    y = leaf([1.0]) * 1.0
    with pytest.raises(ShapeError, match=r"\(1,\)(.|\n)*\(3,\)(.|\n)*help: "):
        y += numpy.ones(3)
    assert y.tolist() == [1.0]


def test_len_iteration_and_unpacking():
    x = leaf(MATRIX)
    assert len(x) == 2 and [row.shape for row in x] == [(3,), (3,)]
    (a, b, c), second = x
    (a * b * 2.0 + second[0]).backward()
    assert x.grad.tolist() == [[4.0, 3.0, 0.0], [1.0, 0.0, 0.0]]
    assert (c.item(), c.shape) == (3.0, ())
    for function in (len, iter, list):
        with pytest.raises((TypeError, ShapeError), match="help: "):
            function(Tensor(1.0))
    assert list(Tensor(numpy.zeros((0, 2)))) == []


def test_bool_int_float_index():
    assert bool(Tensor(0.0)) is False and bool(Tensor([[2.0]])) is True
    for function in (bool, float, int):
        with pytest.raises(ShapeError, match=r"\(2,\)(.|\n)*help: "):
            function(Tensor([1.0, 2.0]))
    assert float(Tensor(2.5)) == 2.5 and int(Tensor([2.5])) == 2 and complex(Tensor(1j)) == 1j
    assert [10, 20, 30][Tensor(1)] == 20 and list(range(Tensor(2))) == [0, 1]
    with pytest.raises(TypeError):
        operator.index(Tensor(1.0))
    with pytest.warns(GradientWarning):
        assert float(leaf(2.5)) == 2.5
    assert type(Tensor(2).item()) is int and type(Tensor(True).item()) is bool
    assert type(leaf([2.0]).item()) is float


def test_a_number_of_what_is_differentiated_is_never_advised():
    for x in (1.0, numpy.asarray(1.0)):
        with pytest.raises(GraphError, match=r"help: .*float\(x\.detach\(\)\) if") as error:
            grad(math.sqrt)(x)
        assert ".item()" not in str(error.value)
    assert grad(lambda x: x * float(x.detach()))(numpy.asarray(3.0)) == 3.0


def test_round_and_abs():
    x = leaf([-1.26, 2.5])
    assert abs(x).tolist() == [1.26, 2.5] and (-x).tolist() == [1.26, -2.5]
    assert (+x).tolist() == x.tolist() and round(Tensor([-1.4, 2.6])).tolist() == [-1.0, 3.0]
    assert round(x, 1).tolist() == pytest.approx([-1.3, 2.5])


def test_builtin_sum_max_min():
    x = leaf([1.0, 3.0, 2.0])
    total = sum(x)
    assert type(total) is Tensor and total.item() == 6.0
    total.backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]
    assert max(x).item() == 3.0 and min(x).item() == 1.0
    assert [t.item() for t in sorted(x)] == [1.0, 2.0, 3.0]


def test_what_it_is():
    x = leaf(MATRIX)
    y = x * 2.0
    assert (x.shape, x.ndim, x.size, x.dtype) == ((2, 3), 2, 6, numpy.float64)
    assert x.is_leaf and not y.is_leaf and y.detach().is_leaf and x.device == "cpu"
    assert x.T.shape == (3, 2) == x.mT.shape and x.T.T.tolist() == MATRIX.tolist()
    assert leaf(numpy.ones((2, 3, 4))).mT.shape == (2, 4, 3)
    assert y.numpy is not None and x.detach().numpy() is x.data and x.tolist() == MATRIX.tolist()
    x.data = numpy.zeros((2, 3))
    assert x.is_leaf and x.requires_grad and x.tolist() == numpy.zeros((2, 3)).tolist()
    with pytest.raises(ShapeError, match=r"\(3,\)(.|\n)*\(2, 3\)"):
        x.data = numpy.zeros(3)


def test_construction_shares_arrays_and_keeps_dtypes():
    array = numpy.ones(3, "float32")
    assert Tensor(array).data is array and Tensor(array).dtype == numpy.float32
    assert Tensor(array, dtype="float64").dtype == numpy.float64
    assert Tensor(Tensor(array)).data is array and Tensor(3).dtype == numpy.int64
    assert Tensor([[1, 2.5]]).shape == (1, 2) and Tensor(numpy.float32(1)).dtype == numpy.float32
    for bad in ("a", None, {}, [[1.0], [1.0, 2.0]], ["a"], [None]):
        with pytest.raises(DtypeError, match="help: "):
            Tensor(bad)


@pytest.mark.parametrize("dtype", [None, "float32"])
def test_a_tensor_of_what_is_recorded_warns_that_the_gradient_ends(dtype):
    w = Tensor([1.0, 2.0], requires_grad=True)
    for x in (w, w * 2.0):
        with pytest.warns(GradientWarning, match=r"of shape \(2,\)(.|\n)*x\.detach\(\)") as seen:
            y = Tensor(x, dtype=dtype)
        assert seen[0].filename == __file__ and not y.requires_grad
        kept = x.copy() if dtype is None else x.astype(dtype)       # what the warning names
        assert kept.requires_grad and kept.data is not x.data and kept.dtype == y.dtype
    with pytest.warns(GradientWarning, match="the gradient ends here"):
        grad(lambda x: np.sum(Tensor(x) * x))(numpy.ones(2))
    with no_grad():
        assert not Tensor(w).requires_grad              # as everything that is made there
    for x in (w.detach(), Tensor([1.0])):
        assert Tensor(x).data is x.data
    assert Tensor(w, requires_grad=True).is_leaf and np.asarray(w) is w


def test_requires_grad_can_be_set_on_leaves():
    x = Tensor([1.0])
    assert x.requires_grad_() is x and x.requires_grad
    assert not x.requires_grad_(False).requires_grad
    y = leaf([1.0]) * 2.0
    with pytest.raises(GraphError, match=r"detach\(\)"):
        y.requires_grad_(False)
    with no_grad():
        z = leaf([1.0]) * 2.0
    assert not z.requires_grad and z.is_leaf
    with pytest.raises(GraphError, match="help: "):
        z.backward()


def test_grad_can_be_assigned():
    x = leaf([1.0, 2.0])
    x.grad = numpy.asarray([5.0, 5.0])
    assert type(x.grad) is Tensor
    (x * 2.0).sum().backward()
    assert x.grad.tolist() == [7.0, 7.0]
    x.grad = None
    assert x.grad is None


def test_repr_and_format():
    x = leaf([1.0, 2.0])
    assert repr(x) == "Tensor([1., 2.], requires_grad=True)"
    assert repr(Tensor([1, 2])) == "Tensor([1, 2])"
    assert "float32" in repr(Tensor([1.0], dtype="float32"))
    assert "'add'" in repr(x + 1) and str(x) == repr(x) == f"{x}"
    assert f"{Tensor(2.5):.2f}" == "2.50" and f"{x[0]:5.1f}" == "  1.0"
    with pytest.raises(ShapeError, match="help: "):
        f"{x:.2f}"
    x.label = "weights"
    assert "weights" in repr(x)
    place = strict.Device("device1")
    assert repr(Tensor(strict.asarray([1.0]))) == "Tensor([1.], storage=array_api_strict)"
    assert repr(Tensor(strict.asarray([1.0], device=place), requires_grad=True)) == (
        "Tensor([1.], storage=array_api_strict, device=device1, requires_grad=True)")
    assert len(repr(Tensor(numpy.zeros((1000, 1000))))) < 2000


def test_methods_are_those_of_the_namespace():
    x = numpy.asarray([[0.3, 1.7, 0.9], [2.0, 0.1, 0.5]])
    for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "abs", "square",
                 "relu", "sum", "mean", "max", "min", "prod", "var", "std", "argmax", "argmin",
                 "squeeze", "transpose"):
        reduces = name in ("sum", "mean", "max", "min", "prod", "var", "std")
        for words in ({}, {"axis": 0}, {"axis": -1}) if reduces else ({},):
            found, expected = getattr(Tensor(x), name)(**words), getattr(np, name)(x, **words)
            numpy.testing.assert_array_equal(found.data, expected)
    t = Tensor(x)
    assert t.reshape(3, 2).shape == t.reshape((3, -1)).shape == (3, 2) and t.flatten().shape == (6,)
    assert t.sum(0).shape == (3,) and t.sum(axis=(0, 1), keepdims=True).shape == (1, 1)
    assert (t > 0.2).all().item() is False and (t > 0.2).any().item() is True
    assert t.astype("float32").dtype == numpy.float32 and t.clip(0.5, 1.0).max().item() == 1.0
    assert t.var(correction=1).item() == pytest.approx(x.var(ddof=1))


def test_to_a_device():
    strict = pytest.importorskip("array_api_strict", reason="install array-api-strict")
    x = Tensor(strict.asarray([1.0, 2.0]), requires_grad=True)
    moved = x.to(strict.Device("device1"))
    assert moved.device == strict.Device("device1") and x.to(x.device) is x
    (moved * 2.0).sum().backward()
    assert x.grad is not None and x.grad.device == x.device and x.grad.tolist() == [2.0, 2.0]


indices = st.one_of(
    st.integers(-3, 2), st.just(slice(None, None, -1)), st.just(slice(1, None)), st.just(Ellipsis),
    st.just(None), st.just(numpy.asarray([0, 2, 2])), st.just(numpy.asarray([[0, 1], [2, -1]])))


@given(st.one_of(indices, st.tuples(indices), st.tuples(indices, indices),
                 st.tuples(st.just(Ellipsis), indices)))
def test_getitem_with_every_index_form(index):
    x = numpy.arange(9.0).reshape(3, 3)
    try:
        expected = x[index]
    except IndexError:
        with pytest.raises(IndexError):
            leaf(x)[index]
        return
    t = leaf(x)
    found = t[index]
    numpy.testing.assert_array_equal(found.data, expected)
    counts = numpy.zeros((3, 3))
    numpy.add.at(counts, index, 1.0)
    found.sum().backward()
    numpy.testing.assert_array_equal(t.grad.data, counts)


def test_getitem_with_masks_and_tensors():
    x = leaf(MATRIX)
    for mask in (MATRIX > 2, Tensor(MATRIX > 2), x > 2):
        x.grad = None
        (x[mask] * 2.0).sum().backward()
        assert x.grad.tolist() == (2.0 * (MATRIX > 2)).tolist()
    assert x[Tensor([0, 1]), Tensor([2, 0])].tolist() == [3.0, 4.0]
    assert x[Tensor(1), 0].item() == 4.0
    with pytest.raises(DtypeError, match="float64"):
        x[Tensor([0.0])]
