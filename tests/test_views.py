"""Random programs of views, recorded and unrecorded writes: as NumPy does it, or an error of ours.

The model is NumPy itself: the same program on NumPy arrays, whose views and writes are what is
meant. Run on complex numbers it also gives the gradient (the complex step: every step is a
polynomial). A program that our engine refuses is right too; a number that differs is not.
"""

import os
import subprocess
import sys

import numpy as np
import pytest
import recording
from composite_domains import COMPOSITES
from domains import CONSTANTS, PRIMITIVES
from hypothesis import given, settings, strategies as st
from places import HOSTS, PLACES

from autograd import Tensor, debug, keeping, views
from autograd.errors import AutogradError
from autograd.storage import shares_memory
from autograd.views import root_of

START = np.asarray([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
CONSTANT = np.asarray([[1.0, 2.0, -3.0], [0.5, -0.5, 1.0]])
REPEATED = np.asarray([0, 1, 0])

# Each is a function of something indexed like an array, and what shapes it is for.
LOOKS = [
    (lambda x: x.reshape((-1,)), 0), (lambda x: x[1:], 1), (lambda x: x.transpose(), 0),
    (lambda x: x[..., ::2], 1), (lambda x: x[::-1], 1), (lambda x: x[0], 1), (lambda x: x[None], 0),
    (lambda x: x[:, 0], 2), (lambda x: x.reshape(x.shape[::-1]), 0), (lambda x: x[...], 0),
    (lambda x: x[..., 0, None], 1), (lambda x: x.mT, 2)]
COPIES = [
    (lambda x: x[REPEATED % x.shape[0]], 1), (lambda x: x * 1.5, 0), (lambda x: x * x + 0.25, 0),
    (lambda x: +x, 0), (lambda x: x.astype(x.dtype), 0)]
PLACES_TO_WRITE = [
    (..., 0), (0, 1), (-1, 1), (slice(1, None), 1), (slice(None, None, -1), 1),
    ((..., slice(None, None, 2)), 1), (None, 0), ((slice(None), 0), 2), (np.asarray([0, 0]), 1),
    ((..., np.asarray([0, -1, 0])), 1)]
UPDATES = [lambda x, v: x.__iadd__(v), lambda x, v: x.__imul__(v), lambda x, v: x.__isub__(v)]


class Program:
    """One run: named arrays, and what was read so far. `is_model`: on NumPy's complex arrays."""

    def __init__(self, start, constant, is_model):
        self.arrays, self.blind = [start, constant, start * 1.0], [False, False, False]
        self.loss, self.is_model = 0.0, is_model

    def value(self, source, shape):
        """What is to be written into a shape: a number, or something made of one of the arrays."""
        kind, i = divmod(source, 7)
        i %= len(self.arrays)
        if kind == 0 or self.blind[i]:
            return float(source % 5) - 1.5
        other = self.arrays[i]
        return other if kind == 1 and fits(other.shape, shape) else other.sum() * 0.5

    def step(self, kind, i, j, source):
        """Do one step; a step that does not apply does nothing."""
        i %= len(self.arrays)
        x = self.arrays[i]
        if kind in ("look", "copy"):
            choices = LOOKS if kind == "look" else COPIES
            function, ndim = choices[j % len(choices)]
            if len(x.shape) >= ndim and 0 not in x.shape:
                self.add(function(x), self.blind[i])
        elif kind == "detach":
            self.add(x[...] if self.is_model else x.detach(), True)
        elif kind == "mix" and not self.blind[i]:
            other = self.value(source, x.shape)
            self.add(x * other, False)
        elif kind == "drop" and i > 1:
            del self.arrays[i], self.blind[i]
        elif kind == "read" and not self.blind[i]:
            self.loss = self.loss + (x * x).sum() * (1.0 + j % 3)
        elif kind in ("write", "update", "update part"):
            self.write(kind, i, j, source)

    def add(self, x, blind):
        self.arrays.append(np.asarray(x) if self.is_model else x)
        self.blind.append(blind)

    def write(self, kind, i, j, source):
        index, ndim = PLACES_TO_WRITE[j % len(PLACES_TO_WRITE)]
        x = self.arrays[i]
        if len(x.shape) < ndim or 0 in x.shape:
            return
        update = UPDATES[source % len(UPDATES)]
        target = x.shape if kind == "update" else np.empty(x.shape)[index].shape
        value = self.value(source, target)
        if self.is_model and self.blind[i] and isinstance(value, float):
            x = x.real                                  # detached: the gradient stays as it was
        if kind == "update":
            assert update(x, value) is x
            return
        if kind == "update part":
            part = x[index]
            value = update(np.asarray(part) if self.is_model else part, value)
        x[index] = value


def fits(shape, target):
    """Whether numbers of one shape can be written into another."""
    try:
        return np.broadcast_shapes(shape, target) == tuple(target)
    except ValueError:
        return False


KINDS = st.sampled_from(["look", "look", "look", "copy", "mix", "mix", "read", "read", "write",
                         "write", "update", "update part", "drop", "detach"])
STEPS = st.lists(st.tuples(KINDS, st.integers(0, 5), st.integers(0, 11), st.integers(0, 20)),
                 min_size=3, max_size=12)


def gradient(steps):
    """The derivatives of what a program reads, by the complex step."""
    found = np.zeros(START.shape)
    for k in np.ndindex(START.shape):
        start = START.astype(complex)
        start[k] += 1e-30j
        run = Program(start, CONSTANT.astype(complex), True)
        for step in steps:
            run.step(*step)
        found[k] = np.imag(run.loss) / 1e-30
    return found


class Here:
    """NumPy's arrays, as a place."""

    storage = "numpy"
    put, back = staticmethod(np.copy), staticmethod(np.asarray)

    def __repr__(self):
        return "numpy"

    def __enter__(self):
        pass

    def __exit__(self, *error):
        pass


class Unknown(Here):
    """A library of which nothing is known: what it shares is not guessed."""

    storage = "unknown"
    put, back = staticmethod(recording.asarray), staticmethod(np.asarray)

    def __repr__(self):
        return "unknown"


@pytest.mark.parametrize("place", [Here(), Unknown(), *PLACES], ids=str)
def test_random_programs_do_what_numpy_does_or_raise(place):
    @settings(max_examples=60 if place.storage == "jax" else 200)
    @given(steps=STEPS)
    def check(steps):
        with place:
            run_beside_numpy(steps, place)

    check()


def run_beside_numpy(steps, place):
    leaf = Tensor(place.put(START), requires_grad=True)
    model = Program(START.astype(complex), CONSTANT.astype(complex), True)
    ours = Program(leaf, Tensor(place.put(CONSTANT)), False)
    done = []
    for step in steps:
        try:
            ours.step(*step)
        except AutogradError:
            pass                                        # and has changed nothing
        else:
            model.step(*step)
            done.append(step)
        assert_equal(ours, model, place)
    if isinstance(ours.loss, Tensor) and ours.loss.requires_grad:
        try:
            with debug():                               # a leaf may have been written to since
                ours.loss.backward()
        except AutogradError:
            assert not np.array_equal(place.back(leaf.data), START)
        else:
            np.testing.assert_allclose(place.back(leaf.grad.data), gradient(done), rtol=1e-9,
                                       atol=1e-9)


def assert_equal(ours, model, place):
    for x, y in zip([*ours.arrays, ours.loss], [*model.arrays, model.loss], strict=True):
        x = place.back(x.data) if isinstance(x, Tensor) else x
        np.testing.assert_allclose(x, np.real(y), rtol=1e-12)


@pytest.mark.parametrize("place", [Here(), *PLACES], ids=str)
def test_an_index_that_is_written_to_later_is_what_it_was(place):
    with place:
        x = Tensor(place.put(np.array([1.0, 2.0, 3.0])), requires_grad=True)
        i = Tensor(place.put(np.array(0)))
        y = x[i] * 10.0
        i += 1
        (y + x[i]).backward()
        assert place.back(x.grad.data).tolist() == [10.0, 1.0, 0.0]


def test_numpy_writes_to_no_tensor_unseen():
    x, h = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0])
    y = (x * h).sum()
    for write in (lambda: np.copyto(h, 9.0), lambda: np.put(h, [0], 9.0),
                  lambda: np.add.at(h, [0, 0], 5.0), lambda: np.fill_diagonal(h[None], 9.0)):
        with pytest.raises(AutogradError, match="would write into a Tensor"):
            write()
    assert h.data.tolist() == [3.0, 4.0]
    assert np.exp(np.zeros(2), out=h) is h and np.divmod(np.asarray([5.0, 7.0]), 2.0, out=(
        h, None))[0] is h
    y.backward()
    assert h.data.tolist() == [2.0, 3.0] and x.grad.data.tolist() == [3.0, 4.0]
    integers = np.asarray([1, 2])
    with pytest.raises(TypeError, match="same_kind"):
        integers += Tensor([0.5, 0.7])


