"""Loops and products as machine code have the numbers of the program that they are made from."""

import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import starmap

import numpy as np
import pytest
from classifying import CLASSES, X, step

import autograd.numpy as anp
import nn
from autograd import ArgumentError, Tensor, compile, grad, value_and_grad
from autograd.compiling import machine
from autograd.compiling.loops import lowering, threads
from autograd.compiling.printing import function_of
from autograd.compiling.program import Variable, replaced
from autograd.compiling.tidying import VIEWS
from autograd.containers import leaves
from autograd.testing import random_program
from autograd.testing.peers import weights

numba = pytest.importorskip("numba", reason="pip install wengert[jit]")
rng = np.random.default_rng(0)


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    """A cache of machine code of our own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENGERT_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(lowering, "SWITCH", 0)            # loops beside NumPy, however small
        yield


def arrays(tree):
    return [np.asarray(x) for x in leaves(tree)]


def lowered(compiled):
    """What machine code was made; the loops must not have been given up."""
    assert compiled._last.lowered is not None
    return compiled._last.lowered


def differs(compiled, args):
    """Whether numbers are not the printed program's to 4 ulp: of them, and of what follows from
    1 ulp of the inputs and of each result on the way. None where there is no machine code, or
    where 1 ulp decides whether there is a result.
    """
    with np.errstate(all="ignore"):
        found = arrays(compiled(*args))
        traced = compiled._last
        if traced.lowered is None:
            return None
        traced.__dict__["lowered"], compiled._entry = None, None        # now Python runs it
        expected = arrays(compiled(*args))
        moved = [np.zeros(x.shape) for x in expected]
        for _ in range(4):
            try:
                near = iter(disturbed(traced.lines, [leaves(args)[i] for i in traced.moving]))
            except np.linalg.LinAlgError:
                return None
            parts = [next(near) if i in traced.found else x
                     for i, x in enumerate(leaves(traced.out))]
            for most, x, y in zip(moved, arrays(parts), expected, strict=True):
                change = abs(x.astype(float) - y.astype(float))
                np.fmax(most, np.where(np.isfinite(change), change, 0), out=most)
        return not all(starmap(close, zip(found, expected, moved, strict=True)))


def disturbed(program, numbers):
    """What a program makes of numbers where each is 1 ulp off, and so is each result of a line.

    What is compared is compared as it is.
    """
    exact = dict(zip(program.inputs, numbers, strict=True))
    moved = {x: off(number) for x, number in exact.items()}

    def made(line, known):
        def number(x):
            return x if type(x) is not Variable else known.get(x, x.value)

        found = function_of(line.name)(*replaced(line.args, number),
                                       **replaced(line.params, number))
        return found if isinstance(found, (tuple, list)) else (found,)

    for line in program.lines:
        for x, one, other in zip(line.made, made(line, exact), made(line, moved), strict=True):
            exact[x] = one
            moved[x] = one if x.dtype == bool else other if line.name in VIEWS else off(other)
    return [moved.get(x, x.value) for x in program.outputs]


def off(x):
    """Numbers by an ulp more or less."""
    if np.asarray(x).dtype.kind != "f":
        return x
    eps = np.finfo(np.asarray(x).dtype).eps
    return x * (1 + rng.choice([-eps, eps], np.shape(x)).astype(np.asarray(x).dtype))


def close(x, y, moved):
    size = abs(y.astype(float))
    room = 4 * (np.spacing(np.max(size, initial=0.0, where=np.isfinite(size)))
                + np.max(moved, initial=0.0))
    near = abs(x.astype(float) - y.astype(float)) <= room
    return (x.shape, x.dtype) == (y.shape, y.dtype) and (
        near | (x == y) | ((x != x) & (y != y))).all()


def random_differs(seed):
    """The same of a random program, its value and gradients."""
    program = random_program(seed, smooth=seed % 4 > 0)
    with np.errstate(all="ignore"):
        ends = weights(np.asarray(program.run("numpy")))
    f = value_and_grad(lambda *xs: anp.sum(program(*xs) * ends), range(len(program.inputs)))
    return differs(compile(f), program.inputs)


# -- programs --------------------------------------------------------------------------------------

@pytest.mark.parametrize("seed", [2, 3, 5, 6, 11, 16, 580])
def test_random_programs_and_their_derivatives(seed):
    assert random_differs(seed) is (None if seed == 580 else False)     # it is of empty arrays


CASES = {
    "a chain": lambda x, y: anp.tanh(x * 2.0 - y) / (1.0 + anp.exp(-x)),
    "views": lambda x, y: (x[::-1, 1:] * y.T[1:].T + x[:, ::2].sum()
                           + y.reshape(4, 5, 4).T.sum(1)[1, :3]),
    "a reshape of a transpose": lambda x, y: (x.T.reshape(20, 4) + y, y.T.reshape(-1)),
    "sums": lambda x, y: (x.sum(), y.sum(0), x.mean(1), y.mean(0, keepdims=True), x.max(1),
                          y.min(0), (x * y).prod(1), anp.any(x > 2), anp.all(x < y, axis=1)),
    "sums of three axes": lambda x, y: anp.sum((x * y).reshape(2, 10, 4), axis=(0, 2)),
    "products": lambda x, y: (x.T @ y * 2.0, x @ y.T, (x @ y.T).T, x[:, :2].T @ y[:, 2:],
                              x.T @ y @ x.T),
    "products of what has to be copied first": lambda x, y: (anp.exp(x)[::-1, ::-1].T @ y,
                                                             x.T @ anp.exp(y)[:, ::2]),
    "products of vectors": lambda x, y: (x @ y[0] * 2.0, y[0] @ x.T, x[0] @ y[1]),
    "what loops have no word for": lambda x, y: anp.sort(anp.cumsum(x, axis=0) * 2.0, axis=1) + y,
    "results that are inputs": lambda x, y: (x, x.T, y + 1.0, 2.0),
    "logic": lambda x, y: anp.where((x > y) & (x > 0) | ~(y > 1), x, -y) * anp.isnan(x / 0 - y / 0),
    "numbers": lambda x, y: (x.sum() ** 2 / y.sum(), anp.sqrt(anp.abs(x.sum())) * y),
}


@pytest.mark.parametrize("name", CASES)
def test_cases(name):
    assert differs(compile(CASES[name]), (X, X[::-1] * 1.5)) is False


def test_single_precision_stays_single():
    x = X.astype("float32")
    compiled = compile(lambda x, rate: (anp.exp(x) * 0.1 - rate * x ** 2, x.sum(), x.sum(0)))
    found, expected = compiled(x, 0.3), compiled.f(x, 0.3)
    lowered(compiled)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, b, rtol=4e-7, atol=4e-7)


def test_special_values():
    x = np.asarray([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, -1.0])
    for f in (lambda x: anp.maximum(x, 0.0), lambda x: anp.sqrt(x), lambda x: x ** 2,
              lambda x: 1 / x, lambda x: anp.log(x), lambda x: x ** 0.5, lambda x: anp.sign(x),
              lambda x: anp.sum(x), lambda x: anp.max(x), lambda x: anp.floor(x),
              grad(lambda x: anp.sum(anp.where(x > 0, anp.sqrt(x), 0.0))),
              grad(lambda x: anp.sum(nn.ReLU()(Tensor(x) if not isinstance(x, Tensor) else x)))):
        compiled = compile(f)
        with np.errstate(all="ignore"):
            found, expected = np.asarray(compiled(x)), np.asarray(compile(f).f(x))
        lowered(compiled)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(np.signbit(found)[found == found],
                                      np.signbit(expected)[found == found])


def test_arguments_may_lie_anywhere_and_be_named_anything():
    def f(i, f4, exp, v0, i_=1.0):
        return i @ f4.T + exp * v0 * i_

    compiled = compile(f)
    wide = np.zeros((20, 9))
    wide[:, ::2][:, :4] = X
    frozen = X.copy()
    frozen.flags.writeable = False
    expected = f(X, X, 2.0, 3.0)
    for _ in range(2):
        for x in (X, wide[:, ::2][:, :4], np.asfortranarray(X), frozen):
            np.testing.assert_allclose(compiled(x, frozen, 2.0, 3.0, 1.0), expected, rtol=1e-13)
    assert len(compiled.signatures) == 1 and lowered(compiled)


def test_what_numba_refuses_runs_over_numpy(monkeypatch):
    def refuse(*_):
        raise numba.core.errors.TypingError("no")

    monkeypatch.setattr("autograd.compiling.loops.cache.compiled", refuse)
    with pytest.warns(RuntimeWarning, match="does not compile"):
        found = compile(lambda x: anp.tanh(x) * 7.0)(X)
    np.testing.assert_array_equal(found, np.tanh(X) * 7.0)


def test_the_loops_read_as_one_writes_them():
    compiled = compile(lambda x, y: anp.sum(anp.tanh(x) * y, axis=1))
    compiled(X, X)
    assert compiled.loops.splitlines()[1:] == [
        "    for i in range(20):",
        "        v0_sum = 0.0",
        "        for j in range(4):",
        "            v0_sum = plus(v0_sum, tanh(x[4 * i + j]) * y[4 * i + j])",
        "        out0[i] = v0_sum",
        "    return ()"]


def test_machine_code_is_for_the_first_kinds_alone(monkeypatch):
    monkeypatch.setattr("autograd.compiling.compiled.LOWERED", 2)
    compiled = compile(lambda x: anp.tanh(x) * 2.0)
    for n in (2, 3, 4):
        np.testing.assert_allclose(compiled(np.ones(n)), np.full(n, 2 * np.tanh(1.0)))
        assert (compiled.loops != "") is (n < 4)


def test_products_that_one_thread_does_sooner_give_the_threads_back():
    pool = threads.blas()
    before = pool.get_num_threads()
    pool.set_num_threads(2)
    try:
        square = rng.normal(size=(128, 128))
        compiled = compile(lambda x: anp.tanh(x @ x) * 2.0)
        with ThreadPoolExecutor(4) as several:
            for found in several.map(compiled, [square] * 20):
                np.testing.assert_allclose(found, compiled.f(square), rtol=1e-10)
        assert lowered(compiled).small and pool.get_num_threads() == 2
    finally:
        pool.set_num_threads(before)


def test_threads_have_memory_of_their_own():
    compiled = compile(lambda x: anp.sum(anp.tanh(x @ x.T) @ x, axis=1))
    inputs = [X * s for s in range(64)]
    expected = [compiled(x) for x in inputs]
    with ThreadPoolExecutor(8) as threads:
        for _ in range(5):
            for x, y in zip(threads.map(compiled, inputs), expected, strict=True):
                np.testing.assert_array_equal(x, y)


# -- training steps --------------------------------------------------------------------------------

OPTIMIZERS = [
    (nn.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}), (nn.Adagrad, {"lr_decay": 0.1}),
    (nn.RMSprop, {"centered": True, "momentum": 0.9, "weight_decay": 0.1}),
    (nn.Adam, {"amsgrad": True}), (nn.AdamW, {"betas": (0.0, 0.9)})]


def training(kind=nn.Adam, dtype="float32", **options):
    model = nn.Sequential(nn.Linear(4, 16, rng=0, dtype=dtype), nn.ReLU(),
                          nn.Linear(16, 3, rng=1, dtype=dtype))
    return model, kind(model.parameters(), **options)


@pytest.mark.parametrize("numba", [True, False])
@pytest.mark.parametrize("kind, options", OPTIMIZERS, ids=lambda x: getattr(x, "__name__", ""))
def test_a_step_changes_models_and_optimisers_in_place(kind, options, numba, monkeypatch):
    monkeypatch.setattr(machine, "available", lambda: numba)
    (model, optimizer), (twin, other) = training(kind, **options), training(kind, **options)
    fast, x = compile(step), X.astype("float32")
    held = [p.data for p in model.parameters()]
    for _ in range(5):
        found, expected = fast(model, optimizer, x, CLASSES), step(twin, other, x, CLASSES)
        assert type(found) is Tensor and not found.requires_grad
        np.testing.assert_allclose(found.data, expected.data, rtol=1e-6)
    assert all(p.data is data for p, data in zip(model.parameters(), held, strict=True))
    assert fast.signatures == [f"Sequential, {kind.__name__}, float32[20, 4], int64[20]"]
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        np.testing.assert_allclose(p.data, q.data, rtol=1e-5, atol=1e-6)
    mine, theirs = optimizer.state_dict()["state"], other.state_dict()["state"]
    assert [list(x) for x in mine.values()] == [list(x) for x in theirs.values()]
    for a, b in zip(leaves(mine), leaves(theirs), strict=True):
        assert type(a) is type(b)
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
    assert (fast._last.lowered is not None) is numba


def test_what_changes_between_steps_is_noticed():
    (model, optimizer), (twin, other) = training(), training()
    fast, x = compile(step), X.astype("float32")

    def both():
        for _ in range(2):
            a, b = fast(model, optimizer, x, CLASSES), step(twin, other, x, CLASSES)
            np.testing.assert_allclose(a.data, b.data, rtol=1e-5)
        return len(fast.signatures)

    assert both() == 1
    for o in (optimizer, other):
        o.param_groups[0]["lr"] = 0.05
    assert both() == 1                              # a rate is an input
    for m in (model, twin):
        m.parameters()[0].data = np.ones((16, 4), "float32")
    assert both() == 1                              # other arrays are other inputs
    for m, o in ((model, optimizer), (twin, other)):
        m.load_state_dict({name: x * 0.5 for name, x in m.state_dict().items()})
        step(m, o, x, CLASSES)                      # eager in between
    assert both() == 1
    for o in (optimizer, other):
        o.load_state_dict(o.state_dict())
    both()
    for o in (optimizer, other):
        o.param_groups[0]["betas"] = (0.5, 0.9)
    before = both()
    for m in (model, twin):
        m.layers[1] = nn.Tanh()
    assert both() == before + 1                     # another layer is another program
    with pytest.raises(ArgumentError, match="without the model"):
        compile(lambda o, x: o.step())(optimizer, x)


def test_a_program_for_one_shape_leaves_that_for_another():
    (model, optimizer), fast = training(), compile(step)
    for n in (20, 5, 20, 5, 20):
        fast(model, optimizer, X[:n].astype("float32"), CLASSES[:n])
    assert len(fast.signatures) == 2 and optimizer.state[0]["step"] == 5


def test_other_arrays_of_the_same_numbers_are_noticed():
    model = nn.Linear(1, 1, rng=0)
    optimizer = nn.Adam(model.parameters())
    fast = compile(lambda model, optimizer, x: step_of(model, optimizer, x))

    def step_of(model, optimizer, x):
        optimizer.zero_grad()
        loss = nn.mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
        return loss

    x = np.ones((4, 1))
    for _ in range(3):
        fast(model, optimizer, x)
    optimizer.load_state_dict(optimizer.state_dict())
    fast(model, optimizer, x)
    assert [state["step"] for state in optimizer.state] == [4, 4]


def test_a_model_alone_is_a_function_too():
    model, _ = training()
    predict = compile(lambda model, x: nn.Softmax()(model(x)))
    x = X.astype("float32")
    for _ in range(2):
        np.testing.assert_allclose(predict(model, x).data, nn.Softmax()(model(x)).data, rtol=1e-5)
        model.parameters()[0].data = model.parameters()[0].data * 2
    assert len(predict.signatures) == 1 and all(p.grad is None for p in model.parameters())


def test_a_model_itself_or_its_method_is_compiled():
    model, _ = training(dtype="float64")
    for f in (model, model.forward):
        fast = compile(f)
        np.testing.assert_allclose(fast(X).data, model(X).data, rtol=1e-12)
        model.layers[0].weight.data = model.layers[0].weight.data * 2.0
        np.testing.assert_allclose(fast(X).data, model(X).data, rtol=1e-12)
        assert len(fast.signatures) == 1
    strict = pytest.importorskip("array_api_strict")
    for p in model.parameters():
        p.replace(strict.asarray(p.data))
    with pytest.raises(ArgumentError, match=r"over PyTorch use torch\.compile"):
        compile(model)(X)


@pytest.mark.parametrize("kind", ["a buffer", "shared", "frozen", "without a gradient"])
def test_models_of_every_kind(kind):
    class Centred(nn.Module):
        def __init__(self):
            self.mean, self.linear = Tensor(np.zeros(4)), nn.Linear(4, 4, rng=0)

        def forward(self, x):
            x = x if isinstance(x, Tensor) else Tensor(x)
            self.mean.data = 0.9 * self.mean.data + 0.1 * x.data.mean(0)
            return self.linear(x - self.mean)

    def made():
        if kind == "a buffer":
            model = Centred()
        else:
            model = nn.Sequential(nn.Linear(4, 4, rng=0), "tanh", nn.Linear(4, 4, rng=1))
        if kind == "shared":
            model.layers[2].weight = model.layers[0].weight
        if kind == "frozen":
            model.layers[0].weight.requires_grad_(False)
        if kind == "without a gradient":
            model.other = Tensor(np.ones(3), requires_grad=True)
        return model, nn.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)

    (model, optimizer), (twin, other), fast = made(), made(), compile(step)
    for _ in range(3):
        found, expected = fast(model, optimizer, X, CLASSES), step(twin, other, X, CLASSES)
        np.testing.assert_allclose(found.data, expected.data, rtol=1e-12)
    mine, theirs = model.state_dict(), twin.state_dict()
    assert mine.keys() == theirs.keys() and len(fast.signatures) == 1
    for name, x in mine.items():
        np.testing.assert_allclose(x, theirs[name], rtol=1e-9, atol=1e-12)


def test_a_step_that_raises_while_it_is_traced_leaves_all_as_it_was():
    model, optimizer = training(dtype="float64")
    before, compiled = model.state_dict(), compile(lambda m, o, x: [step(m, o, x, CLASSES)][1])
    with pytest.raises(IndexError):
        compiled(model, optimizer, X)
    for name, x in model.state_dict().items():
        np.testing.assert_array_equal(x, before[name])
    assert not optimizer.state_dict()["state"] or all(
        s["step"] == 0 for s in optimizer.state_dict()["state"].values())


def test_a_warm_step_allocates_no_array():
    model, optimizer = training(dtype="float64")
    fast, x = compile(step), np.repeat(X, 500, axis=0)
    y = np.repeat(CLASSES, 500)
    for _ in range(3):
        fast(model, optimizer, x, y)
    tracemalloc.start()
    for _ in range(5):
        fast(model, optimizer, x, y)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000                             # x has 320,000 bytes


@pytest.mark.parametrize("options", [{}, {"clip_norm": 0.1, "schedule": lambda o: nn.StepLR(o, 1)}])
def test_fit_compiles(options):
    fits = []
    for compiling in (False, True):
        model, _ = training(dtype="float64")
        history = nn.fit(model, X, CLASSES, loss="cross_entropy", lr=0.01, epochs=3, batch_size=12,
                         seed=0, compile=compiling, quiet=True, **options)
        fits.append((history["loss"], [p.data for p in model.parameters()]))
    (losses, weights), (expected, others) = fits
    np.testing.assert_allclose(losses, expected, rtol=1e-10)
    for x, y in zip(weights, others, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-12)


# -- the cache -------------------------------------------------------------------------------------

PROGRAM = """
import numpy, autograd.numpy as np
from autograd import compile
f = compile(lambda x: np.sum(np.tanh(x) * 3.0, axis=1))
print(f(numpy.ones((5, 4))).tolist(), [sum(part.stats.cache_hits.values())
                                       for part, _ in f._last.lowered.compiled])
