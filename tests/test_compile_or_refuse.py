"""A compiled function does what the function does, or says that it cannot: what went wrong once."""

import copy
import dataclasses
import pickle
import threading

import numpy as np
import pytest
from classifying import CLASSES, X, step

import autograd
import autograd.numpy as anp
import nn
from autograd import ArgumentError, GraphError, Tensor, compile, grad


@pytest.fixture(autouse=True)
def anything_becomes_loops(engine, monkeypatch, tmp_path_factory):
    """With machine code, and over NumPy."""
    monkeypatch.setattr("autograd.compiling.loops.lowering.SWITCH", 0)
    monkeypatch.setenv("WENGERT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def made(*layers, kind=nn.Adam, **options):
    model = nn.Sequential(*(layers or (nn.Linear(4, 8, rng=0), nn.Tanh(), nn.Linear(8, 3, rng=1))))
    return model, kind(model.parameters(), **options)


def same(f, *calls, times=1):
    """The compiled function returns what f does, at each of the calls."""
    compiled = compile(f)
    for args in calls:
        for _ in range(times):
            found, expected = compiled(*args), f(*args)
            for x, y in zip(autograd.containers.leaves(found),
                            autograd.containers.leaves(expected), strict=True):
                np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-13)
                assert np.shape(x) == np.shape(y)
    return compiled


# -- shapes ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("f", [
    lambda x: anp.sum(anp.exp(x[x > 0])), lambda x: anp.unique(x), lambda x: anp.nonzero(x),
    lambda x: anp.repeat(x, anp.asarray(x > 0).astype(int)), lambda x: np.flatnonzero(x),
    grad(lambda x: anp.mean(x[x > 0]))])
def test_a_shape_that_depends_on_numbers_is_refused(f):
    with pytest.raises(GraphError, match="shape"):
        compile(f)(X[0])


@pytest.mark.parametrize("dtype", ["int32", "float16", "complex128", "bool", "float64"])
def test_one_number_becomes_an_array_of_any_dtype(dtype):
    z = (np.arange(4) + 1).astype(dtype)
    same(lambda z, y: (anp.broadcast_to(anp.sum(z), (4,)) + z, anp.exp(y)), (z, X[0]))
    same(lambda z, y: (anp.reshape(z[0], (1, 1)), anp.exp(y)), (z, X[0]))


@pytest.mark.parametrize("f", [
    lambda x: anp.where(x > 1, anp.cumsum(x), 0.0), lambda x: anp.where(x > 1, anp.sort(x), x),
    grad(lambda x: anp.linalg.slogdet(anp.reshape(x, (2, 2)))[1]),
    lambda x: anp.where(anp.broadcast_to(anp.any(x > 1), x.shape), anp.cumsum(x), x)])
def test_what_is_neither_loop_nor_product_stands_beside_loops(f):
    same(f, (X[0],), (X[1],))


def test_an_integer_array_is_halved():
    same(lambda a: anp.where(a > 1, a / 2, a), (np.arange(6),))


# -- numbers ---------------------------------------------------------------------------------------

def test_numbers_of_numpy_are_inputs():
    for dtype in ("float64", "float32", "int64"):
        s = np.dtype(dtype).type(2)
        same(lambda x, s: x * s, (X, s), (X, s), (X, np.dtype(dtype).type(3)), times=2)


def test_ints_grow_as_those_of_python():
    same(lambda x, k: x * (k * k), (X, 3), (X, 10**10))
    same(lambda x, k: (anp.exp(x), k**3), (X, 3), (X, 4), times=2)
    same(lambda x, k: anp.sum(anp.exp(x) * k), (X, 3), (X, -2**63), (X, 2**63), (X, 4), times=2)


@pytest.mark.parametrize("transform", [grad, autograd.value_and_grad, autograd.hessian])
def test_an_int_is_differentiated_as_a_float(transform):
    same(transform(lambda x: anp.tanh(x) * x), (3,), (-4,), (2**70,), times=2)


def test_static_numbers_are_told_apart():
    f = compile(lambda x, n: np.copysign(1.0, n) + anp.exp(x), static="n")
    for n in (-0.0, 0.0, -0.0):
        np.testing.assert_allclose(f(X, n=n), np.copysign(1.0, n) + np.exp(X), rtol=1e-14)
    g = compile(lambda x, n: anp.exp(x) * n, static="n")
    for n in (3, 3, 2, 3.0, True):
        np.testing.assert_allclose(g(X, n), np.exp(X) * n)
    assert len(g.signatures) == 4


def test_a_function_of_nothing():
    assert compile(lambda: 3.0)() == 3.0 and compile(lambda x=2.0: x * 2)() == 4.0