def test_an_interrupt_while_constants_are_kept_loses_none(monkeypatch):
    x, h = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0])
    y = (x * h).sum()

    def interrupted(x):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(keeping, "copy", interrupted)
        h *= 0.0
    h *= 0.0
    y.backward()
    assert x.grad.data.tolist() == [3.0, 4.0]


def test_an_error_while_views_look_again_changes_nothing(monkeypatch):
    x = Tensor(np.arange(4.0), requires_grad=True)
    y = x * 2.0
    a, b = y[1:], y[:3]

    def interrupted(root, steps):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(views, "_look", interrupted)
        a[0] = x[3] * 10.0
    assert y.data.tolist() == [0, 2, 4, 6] and a.data.tolist() == [2, 4, 6] and (
        b.data.tolist() == [0, 2, 4])


# -- SciPy ----------------------------------------------------------------------------------------

TANHSINH = """
import numpy, scipy.integrate
import autograd.numpy as np
from autograd import Tensor

def run(a, b, c, xp):
    return scipy.integrate.tanhsinh(lambda x, c: xp.exp(-c * x * x), a, b, args=(c,)).integral

low, high = numpy.asarray([0.0, -1.0, -numpy.inf, -numpy.inf]), numpy.asarray(
    [numpy.inf, 1.5, 0.3, numpy.inf])
given = [low, high, numpy.asarray([1.0, 2.0, 3.0, 0.5])]
tensors = [Tensor(x, requires_grad=True) for x in given]
found = run(*tensors, np)
found.sum().backward()
assert numpy.allclose(found.data, run(*given, numpy), rtol=1e-12)
for x, t in zip(given, tensors):
    h = numpy.where(numpy.isfinite(x), 1e-5, 0.0)
    ends = [run(*(x + s * h if y is x else y for y in given), numpy) for s in (1, -1)]
    slope = numpy.where(h > 0, (ends[0] - ends[1]) / 2e-5, 0.0)
    assert numpy.allclose(t.grad.data, slope, rtol=1e-6, atol=1e-9), (t.grad, slope)
"""