"""


@pytest.mark.parametrize("loss, y", [("cross_entropy", np.arange(20) % 7), (
    "binary_cross_entropy", np.full((20, 3), 1.5))])
def test_fit_looks_at_targets_before_it_compiles(loss, y):
    model = nn.Sequential(nn.Linear(4, 3, rng=0), nn.Sigmoid())
    before = model[0].weight.data.copy()
    for compiled in (False, True):
        with pytest.raises(ArgumentError, match=r"class index|target"):
            nn.fit(model, X, y, loss=loss, epochs=1, compile=compiled, quiet=True)
    np.testing.assert_array_equal(model[0].weight.data, before)


def test_another_process_finds_the_machine_code_even_a_damaged_one(tmp_path, monkeypatch):
    monkeypatch.setenv("WENGERT_CACHE", str(tmp_path))

    def run():
        return subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], check=True, text=True,
                              capture_output=True).stdout

    first, second = run(), run()
    assert first.endswith("[0]\n") and second.endswith("[1]\n")
    for file in tmp_path.glob("**/*.nb?"):
        file.write_bytes(file.read_bytes()[:50])
    assert run() == first and run() == second
    for file in tmp_path.glob("*.py"):
        file.write_text("half a pro")
    assert run() == second


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WENGERT_CACHE", str(tmp_path / "file"))
    compiled = compile(lambda x: anp.tanh(x) * 5.0)
    np.testing.assert_allclose(compiled(X), np.tanh(X) * 5.0)
    assert lowered(compiled)


def test_the_cache_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setenv("WENGERT_CACHE", str(tmp_path))
    monkeypatch.setattr("autograd.compiling.loops.cache.KEPT", 2)
    for n in (1.0, 2.0, 3.0):
        compile(lambda x, n=n: anp.tanh(x) * n)(X)
    assert len(list(tmp_path.glob("*.py"))) == 2
    assert len(list(tmp_path.glob("**/*.nbi"))) == 2