def test_a_batch_of_one_number():
    f = compile(lambda a: a * 10.0, batch=True)
    for given, expected in ((1.0, 10.0), (np.array(3.0), 30.0), (np.array([4.0]), [40.0]),
                            (2.0, 20.0), (np.zeros((0, 2)), np.zeros((0, 2)))):
        np.testing.assert_array_equal(f(given), expected, strict=False)
        assert np.shape(f(given)) == np.shape(expected)


# -- memory ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("f", [
    grad(lambda x: anp.sum(x * 2.0)), lambda x: x * 1, lambda x: +x, lambda x: -1 * -x,
    lambda x: x.copy(), lambda x: x.flatten(), lambda x: anp.asarray(x, copy=True),
    lambda x: (x + 1, x + 1), lambda x: (anp.zeros_like(x), x + 1), lambda x: x.T * 1,
    lambda x: (np.zeros(3), x + 1), lambda x: anp.where(True, x, 0.0)])
def test_results_are_the_callers_own(f):
    x, compiled = X.copy(), compile(f)
    for _ in range(3):
        found = autograd.containers.leaves(compiled(x))
        for y, expected in zip(found, autograd.containers.leaves(f(x)), strict=True):
            np.testing.assert_array_equal(y, expected)
        for y in found:
            y[...] = 7.0
        assert sum((y == 7.0).all() for y in found) == len(found)
        np.testing.assert_array_equal(x, X)


def test_what_is_returned_as_it_came_is_itself():
    assert compile(lambda x, y: (x, y + 1))(X, X)[0] is X or np.shares_memory(
        compile(lambda x, y: (x, y + 1))(X, X)[0], X)


def test_arrays_that_are_written_to_while_a_function_is_traced():
    def f(y):
        b = np.zeros(3)
        for i in range(3):
            b[i] = i + 1
            y = y * b + b
        return y

    same(f, (np.ones(3),))
    frozen = np.ones(4)
    compiled = same(lambda x: x * frozen * 2 + anp.exp(frozen), (X[0],))
    before = compiled(X[0])
    frozen[:] = 3.0
    np.testing.assert_array_equal(compiled(X[0]), before)       # as it was when it was traced


def test_weights_can_be_returned_before_and_after_a_step():
    def before(model, optimizer, x, y):
        old = model.parameters()[1].data.copy()
        return step(model, optimizer, x, y), old

    def after(model, optimizer, x, y):
        return step(model, optimizer, x, y), [p.detach() for p in model.parameters()]

    def changed(model, optimizer, x, y):
        return step(model, optimizer, x, y), model.parameters()[1].data * 1.0

    for f in (before, after, changed):
        one, two, fast, kept = made(), made(), compile(f), []
        for _ in range(4):
            found, expected = fast(*one, X, CLASSES), f(*two, X, CLASSES)
            for x, y in zip(*map(autograd.containers.leaves, (found, expected)), strict=True):
                np.testing.assert_allclose(np.asarray(x.data), np.asarray(y.data), rtol=1e-12)
            kept.append((found, np.array(autograd.containers.leaves(found)[-1].data)))
        for found, then in kept:
            np.testing.assert_array_equal(autograd.containers.leaves(found)[-1].data, then)


def test_parameters_can_change_places():
    def swap(model, x):
        a, b = model[0].weight, model[1].weight
        a.data, b.data = b.data * 1.0, a.data * 1.0
        return anp.sum(x)

    model, _ = made(nn.Linear(3, 3, rng=0), nn.Linear(3, 3, rng=1))
    a, b = (layer.weight.data.copy() for layer in model)
    fast = compile(swap)
    for first, second in ((b, a), (a, b), (b, a)):
        fast(model, X)
        np.testing.assert_array_equal(model[0].weight.data, first)
        np.testing.assert_array_equal(model[1].weight.data, second)


def test_an_argument_in_the_memory_of_a_parameter():
    def deep(model, optimizer, x, y):
        optimizer.zero_grad()
        loss = anp.sum((model[0](x) * y + model[1](x)) ** 2)
        loss.backward()
        optimizer.step()
        return loss

    found = []
    for f in (compile(deep), deep):
        model, optimizer = made(nn.Linear(4, 4, rng=0), nn.Linear(4, 4, rng=1), kind=nn.SGD,
                                lr=0.01)
        for _ in range(3):
            x = model[1].weight.data
            f(model, optimizer, x if f is not deep else x.copy(), X[:4])
        found.append([p.data for p in model.parameters()])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_two_parameters_in_one_memory_are_refused():
    model, optimizer = made(nn.Linear(4, 4, rng=0), nn.Linear(4, 4, rng=1))
    model[1].weight.data = model[0].weight.data
    with pytest.raises(GraphError, match="share memory"):
        compile(lambda m, o, x: anp.sum(m(x)))(model, optimizer, X)


