"""Data: splits keep every row and every share, scaling comes back, batches cover, errors name."""

import numpy
import pytest
from hypothesis import given, strategies as st

from autograd import Tensor
from autograd.errors import ArgumentError, ShapeError
from nn.data import Standardiser, batches, check_data, moons, spirals, train_validation_split


@given(st.lists(st.integers(0, 4), min_size=2, max_size=60), st.floats(0.1, 0.9),
       st.integers(0, 99))
def test_a_split_keeps_every_row_once_and_every_class_its_share(labels, share, seed):
    y, x = numpy.array(labels), numpy.arange(len(labels))
    kept = round(len(y) * share)
    if not 0 < kept < len(y):
        with pytest.raises(ArgumentError, match=rf"of {len(y)} rows is {kept} rows"):
            train_validation_split(x, y, share, seed=seed)
        return
    (xt, yt), (xv, yv) = train_validation_split(x, y, share, seed=seed)
    assert sorted([*xt, *xv]) == list(x) and len(xv) == kept
    assert (y[xt] == yt).all() and (y[xv] == yv).all()
    for c in set(labels):
        exact = kept * labels.count(c) / len(y)
        assert numpy.floor(exact) <= (yv == c).sum() <= numpy.ceil(exact)


def test_a_split_is_seeded_and_shuffled():
    x, y = numpy.arange(100), numpy.arange(100) // 50
    one, two, three = (train_validation_split(x, y, seed=s) for s in (0, 0, 1))
    assert (one[0][0] == two[0][0]).all() and (one[0][0] != three[0][0]).any()
    assert len(set(numpy.diff(one[0][0]))) > 5 and len(set(numpy.diff(one[1][0]))) > 5


def test_a_split_without_classes_and_of_other_kinds():
    x = numpy.random.default_rng(0).standard_normal((10, 2))
    (xt, yt), (xv, yv) = train_validation_split(Tensor(x), x[:, 0], 0.3, seed=0)
    assert type(xt) is Tensor and xt.shape == (7, 2) and xv.shape == (3, 2)
    assert (xt.data[:, 0] == yt).all() and (xv.data[:, 0] == yv).all()
    names = ["a"] * 5 + ["b"] * 5
    _, (_, held) = train_validation_split(x.tolist(), names, 0.4, seed=0)
    assert sorted(held) == ["a", "a", "b", "b"]
    _, (_, plain) = train_validation_split(x, [0] * 9 + [1], 0.9, stratify=False, seed=3)
    assert len(plain) == 9


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 1.5, 0.01, float("nan")])
def test_a_share_that_leaves_a_side_empty_is_refused(share):
    with pytest.raises((ArgumentError, ValueError)):
        train_validation_split(numpy.arange(10), numpy.arange(10) % 2, share)


@pytest.mark.parametrize("x, y, error, says", [
    (numpy.zeros((0, 3)), None, ArgumentError, r"x is empty: shape \(0, 3\)"),
    ([], [], ArgumentError, "x is empty"),
    (numpy.zeros((2, 3)), [1, 2, 3], ShapeError, "2 rows in x, 3 in y"),
    ([[1.0, 2.0], [3.0, float("nan")]], None, ArgumentError, "nan in x at row 1, column 1"),
    (numpy.full((4, 2, 2), numpy.inf), None, ArgumentError,
     "inf in x at row 0, column 0, index 0"),
    ([1.0, 2.0], [0.0, float("nan")], ArgumentError, "nan in y at row 1 "),
    (Tensor([[1.0], [float("nan")]]), None, ArgumentError, "nan in x at row 1, column 0"),
    (3.0, None, ShapeError, "x is one number"),
])
def test_bad_data_is_named(x, y, error, says):
    for call in (lambda: check_data(x, y), lambda: next(batches(x, y if y is not None else x, 2))):
        with pytest.raises(error, match=says):
            call()


@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 50), st.booleans())
def test_batches_cover_every_row_once(n, size, seed, shuffle):
    x = numpy.arange(n)
    pieces = list(batches(x, -x, size, seed, shuffle))
    assert [len(piece[0]) for piece in pieces] == [min(size, n - i) for i in range(0, n, size)]
    together = numpy.concatenate([piece[0] for piece in pieces])
    assert sorted(together) == list(x) and all((a == -b).all() for a, b in pieces)
    assert shuffle or (together == x).all()
    again = numpy.concatenate([piece[0] for piece in batches(x, -x, size, seed, shuffle)])
    assert (again == together).all()


def test_a_generator_gives_every_epoch_an_order_of_its_own():
    rng, x = numpy.random.default_rng(0), numpy.arange(50)
    orders = [numpy.concatenate([a for a, _ in batches(x, x, 7, rng)]) for _ in range(2)]
    assert (orders[0] != orders[1]).any()
    with pytest.raises(ArgumentError, match="batches of 0 rows"):
        batches(x, x, 0)


