"""The fuzzer: right engines give no findings, a wrong rule gives a small file that runs."""

import contextlib
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from autograd.primitive import find
from autograd.testing import planted
from autograd.testing.fuzz import differs, fuzz
from autograd.testing.growing import random_program


def test_right_derivatives_give_no_findings(tmp_path):
    pytest.importorskip("torch", reason="pip install torch")
    done = fuzz(5.0, ("torch", "numpy"), first=100, last=112, folder=tmp_path)
    assert done.programs == 12 and done.seed == 112 and done.findings == []


def test_a_wrong_rule_is_found_shrunk_and_kept_as_a_program(tmp_path):
    pytest.importorskip("torch", reason="pip install torch")
    with planted(find("tanh"), "100 times too large"):
        done = fuzz(5.0, ("torch",), first=0, last=60, folder=tmp_path)
        assert done.findings
        text = min((path.read_text() for path in done.findings), key=len)
        assert "tanh" in text and text.count(" = np.") + text.count(" = torch.") <= 6
        with contextlib.redirect_stdout(None):
            exec(compile(text, "finding", "exec"), {})


def test_rounding_alone_is_no_finding():
    program = next(p for p in map(random_program, range(100)) if len(p.steps) > 3)
    noisy = type(program)(tuple(x * (1 + 2e-16) for x in program.inputs), program.steps)
    assert not differs(noisy, "numpy") and all(np.isfinite(x).all() for x in noisy.inputs)


def fuzzing(*words, cwd=None):
    """The command with these words."""
    path = os.pathsep.join(sys.path)
    return subprocess.run([sys.executable, "-m", "autograd.testing", "fuzz", *words], cwd=cwd,
                          capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})


@pytest.mark.parametrize("words", [
    ["--minutes", "0"], ["--against", "cobol"], ["--seeds", "a:b"], ["--seeds", "foo"],
    ["--import", "no_such_module"], ["--ops", "sine"], ["--seeds", "10:5"], ["--minutes", "nan"],
    ["--folder", __file__]])
def test_bad_words_are_one_line(words):
    done = fuzzing(*words)
    assert done.returncode == 2 and done.stderr.startswith("fuzz: ")
    assert len(done.stderr.splitlines()) <= 2 and "Traceback" not in done.stderr


MINE = """
from autograd import elementwise
from autograd.testing import register

fuzzed_cube = elementwise("fuzzed_cube", lambda g, x: g * 2 * x * x,
                          forward=lambda xp, x: x * x * x)
register(fuzzed_cube)
"""


def test_ones_own_operation_is_fuzzed_and_the_finding_runs_in_a_new_process(tmp_path):
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    done = fuzzing("--import", "mine", "--ops", "fuzzed_cube,add", "--against", "numpy", "--seeds",
                   "0:3", cwd=tmp_path)
    assert done.returncode == 1 and " a second, seeds 0:3, " in done.stdout, done.stderr
    finding = min((tmp_path / "findings").iterdir())
    assert "from mine import fuzzed_cube\n" in finding.read_text(encoding="utf-8")
    again = subprocess.run([sys.executable, str(finding)], capture_output=True, text=True, env={
        **os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])})
    assert again.returncode == 0 and "check_gradients of program: fail" in again.stdout


RAISING = """
from autograd import Tensor
from autograd.testing import register

def picky(x):
    if isinstance(x, Tensor):
        raise ZeroDivisionError("picky")
    return x * 2.0

def broken(x):
    if x.shape[:1] == (3,):
        raise ZeroDivisionError("broken")
    return x * 2.0

register(picky)
register(broken)
"""


def test_what_raises_is_a_finding_and_names_its_seed(tmp_path):
    (tmp_path / "mine.py").write_text(RAISING, encoding="utf-8")
    words = ["--import", "mine", "--against", "numpy", "--seeds", "0:40"]
    done = fuzzing(*words, "--ops", "picky,add", "--seeds", "0:2", cwd=tmp_path)
    assert done.returncode == 1 and done.stderr == ""
    text = (tmp_path / "findings" / "numpy_0.py").read_text(encoding="utf-8")
    assert text.startswith("# seed 0: ZeroDivisionError: picky\n") and text.count("picky(") == 1
    done = fuzzing(*words, "--ops", "broken", cwd=tmp_path)
    assert done.returncode == 2 and re.match(
        r"fuzz: an operation raises in the program of seed \d+: Zero.*\nhelp: .*\n$", done.stderr)


def test_an_interrupt_ends_it_as_time_does(tmp_path, monkeypatch):
    def interrupted(program, engine):
        nonlocal asked
        asked += 1
        if asked == 3:
            raise KeyboardInterrupt
        return False

    asked = 0
    monkeypatch.setattr("autograd.testing.fuzz.differs", interrupted)
    done = fuzz(5.0, ("numpy",), first=7, folder=tmp_path)
    assert (done.programs, done.seed, done.findings) == (2, 9, [])
