"""The pytest plugin, by pytest's own means for that, and the programs of docs/testing.md."""

import linecache
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

import autograd.testing.plugin
from autograd.testing import check_gradients
from autograd.testing.table import TABLE, rows

pytest_plugins = "pytester"
ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
TOP = """
import numpy
import pytest
import autograd
import autograd.numpy as np
from autograd import Tensor, Value, custom_gradient
from autograd.testing import assert_gradients as assert_them, check_derivatives, random_program
from autograd.testing.strategies import arrays, floats, programs
from hypothesis import Phase, given, settings

settings.register_profile("quick", max_examples=20, derandomize=True, database=None,
                          phases=[Phase.explicit, Phase.generate])
settings.load_profile("quick")
X = numpy.array([0.3, -1.2, 2.5])
wrong = custom_gradient(lambda g, x: g * 2.5 * x)(lambda x: x * x)

"""


@pytest.fixture
def suite(pytester):
    """Run the tests of a source with the plugin; what pytest is given beside."""
    def run(source, *options, ini=""):
        pytester.makepyfile(test_it=TOP + source)
        pytester.makeini(f"[pytest]\n{ini}")
        return pytester.runpytest("-p", "pytest_wengert", "-p", "no:randomly", *options)

    return run


# -- derivatives -----------------------------------------------------------------------------------

CHECKS = """
def test_right(assert_gradients):
    assert_gradients(lambda x: np.sin(x) * x, X)

def test_wrong(assert_gradients):
    assert_gradients(lambda x: np.sum(wrong(x)), X)

@check_derivatives(2.0, X)
def test_right_function(x, y):
    return np.sum(x * np.sin(y))

@check_derivatives(2.0)
def test_wrong_function(x):
    return wrong(x)

@check_derivatives(0.0)
def test_inconclusive_function(x):
    return np.sqrt(x)

@check_derivatives(floats(domain=(0.0, 9.0), extreme=False), arrays((2,), elements=floats((0, 1))))
def test_right_wherever_there_is_a_derivative(x, y):
    return np.sqrt(x) + np.sum(y)

@check_derivatives(floats((-3.0, 3.0)), 2.0, order=1)
def test_wrong_where_drawn(x, y):
    return np.where(x > 1.0, wrong(x), x * x) * y
"""


def test_functions_become_tests_of_their_derivatives(suite):
    result = suite(CHECKS, "-q")
    result.assert_outcomes(passed=3, failed=4)
    text = result.stdout.str()
    for name in ("wrong", "wrong_function", "inconclusive_function", "wrong_where_drawn"):
        assert re.search(rf"FAILED test_it.py::test_{name}\b", text)
    assert "expected 6 " not in text and "first operation that is wrong by itself: " in text
    assert re.search(r"test_wrong_where_drawn\(\n?.*x=", text, re.DOTALL)
    assert "E           def test_wrong_function(x):" in text      # the program, undecorated


def test_the_parameters_are_no_fixtures(suite):
    suite("""
@check_derivatives(2.0)
def test_named(request):
    return request * request
""").assert_outcomes(passed=1)


OTHERS = """
@pytest.fixture
def two():
    return 2.0

@pytest.mark.parametrize("k", [1.0, 3.0])
@check_derivatives(2.0)
def test_of_parameters(x, k, two):
    assert two == 2.0
    return np.sin(x) * k if k < 2 else wrong(x) * k

class TestMethods:
    scale = 2.0

    @check_derivatives(2.0)
    def test_given(self, x, two):
        return x * self.scale * two

    @pytest.mark.parametrize("k", [1.0, 3.0])
    @check_derivatives(floats((1.0, 2.0)))
    def test_drawn(self, x, k):
        return wrong(x) * self.scale if k > 2 else x * self.scale
"""


def test_other_parameters_are_fixtures_and_methods_have_their_object(suite):
    result = suite(OTHERS, "-q")
    result.assert_outcomes(passed=3, failed=2)
    text = result.stdout.str()
    assert re.search(r"FAILED test_it.py::test_of_parameters\[3.0\]", text)
    assert re.search(r"FAILED test_it.py::TestMethods::test_drawn\[3.0\]", text)


OUTSIDE = """
import math
from hypothesis.strategies import sampled_from

@check_derivatives(sampled_from([0.0, 2.0]))
def test_a_pole(x):
    return 1 / x

@check_derivatives(sampled_from([1e200, 2.0]))
def test_an_overflow(x):
    return x ** 3

@check_derivatives(sampled_from([-1.0, 2.0]), gradient=lambda x: 0.5 / math.sqrt(x))
def test_a_domain(x):
    return math.sqrt(x)

@check_derivatives(floats((1.0, 2.0)))
def test_another_error(x):
    raise ValueError("not of the domain")
"""


