"""A compiled function has the numbers of the function; its program is Python that people read."""

import inspect
import re
import traceback
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd.numpy as anp
import nn
from autograd import Tensor, Value, compile, grad, hessian, jvp, value_and_grad
from autograd.compiling import machine
from autograd.containers import leaves
from autograd.errors import ArgumentError, GraphError
from autograd.testing import random_program
from autograd.testing.peers import weights

rng = np.random.default_rng(0)
X, CLASSES = rng.normal(size=(20, 4)), rng.integers(0, 3, 20)
W, B = rng.normal(size=(4, 3)), np.zeros(3)


@pytest.fixture(autouse=True)
def without_numba(monkeypatch):
    """The program that is printed, as Python runs it; test_lowering.py is about machine code."""
    monkeypatch.setattr(machine, "available", lambda: False)


def loss(w, b, x, y):
    return nn.cross_entropy(anp.tanh(x @ w + b), y)


def same(found, expected):
    """The same to 4 ulp of the largest number: how NumPy adds up depends on how arrays lie."""
    for x, y in zip(leaves(found), leaves(expected), strict=True):
        assert type(x) is type(y)
        x, y = np.asarray(x), np.asarray(y)
        assert (x.shape, x.dtype) == (y.shape, y.dtype)
        with np.errstate(invalid="ignore"):
            room = 4 * np.spacing(np.max(abs(y), initial=0.0, where=np.isfinite(y)))
            assert ((abs(x - y) <= room) | (x == y) | ((x != x) & (y != y))).all()


# -- the numbers -----------------------------------------------------------------------------------

@pytest.mark.parametrize("seed", range(40))
def test_programs_and_their_derivatives_have_their_numbers(seed):
    program = random_program(seed, smooth=seed % 4 > 0)
    which = range(len(program.inputs))
    with np.errstate(all="ignore"):
        ends = weights(np.asarray(program.run("numpy")))

    def total(*xs):
        return anp.sum(program(*xs) * ends)

    def gradient_of_gradients(*xs):
        gradients = grad(total, which)
        return grad(lambda *ys: sum(anp.sum(g * g) for g in gradients(*ys)), which)(*xs)

    for f in (value_and_grad(total, which), gradient_of_gradients):
        compiled = compile(f)
        with np.errstate(all="ignore"):
            expected = f(*program.inputs)
        for _ in range(2):
            same(compiled(*program.inputs), expected)
        assert len(compiled.signatures) == 1


OPTIMIZERS = [
    (nn.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}), (nn.Adagrad, {"lr_decay": 0.1}),
    (nn.RMSprop, {"centered": True, "momentum": 0.9, "weight_decay": 0.1}),
    (nn.Adam, {"amsgrad": True}), (nn.AdamW, {"betas": (0.0, 0.9)})]


@pytest.mark.parametrize("kind, options", OPTIMIZERS, ids=lambda x: getattr(x, "__name__", ""))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_training_step_has_its_numbers(kind, options, dtype):
    runs = []

    def training():
        model = nn.Sequential(nn.Linear(4, 16, rng=0, dtype=dtype), nn.ReLU(),
                              nn.Linear(16, 3, rng=1, dtype=dtype))
        optimizer = kind(model.parameters(), **options)

        def step(x, y):
            runs.append(1)
            optimizer.zero_grad()
            value = nn.cross_entropy(model(x), y)
            value.backward()
            optimizer.step()
            return value

        return step, nn.Pure(step, model, optimizer)

    (step, _), (_, pure) = training(), training()
    fast, state, x = compile(pure), pure.state(), X.astype(dtype)
    for _ in range(5):
        state, found = fast(state, x, CLASSES)
        np.testing.assert_allclose(found, step(x, CLASSES).item(), rtol=4 * np.finfo(dtype).eps)
    assert len(runs) == 5 + 1


def test_what_comes_back_is_what_the_function_returns():
    def f(p, scale, *, power):
        x = p["x"]
        return {"a": (x * scale, [scale ** 2, x.sum()]), "b": None, "n": power, "t": Tensor([1.0])}

    given = ({"x": Tensor([1.0, 2.0])}, 3.0)
    found, expected = compile(f)(*given, power="two"), f(*given, power="two")
    assert list(found) == list(expected) and found["b"] is None and found["n"] == "two"
    same(found["a"][0].data, expected["a"][0].data)
    assert type(found["a"][1][0]) is float and found["a"][1][0] == 9.0
    same(found["t"].data, np.asarray([1.0]))
    same(compile(hessian(lambda x: anp.sum(anp.sin(x) * x)))(X[0]),
         hessian(lambda x: anp.sum(anp.sin(x) * x))(X[0]))
    same(compile(lambda x, t: jvp(anp.tanh, (x,), (t,)))(X, X), jvp(anp.tanh, (X,), (X,)))