def test_scipy_writes_through_a_reshaped_view_in_tanhsinh():
    """With an infinite limit it does `fr = reshape(fj); fr[invalid] = ...`, and goes on with fj."""
    subprocess.run([sys.executable, "-W", "ignore", "-c", TANHSINH], check=True,
                   env={**os.environ, "SCIPY_ARRAY_API": "1"})


def test_a_traced_program_writes_to_views():
    jax = pytest.importorskip("jax", reason="pip install jax")
    place = next(place for place in PLACES if place.storage == "jax")

    def f(data):
        x = Tensor(data, requires_grad=True)
        y = x * 2.0
        part = y[1:]
        part *= 3.0
        y.reshape((-1, 1))[0] += 5.0
        y[0] = y[1] * y[0]
        (y * y).sum().backward()
        return x.grad.data

    with place:
        data = np.asarray([1.0, 2.0, 3.0])
        np.testing.assert_allclose(np.asarray(jax.jit(f)(place.put(data))), f(data), rtol=1e-14)


# -- the table of operations -----------------------------------------------------------------------

EVERYTHING = [*PRIMITIVES.values(), *COMPOSITES.values(), *CONSTANTS.values()]
ALONE = {"identity"}            # hands a function fresh nodes; what it does there stays there


@pytest.mark.parametrize("place", [Here(), *HOSTS[:1]], ids=str)       # JAX shares nothing
@pytest.mark.parametrize("domain", [pytest.param(d, id=d.name) for d in EVERYTHING
                                    if d.name not in ALONE])
@given(data=st.data(), tracked=st.booleans())
@settings(max_examples=2)
def test_a_result_that_shares_memory_is_a_view(domain, place, data, tracked):
    case = data.draw(domain.cases)
    with place:
        args = [Tensor(place.put(x), requires_grad=tracked and i in case.moving)
                if isinstance(x, np.ndarray) else x for i, x in enumerate(case.args)]
        try:
            result = domain.function(*args, **case.params)
        except (AutogradError, TypeError):              # not every storage has everything
            return
        for z in result if isinstance(result, (tuple, list)) else [result]:
            for x in args:
                if isinstance(x, Tensor) and isinstance(z, Tensor) and z is not x and x.size:
                    shared = shares_memory(z.data, x.data)
                    assert not shared or root_of(z) is root_of(x), domain.name