MARKS = """
from hypothesis import strategies as st

@check_derivatives(2.0)
@pytest.mark.skip(reason="marked below")
def test_skipped(x):
    return wrong(x)

@pytest.mark.xfail
@check_derivatives(floats((1.0, 2.0)))
@pytest.mark.parametrize("k", [1.0, 3.0])
def test_both(x, k):
    return wrong(x) * k

class TestMethods:
    @classmethod
    @check_derivatives(2.0)
    def test_of_the_class(cls, x):
        assert cls is TestMethods
        return x * x

    @staticmethod
    @check_derivatives(2.0)
    def test_static(x):
        return x * x

@check_derivatives([floats((1.0, 2.0)), 2.0], {"k": floats((1.0, 2.0))}, 3)
def test_inside_containers(xs, d, n):
    return xs[0] * xs[1] * d["k"] ** n

@check_derivatives(st.integers())
def test_integers(x):
    return x * 1.0

@check_derivatives(arrays())
def test_some_are_empty(x):
    return np.sum(np.cos(x / 1e301))
"""


def test_marks_methods_and_what_is_drawn(suite):
    result = suite(MARKS)
    result.assert_outcomes(passed=4, failed=1, skipped=1, xfailed=2)
    text = result.stdout.str()
    assert "integers have no derivative" in text and "FailedHealthCheck" not in text


def test_where_arithmetic_fails_is_drawn_again(suite):
    result = suite(OUTSIDE)
    result.assert_outcomes(passed=3, failed=1)
    assert "not of the domain" in result.stdout.str()


@pytest.mark.parametrize("source, said", [
    ("@check_derivatives\ndef test_it(x):\n    return x\n", "check_derivatives without arguments"),
    ("@check_derivatives()\ndef test_it():\n    return 1\n", "check_derivatives without arguments"),
    ("@check_derivatives(1.0, 2.0)\ndef test_it(x):\n    return x\n",
     "2 arguments for test_it(x)")])
def test_misuse_is_said_at_once(suite, source, said):
    result = suite(source)
    result.assert_outcomes(errors=1)
    assert said in result.stdout.str() and "fixture '" not in result.stdout.str()


# -- what failed is kept ---------------------------------------------------------------------------

FAILING = """
def test_it():
    assert_them(lambda x: np.sum(wrong(x)), X)

@settings(deadline=None)
@given(programs(ops=("multiply", "sin"), max_ops=3))
def test_program(program):
    assert_them(lambda *xs: wrong(program(*xs)), *program.inputs, order=1)

def test_random_program():
    program = random_program(3, scalars=True)
    assert_them(program, *program.inputs, gradient=lambda *xs: tuple(0 * x - 9 for x in xs))
"""


def test_graph_and_program_of_a_failure_are_kept(suite, pytester):
    result = suite(FAILING, ini="autograd_failures = kept")
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines([f"*kept in {pytester.path / 'kept'}: test_it_py_test_it.py, "
                                 "test_it_py_test_it.svg"])
    kept = {path.name: path.read_text(encoding="utf-8") for path in
            (pytester.path / "kept").iterdir()}
    assert len(kept) == 6
    assert kept["test_it_py_test_it.svg"].lstrip().startswith("<") and "sum" in kept[
        "test_it_py_test_it.svg"]
    assert "f = lambda x: np.sum(wrong(x))" in kept["test_it_py_test_it.py"]
    assert "def program(" in kept["test_it_py_test_random_program.py"]
    compile(kept["test_it_py_test_random_program.py"], "kept", "exec")


def test_without_a_folder_it_is_pytests_own(suite, pytester, tmp_path):
    result = suite(FAILING, "-k", "not program", f"--basetemp={tmp_path / 'base'}")
    assert "kept in " in result.stdout.str()
    assert (tmp_path / "base" / "autograd" / "test_it_py_test_it.svg").exists()
    assert not (pytester.path / "kept").exists()


def test_a_folder_that_cannot_be_is_a_note(suite, pytester):
    (pytester.path / "file").write_text("", encoding="utf-8")
    result = suite(FAILING, "-k", "not program", ini="autograd_failures = file")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*its program is not kept: *file*"])


def test_other_failures_are_left_alone(suite, pytester):
    result = suite("def test_it():\n    assert 1 == 2\n", "-p", "no:tmpdir")
    result.assert_outcomes(failed=1)
    assert "kept in" not in result.stdout.str()


# -- leaks -----------------------------------------------------------------------------------------

