"""What a team of threads computes is what one thread does, and no team is lost for good."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import test_lowering
from classifying import CLASSES, X, step
from test_lowering import CASES, differs, lowered, rng, training

import autograd.numpy as anp
from autograd import compile
from autograd.compiling.loops import team, text

numba = pytest.importorskip("numba", reason="pip install wengert[jit]")
cache = test_lowering.cache


@pytest.fixture
def pair(monkeypatch):
    """Two threads share every loop, however small."""
    monkeypatch.setattr(team, "size", lambda: 2)
    monkeypatch.setattr(team, "LARGE", 0)
    monkeypatch.setattr(text, "SMALL", 1)
    monkeypatch.setattr(text, "FEW", 2)
    return team.office


def shared(compiled, *args):
    """What a compiled function returns, which a team has to have made."""
    found = compiled(*args)
    assert "meet(desk, team)" in lowered(compiled).source
    return found


@pytest.mark.parametrize("name", ["a chain", "views", "a reshape of a transpose", "sums",
                                  "sums of three axes", "products of vectors", "logic"])
def test_what_a_team_computes(name, pair):
    compiled = compile(CASES[name])
    assert differs(compiled, (X, X[::-1] * 1.5)) is False
    shared(compile(CASES[name]), X, X[::-1] * 1.5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("axis", [None, 0, 1, 2, (0, 1), (0, 2), (1, 2)])
def test_reductions_of_a_team(axis, dtype, pair):
    x = rng.normal(size=(5, 3, 7)).astype(dtype)

    def f(x):
        y = x * 2
        return [r(y, axis=axis) for r in (anp.sum, anp.mean, anp.max, anp.min)] + [
            anp.any(y > 3, axis=axis), anp.all(y > -3, axis=axis)]

    for found, expected in zip(shared(compile(f), x), f(x), strict=True):
        assert found.dtype == np.asarray(expected).dtype and found.shape == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=0, atol=100 * np.finfo(dtype).eps)


@pytest.mark.parametrize("shapes", [(6, 4, 9), (9, 4, 6), (1, 5, 8), (8, 5, 1), (2, 300, 70)])
def test_products_of_a_team(shapes, pair, monkeypatch):
    monkeypatch.setattr(text, "EACH", 0)
    monkeypatch.setattr(team, "EACH", 10**6)
    m, k, n = shapes
    x, y = rng.normal(size=(m, k)), rng.normal(size=(k, n))
    for f in (lambda x, y: x @ y + 1, lambda x, y: (y.T @ x.T) * 2,
              lambda x, y: np.copy(x.T).T @ np.copy(y.T).T - 1):
        np.testing.assert_allclose(shared(compile(f), x, y), f(x, y), rtol=1e-12, atol=1e-12)
    x, y = x.T.copy(), y.T.copy()                       # each turned
    for f in (lambda x, y: x.T @ y.T + 1, lambda x, y: (y @ x) * 2):
        np.testing.assert_allclose(shared(compile(f), x, y), f(x, y), rtol=1e-12, atol=1e-12)


def test_training_by_a_team_is_training(pair):
    together, alone = training(dtype="float64"), training(dtype="float64")
    compiled = compile(step)
    for _ in range(5):
        found = shared(compiled, *together, X, CLASSES)
        np.testing.assert_allclose(found.data, step(*alone, X, CLASSES).data, rtol=1e-12)


def test_a_team_serves_many_threads_in_turn(pair):
    step = compile(lambda x: anp.sum(anp.exp(x) * x, axis=0))
    expected = shared(step, X)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: step(X), range(200)):
            np.testing.assert_array_equal(found, expected)


def test_a_call_that_is_interrupted_sends_the_team_home(pair):
    def interrupted():
        raise KeyboardInterrupt

    from autograd.compiling.loops import functions

    waiting = numba.njit(lambda desk, me, team: functions.meet(desk, team), nogil=True)
    step = compile(lambda x: anp.exp(x) * x)
    expected = shared(step, X)
    before = pair.team
    with pytest.raises(KeyboardInterrupt):              # before one of the two is there
        pair.run(2, lambda *memory: interrupted() if memory[-2] == 0 else waiting(*memory))
    with pytest.raises(ZeroDivisionError):
        pair.run(2, lambda *memory: 1 // memory[-2] if memory[-2] == 0 else None)
    np.testing.assert_array_equal(step(X), expected)
    assert pair.team is not before


def test_a_child_process_hires_its_own_team():
    code = (
        "import os, numpy as np, autograd.numpy as anp; from autograd import compile\n"
        "from autograd.compiling.loops import team\n"
        "team.size, team.LARGE = (lambda: 2), 0\n"
        "f = compile(lambda x: anp.exp(x) * x); x = np.ones((300, 300)); expected = f(x)\n"
        "child = os.fork()\n"
        "if not child: os._exit(int(not np.array_equal(f(x), expected)))\n"
        "assert os.waitpid(child, 0)[1] == 0 and np.array_equal(f(x), expected)\n"
        "assert 'meet' in f.loops")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