def test_where_a_graph_is_wanted_the_function_itself_runs():
    squared = compile(lambda x: anp.sum(x * x))
    x = Tensor([1.0, 2.0], requires_grad=True)
    squared(x).backward()
    assert x.grad.tolist() == [2.0, 4.0] and squared(Value(3.0)).data == 9.0
    assert grad(squared)(np.asarray([3.0])).tolist() == [6.0] and not squared.signatures
    same(compile(lambda x: grad(squared)(x) + 1)(X), grad(squared)(X) + 1)


# -- the program -----------------------------------------------------------------------------------

def test_a_second_derivative_reads_as_one_writes_it():
    second = compile(grad(grad(lambda x: anp.sin(x) * x)))
    assert second(2.0) == grad(grad(lambda x: anp.sin(x) * x))(2.0)
    assert second.source.splitlines()[1:] == [
        "    v0 = cos(x)", "    v1 = -x * sin(x) + v0 + v0", "    return (v1,)"]


def test_the_program_runs_is_found_and_stands_in_tracebacks():
    compiled = compile(value_and_grad(loss, (0, 1)))
    compiled(W, B, X, CLASSES)
    source = compiled.source
    assert source.startswith("def loss(w, b, x, y):\n") and "np.tanh(" in source
    assert max(map(len, source.splitlines())) <= 100
    assert not re.search(r"Tensor|node|1\.0 \*|\* 1\.0|-\(-|keepdims=False", source)
    program = compiled._last.program
    assert inspect.getsource(program) == source
    try:
        program(W, B, X, None)
    except TypeError as error:
        assert "y" in traceback.extract_tb(error.__traceback__)[-1].line
    again = compile(value_and_grad(loss, (0, 1)))
    again(W, B, X, CLASSES)
    assert again.source == source


def test_a_training_step_has_the_names_of_its_state():
    model = nn.Sequential(nn.Linear(4, 16, rng=0), nn.ReLU(), nn.Linear(16, 3, rng=1))
    optimizer = nn.Adam(model.parameters())

    def step(x, y):
        optimizer.zero_grad()
        value = nn.mse_loss(model(x), y)
        value.backward()
        optimizer.step()
        return value

    compiled = compile(nn.Pure(step, model, optimizer))
    compiled(compiled.f.state(), X, np.zeros((20, 3)))
    source = compiled.source
    assert source.startswith("def step(layers_0_weight, layers_0_bias, layers_2_weight, ")
    assert "args0 @ np.matrix_transpose(layers_0_weight) + layers_0_bias" in source
    assert "exp_avg * 0.9" in source and "layers_2_bias - " in source
    named = compile(lambda values, **rest: values[0] + rest["if"] + rest["np"] + values[1])
    named([X, X], **{"if": 1.0, "np": 2.0})
    assert named.source.startswith("def program(values0, values1, if_, np_):")


def test_what_stands_twice_is_computed_once_and_what_nobody_needs_not_at_all():
    def f(x):
        anp.exp(x)
        return anp.sin(x) * 2.0 + anp.sin(x) * 3.0

    compiled = compile(f)
    compiled(X)
    assert compiled.source.count("sin") == 1 and "exp" not in compiled.source


# -- kinds of arguments ----------------------------------------------------------------------------

def test_another_kind_is_another_program_and_only_then():
    runs = []

    def f(x, n, mode):
        runs.append(1)
        return x * n if mode == "times" else x + n

    compiled = compile(f)
    for x, n, mode in ((X, 2.0, "times"), (X + 1, 3.0, "times"), (X[:2], 3.0, "times"),
                       (X, 2.0, "plus"), (X.astype("float32"), 2.0, "plus"), (X, 5.0, "times"),
                       (Tensor(X), 2.0, "plus"), (X, 2, "times"), (X, 3, "times")):
        found, expected = compiled(x, n, mode), f(x, n, mode)
        same(getattr(found, "data", found), getattr(expected, "data", expected))
    assert len(runs) == 9 + 6 and len(compiled.signatures) == 6
    assert compiled.signatures[:2] == ["float64[20, 4], float, 'times'",
                                       "float64[2, 4], float, 'times'"]