def test_batches_of_another_storage():
    strict = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
    x = strict.reshape(strict.arange(12), (6, 2))
    pieces = list(batches(x, strict.arange(6), 4, seed=0))
    assert [piece[0].shape for piece in pieces] == [(4, 2), (2, 2)]
    assert all(bool(strict.all(a[:, 0] == 2 * b)) for a, b in pieces)
    scaled = Standardiser().fit_transform(strict.astype(x, strict.float32))
    assert scaled.dtype == strict.float32 and abs(float(strict.mean(scaled))) < 1e-6


@given(st.integers(2, 20), st.integers(1, 5), st.floats(-1e6, 1e6), st.floats(1e-2, 1e3),
       st.integers(0, 99))
def test_standardised_columns_and_the_way_back(n, columns, shift, scale, seed):
    x = shift + scale * numpy.random.default_rng(seed).standard_normal((n, columns))
    s = Standardiser()
    z = s.fit_transform(x)
    numpy.testing.assert_allclose(z.mean(0), 0, atol=1e-6)
    numpy.testing.assert_allclose(z.std(0), 1, rtol=1e-6)
    numpy.testing.assert_allclose(s.inverse(z), x, rtol=1e-9, atol=1e-9)
    assert (s.inverse(s.transform(Tensor(x))).data == s.inverse(z)).all()


@pytest.mark.parametrize("constant", [0.0, 5.0, 0.1, 1e-300, 123456.789])
def test_a_constant_column_stays_finite_and_is_only_shifted(constant):
    x = numpy.stack([numpy.full(10, constant), numpy.arange(10.0)], 1)
    z = Standardiser().fit_transform(x)
    numpy.testing.assert_allclose(z[:, 0], 0, atol=1e-9)
    assert numpy.isfinite(z).all() and z[:, 1].std() == pytest.approx(1)


def test_a_small_spread_on_a_large_mean_is_not_taken_for_constant():
    x = 1e6 + 1e-3 * numpy.random.default_rng(0).standard_normal((50, 1))
    assert Standardiser().fit_transform(x).std() == pytest.approx(1, rel=1e-5)


def test_integers_are_standardised_as_floats():
    assert Standardiser().fit_transform([[0], [2]]).tolist() == [[-1.0], [1.0]]


def test_a_standardiser_out_of_place_says_so():
    with pytest.raises(ArgumentError, match="fit to no data"):
        Standardiser().transform([[1.0]])
    with pytest.raises(ShapeError, match=r"shape \(1, 3\).*of 2 columns"):
        Standardiser().fit([[1.0, 2.0]]).transform([[1.0, 2.0, 3.0]])
    with pytest.raises(ShapeError, match=r"shape \(2,\)"):
        Standardiser().fit([1.0, 2.0])
    with pytest.raises(ArgumentError, match="nan in x at row 0, column 1"):
        Standardiser().fit([[1.0, float("nan")]])


def test_moons_lie_on_their_half_circles():
    x, y = moons(101, seed=0)
    assert x.shape == (101, 2) and numpy.bincount(y).tolist() == [50, 51]
    upper, lower = x[y == 0], x[y == 1]
    numpy.testing.assert_allclose(numpy.hypot(*upper.T), 1)
    numpy.testing.assert_allclose(numpy.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1)
    assert upper[:, 1].min() >= -1e-12 and lower[:, 1].max() <= 0.5 + 1e-12


def test_moons_are_scikit_learns():
    datasets = pytest.importorskip("sklearn.datasets", reason="pip install scikit-learn")
    x, y = moons(60, seed=1)
    their_x, their_y = datasets.make_moons(60, shuffle=False)
    for c in (0, 1):
        ours = x[y == c][numpy.argsort(x[y == c][:, 0])]
        theirs = their_x[their_y == c][numpy.argsort(their_x[their_y == c][:, 0])]
        numpy.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_noise_has_its_deviation_and_seeds_repeat():
    clean, noisy = moons(4000, seed=5)[0], moons(4000, noise=0.2, seed=5)[0]
    assert (noisy - clean).std() == pytest.approx(0.2, rel=0.05)        # the same rows
    assert (moons(50, 0.1, seed=3)[0] == moons(50, 0.1, seed=3)[0]).all()
    assert (moons(50, 0.1, seed=3)[0] != moons(50, 0.1, seed=4)[0]).any()


def test_spirals_are_arms_of_equal_size():
    x, y = spirals(300, classes=3, seed=0)
    assert numpy.bincount(y).tolist() == [100, 100, 100]
    radius = numpy.hypot(*x.T)
    assert radius.max() == pytest.approx(1)
    turn = numpy.angle(x[:, 0] + 1j * x[:, 1]) - 4 * radius - 2 * numpy.pi * y / 3
    numpy.testing.assert_allclose(numpy.exp(1j * turn), 1, atol=1e-9)


@pytest.mark.parametrize("call", [lambda: moons(1), lambda: moons(10, noise=-1),
                                  lambda: spirals(2, classes=3), lambda: spirals(5, classes=0)])
def test_impossible_sets_are_refused(call):
    with pytest.raises(ArgumentError, match="points"):
        call()