LEAKS = """
HELD = []

@pytest.fixture
def model():
    w = Value(2.0)
    return {"w": w, "loss": w * w}

def test_modes(no_leaks):
    autograd.no_grad().__enter__()

def test_debug(no_leaks):
    autograd.debug().__enter__()

def test_results(no_leaks):
    HELD.append(Tensor(X, requires_grad=True) * 2.0)

def test_fine(no_leaks, model):
    (model["loss"] * 3.0).backward()
    HELD.append(Value(1.0) + 1.0)
    HELD[-1] = HELD[-1].data

def test_a_failure_of_its_own(no_leaks):
    y = Value(1.0) + 1.0
    assert y.data == 1.0

@given(floats())
def test_drawn(no_leaks, x):
    (Value(x) * 2.0).backward()

@given(floats())
@settings(max_examples=5)
def test_drawn_and_held(no_leaks, x):
    HELD.append(Value(x) * 2.0)

def test_a_cycle_is_no_leak(no_leaks):
    held = [Value(1.0) + 1.0]
    held.append(held)

class TestMethods:
    def test_its_own_attributes_go_with_it(self, no_leaks):
        self.y = [Value(1.0) + 1.0]
        self.y[0].z = Tensor(X, requires_grad=True) * 2.0

    def test_others_stay(self, no_leaks, request):
        self.request = request
        HELD.append(Value(1.0) + 1.0)
"""


def test_a_test_that_leaks_fails(suite):
    result = suite(LEAKS)
    result.assert_outcomes(passed=4, failed=6)
    text = result.stdout.str()
    assert "gradients are off, debug mode is off, and 1 blocks" in text
    assert "gradients are on, debug mode is on, and 1 blocks" in text
    assert "1 recorded results are alive after this test: multiply = array of shape (3,)" in text
    assert "assert 2.0 == 1.0" in text


def test_nothing_is_asked_of_tests_that_did_not_ask(suite):
    source = """
HELD = []

def test_results():
    HELD.append(Value(2.0) * 2.0)
"""
    suite(source).assert_outcomes(passed=1)
    suite(source, ini="autograd_no_leaks = true").assert_outcomes(failed=1)


# -- at pytest's start -----------------------------------------------------------------------------

BARE = """
import sys
import pytest_wengert
assert not {"autograd", "numpy"} & set(sys.modules)
del sys.modules["pytest_wengert"]

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("scipy", "torch", "jax", "matplotlib", "IPython", "mpmath"):
            raise ModuleNotFoundError(f"no {name} on this machine")

sys.meta_path.insert(0, Absent())
import pytest
sys.exit(pytest.main(["-p", "pytest_wengert", "-p", "no:cacheprovider", "-q", *sys.argv[1:]]))
"""


def test_with_pytest_and_hypothesis_alone(tmp_path):
    (tmp_path / "test_it.py").write_text(TOP + CHECKS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-c", BARE, "-k", "right_wherever or wrong_function"]
    done = subprocess.run(
        [*command, f"--basetemp={tmp_path / 't'}"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": path})
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert (tmp_path / "t" / "autograd" / "test_it_py_test_wrong_function.svg").exists()


def test_pytest_finds_it_where_it_is_installed():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points.pytest11]\npytest_wengert = "pytest_wengert"' in text
    assert autograd.testing.plugin.check_derivatives is autograd.testing.check_derivatives


# -- the page --------------------------------------------------------------------------------------

def run(program, scope):
    """Execute a program that can be read, as one in a file."""
    name = f"testing.md, {zlib.crc32(program.encode())}"
    linecache.cache[name] = len(program), None, program.splitlines(keepends=True), name
    exec(compile(program, name, "exec"), scope)


def errors(text):
    """A report without its estimates of errors, which follow the processor."""
    return re.sub(r"± \S+,", "±,", text)


def library(program):
    """The library that a program of the page tests."""
    return next((name for name in ("torch", "jax") if f"import {name}\n" in program), "")


@pytest.fixture
def own_operations():
    """What a program registers is gone after its test."""
    before = dict(TABLE)
    yield
    for name in set(TABLE) - set(before):
        del TABLE[name]
    rows.cache_clear()


@pytest.mark.parametrize("name", ["", "torch", "jax"])
def test_the_programs_of_the_page_run_and_print_what_it_says(name, capsys, own_operations):
    scope = {"x": np.array([0.3, -1.2, 2.5]), "check_gradients": check_gradients}
    if name:
        pytest.importorskip(name, reason=f"pip install {name}")
    programs = [(program, printed) for program, printed in re.findall(
        r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", PAGE, re.DOTALL)
        if library(program) == name and "def test_" not in program]
    assert len(programs) >= (1 if name else 6)
    for program, printed in programs:
        run(program, scope)
        said = capsys.readouterr().out
        assert not printed or errors(said) == errors(printed)


def test_the_tests_of_the_page_pass(suite):
    tests = [program for program in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
             if "def test_" in program]
    assert len(tests) >= 2
    for source in tests:
        result = suite(source)
        assert result.ret == 0 and result.parseoutcomes().get("passed"), result.stdout.str()