# -- state -----------------------------------------------------------------------------------------

def trained_alike(changes, times, **tolerance):
    """Train a model, compiled, and its twin, some times after each change of both."""
    one, two, fast = made(), made(), compile(step)
    for change in changes:
        change(*one)
        change(*two)
        for _ in range(times):
            fast(*one, X, CLASSES)
            step(*two, X, CLASSES)
        for p, q in zip(one[0].parameters(), two[0].parameters(), strict=True):
            assert p.dtype == q.dtype
            np.testing.assert_allclose(p.data, q.data, **tolerance)
    return fast


def test_what_changes_in_parameters_is_noticed():
    fast = trained_alike([
        lambda m, o: None, lambda m, o: setattr(m[0].weight, "requires_grad", False),
        lambda m, o: m.to(dtype="float32"), lambda m, o: m.train(False),
        lambda m, o: setattr(m[0].weight, "requires_grad", True),
        lambda m, o: setattr(m[2].bias, "data", m[2].bias.data.astype("float64") + 1.0)],
        2, rtol=1e-4, atol=1e-5)
    assert any("another" in said for said in fast.signatures)


def test_optimizer_state_may_be_written_by_hand():
    trained_alike([
        lambda m, o: None, lambda m, o: o.state[0].update(step=np.int64(7)),
        lambda m, o: o.state[0].clear()], 3, rtol=1e-10, atol=1e-12)


def test_modes_that_alternate_are_traced_once_each():
    (model, optimizer), fast = made(), compile(step)
    for i in range(8):
        model.train(i % 2 == 0)
        fast(model, optimizer, X, CLASSES)
    assert len(fast.signatures) == 2


def test_options_in_plain_objects_are_noticed():
    @dataclasses.dataclass
    class Options:
        scale: float = 2.0

    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.options, self.modes = Options(), {"double"}

        def forward(self, x):
            return x * self.options.scale * (2.0 if "double" in self.modes else 1.0)

    model = Scaled()
    fast = compile(model)
    for change in (lambda: None, lambda: setattr(model.options, "scale", 3.0), model.modes.clear):
        change()
        np.testing.assert_allclose(fast(X), model(X))


@pytest.mark.parametrize("name", ["c1", "v0", "r2", "out1", "desk", "f4", "exp"])
def test_layers_may_have_any_name(name):
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            setattr(self, name, nn.Linear(4, 3, rng=0))

        def forward(self, x):
            return getattr(self, name)(x)

    one, two = Named(), Named()
    fast = compile(step)
    for f, model in ((fast, one), (step, two)):
        f(model, nn.SGD(model.parameters(), lr=0.1), X, CLASSES)
    np.testing.assert_allclose(one.parameters()[0].data, two.parameters()[0].data)


@pytest.mark.parametrize("name", ["r2_score", "v0_x", "c1_", "total", "me"])
def test_arguments_may_have_any_name(name):
    found = eval(f"compile(lambda {name}: anp.exp({name}))")(X)
    np.testing.assert_allclose(found, np.exp(X), rtol=1e-15)


def test_gradients_of_before_are_not_read_in_silence():
    def late(model, optimizer, x, y):
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    for f in (late, lambda model, optimizer, x, y: optimizer.step()):
        with pytest.raises(GraphError, match="zero_grad"):
            compile(f)(*made(), X, CLASSES)


def test_parameters_of_no_optimizer_may_keep_their_gradients():
    model, _ = made()
    optimizer = nn.SGD(model[2].parameters(), lr=0.1)
    compile(step)(model, optimizer, X, CLASSES)


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.count, self.last, self.seen = nn.Linear(4, 3, rng=0), 0, None, []

    def forward(self, x):
        self.keep(self.layer(x))
        return self.layer(x)


@pytest.mark.parametrize("keep", [
    lambda self, z: setattr(self, "count", self.count + 1),
    lambda self, z: setattr(self, "last", z), lambda self, z: self.seen.append(z)])
def test_what_a_step_keeps_elsewhere_is_refused_and_nothing_is_left_of_it(keep):
    model = Counting()
    Counting.keep = keep
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    weight = model.layer.weight.data.copy()
    with pytest.raises(GraphError, match=r"changes (count|last|0)"):
        compile(step)(model, optimizer, X, CLASSES)
    assert model.count == 0 and model.last is None and model.seen == []
    np.testing.assert_array_equal(model.layer.weight.data, weight)
    step(model, optimizer, X, CLASSES)