def test_static_arguments_may_decide():
    def power(x, n):
        result = x
        for _ in range(n - 1):
            result = result * x
        return result

    compiled = compile(power, static="n")
    assert compiled(2.0, 3) == 8.0 and compiled(3.0, 2) == 9.0 and compiled(2.0, n=3) == 8.0
    assert compiled(2, 2) == 4 and compiled(3, 2) == 9      # the same 2 in both places
    assert compiled.signatures[-2:] == ["float, 3", "int, 2"]
    with pytest.raises(GraphError, match=r"asks for numbers(.|\n)*help: .*static"):
        compile(power)(2.0, 3)
    with pytest.raises(ArgumentError, match=r"static=m\nhelp: it takes x, n"):
        compile(power, static=["m"])


@pytest.mark.parametrize("cure, f", [
    ("write where", lambda x: x if x.sum() > 0 else -x),
    ("write where", lambda x: 1.0 if x[0] > 0 else 0.0),
    ("np.sin", lambda x: float(x.sum())), ("np.sin", lambda x: float(x[0])),
    ("np.sin", lambda x: Tensor(x).tolist()), ("np.sin", lambda x: Tensor(x.sum()).item()),
    ("static", lambda x: [0, 1][int(x.sum() > 0)]), ("static", lambda x: anp.ones(int(x[0]))),
    ("np.stack", lambda x: np.asarray(x)), ("np.stack", lambda x: np.array([x[0], x[1]])),
    ("return", lambda x: x.tolist()), ("return", lambda x: f"{x[0]:.2f}")])
def test_branches_on_numbers_are_refused(cure, f):
    with pytest.raises(GraphError, match=rf"asks for numbers(.|\n)*help: .*{cure}"):
        compile(f)(np.ones(3))


def test_functions_of_numpy_are_compiled_too():
    def f(x):
        y = np.sin(x) * 2.0 + np.linalg.norm(x, axis=1)[:, None] - np.exp(X)
        return np.concatenate([y.reshape(-1), (X * x).T.sum(axis=0), x.mean(1)]), np.where(
            x > 0, x, 0.0).max()

    compiled = compile(f)
    same(compiled(X), f(X))
    assert "exp" not in compiled.source
    with pytest.raises(GraphError, match=r"x\[...\] = values(.|\n)*help: write x = x.at"):
        compile(lambda x: x.__setitem__(0, 1.0))(X)
    with pytest.raises(GraphError, match="no out="):
        compile(lambda x: np.add(x, x, out=np.empty(X.shape)))(X)


def test_programs_are_bounded_and_the_oldest_goes():
    compiled = compile(lambda x: x + 1.0)
    for n in range(200):
        compiled(np.ones(n))
    assert len(compiled._programs) == len(compiled.signatures) == 64
    assert compiled.signatures[-1] == "float64[199]"


def test_threads_trace_once():
    runs = []
    compiled = compile(lambda x: runs.append(1) or anp.sum(anp.tanh(x) * x))
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(compiled, [X] * 64))
    assert len(runs) == 1 and len(set(found)) == 1


@pytest.mark.parametrize("x, says", [
    ([], None), (bytearray(b"1"), "static="), (lambda: None, None)])
def test_what_is_taken(x, says):
    compiled = compile(lambda x: anp.asarray(1.0))
    if says is None:
        assert compiled(x) is not None
    else:
        with pytest.raises(ArgumentError, match=says):
            compiled(x)


def test_what_cannot_be_compiled_says_so():
    strict = pytest.importorskip("array_api_strict")
    with pytest.raises(ArgumentError, match=r"over PyTorch use torch.compile"):
        compile(anp.sin)(strict.ones(3))
    with pytest.raises(ArgumentError, match="give it a function"):
        compile(3)
    with pytest.raises(GraphError, match="no program yet"):
        _ = compile(anp.sin).source
    w = Tensor([1.0], requires_grad=True)
    with pytest.raises(GraphError, match=r"not one of its arguments\nhelp: pass it in"):
        compile(lambda x: x * w)(np.ones(1))
    layer = nn.Dropout(0.5, rng=0)
    with pytest.raises(GraphError, match=r"drawn while it is traced"):
        compile(lambda x: layer(Tensor(x)))(np.ones(3))