def test_tracers_that_are_left_over_say_so():
    kept = []
    compile(lambda x: kept.append(x) or anp.exp(x))(X)
    with pytest.raises(GraphError, match="left over"):
        anp.exp(kept[0])


# -- arguments -------------------------------------------------------------------------------------

def add_one(x):
    x += 1
    return x


@pytest.mark.parametrize("f, x", [
    (add_one, X), (lambda d: d.update(n=d["n"] + 1) or d["n"], {"n": X}),
    (lambda xs: xs.append(xs[0]) or xs[0], [X]),
    (lambda t: setattr(t, "data", t.data * 2), Tensor(X)),
    (lambda x: x * np.random.normal(), X), (lambda x: {1.0, 2.0}, X),
    (lambda x: (y for y in x), X)], ids=range(7))
def test_what_a_program_would_not_do_is_refused(f, x):
    with pytest.raises(GraphError):
        compile(f)(x)


def test_keys_of_any_letters_are_inputs():
    same(lambda d: anp.exp(d["x²"]) + d["ﬁ"] * d["fi"], ({"x²": X, "ﬁ": X, "fi": X + 1},))


def test_functions_may_be_called_like_those_of_loops():
    def exp(x):
        return anp.exp(x) * 2

    same(exp, (X,))


def test_arrays_with_a_meaning_of_their_own_are_refused():
    with pytest.raises(ArgumentError, match="asarray"):
        compile(anp.exp)(np.ma.masked_array([1.0, 2.0], [0, 1]))


def test_numbers_and_results_may_be_written_to():
    def f(x, n):
        n += 1
        y = x * n
        y += 1
        return y

    same(f, (X, 2.0), (X, 3.0))


@pytest.mark.parametrize("x", [np.random.default_rng(0), object(), bytearray(b"1"),
                               nn.StepLR(made()[1], 1)], ids=lambda x: type(x).__name__)
def test_what_may_change_is_static_by_name_alone(x):
    f = lambda a, x: a * 2.0                                                    # noqa: E731
    with pytest.raises(ArgumentError, match="static="):
        compile(f)(X, x)
    if x.__hash__:
        np.testing.assert_array_equal(compile(f, static="x")(X, x), X * 2.0)


def test_what_cannot_change_is_static():
    frozen = dataclasses.make_dataclass("Frozen", [("scale", float)], frozen=True)(3.0)
    np.testing.assert_array_equal(compile(lambda a, x: a * x.scale)(X, frozen), X * 3.0)
    with pytest.raises(ArgumentError, match="hashed"):
        compile(lambda a, x: a, static="x")(X, {1.0})
    take = compile(lambda a, part: a[part] + 1)
    for part in (slice(1, 3), slice(2, 4), slice(1, 3)):
        np.testing.assert_array_equal(take(X, part), X[part] + 1)


# -- around it -------------------------------------------------------------------------------------

def test_a_compiled_function_can_be_copied_and_pickled():
    fast = compile(add_two)
    for other in (copy.deepcopy(fast), pickle.loads(pickle.dumps(fast)), copy.copy(fast)):
        np.testing.assert_array_equal(other(X), X + 2)


def add_two(x):
    return x + 2


def test_a_method_is_bound():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 3, rng=0)

        @compile
        def forward(self, x):
            return anp.tanh(self.layer(x))

    model = Model()
    np.testing.assert_allclose(model.forward(X).data, np.tanh(model.layer(X).data))


def test_under_debug_the_function_itself_runs():
    model, optimizer = made()
    with autograd.debug():
        compile(step)(model, optimizer, X, CLASSES)
    with autograd.debug(), np.errstate(all="ignore"), pytest.raises(GraphError, match="nan"):
        compile(grad(lambda x: anp.sum(anp.sqrt(x - x - 1.0))))(X)


def test_threads_trace_one_model_in_turn():
    model, optimizer = made(kind=nn.SGD, lr=0.0)
    expected, failed = float(step(model, optimizer, X, CLASSES).data), []

    def run():
        try:
            assert np.isclose(compile(step)(model, optimizer, X, CLASSES).data, expected)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and type(model[0].weight.data) is np.ndarray


def test_a_call_that_raises_leaves_the_state_as_it_was():
    def f(model, optimizer, x, y, matrix):
        return step(model, optimizer, x, y), anp.linalg.inv(matrix)

    model, optimizer = made()
    fast = compile(f)
    fast(model, optimizer, X, CLASSES, np.eye(3))
    before = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    with pytest.raises(np.linalg.LinAlgError):
        fast(model, optimizer, X, CLASSES, np.zeros((3, 3)))
    for x, y in zip(*map(autograd.containers.leaves, (
            before, (model.state_dict(), optimizer.state_dict()))), strict=True):
        np.testing.assert_array_equal(x, y)
