"""What conftest.py promises: skips that fail, and modes that do not leak."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent

SKIPPING = """
import pytest

def test_without_an_oracle():
    pytest.importorskip("no_such_module", reason="install no_such_module")

@pytest.mark.xfail(strict=True)
def test_known_to_fail():
    raise AssertionError
"""
SKIPPING_WHOLE = "import pytest\npytest.importorskip('no_such_module', reason='install it')\n"
LEAKING = """
import autograd

def test_leaks():
    autograd.no_grad().__enter__()

def test_after():
    pass
"""


def run(folder, source, **environment):
    """Run pytest on one test file beside a copy of conftest.py."""
    shutil.copy(HERE / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(source)
    path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    kept = {k: v for k, v in os.environ.items() if k != "WENGERT_REQUIRE_ALL"}
    return subprocess.run([sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"],
                          cwd=folder, capture_output=True, text=True,
                          env={**kept, "PYTHONPATH": path, **environment})


@pytest.mark.parametrize("source", [SKIPPING, SKIPPING_WHOLE])
def test_a_skip_passes_and_says_what_to_install(tmp_path, source):
    done = run(tmp_path, source)
    assert done.returncode in (0, 5), done.stdout       # 5: nothing but the skip was collected
    assert "install" in done.stdout and "1 skipped" in done.stdout


@pytest.mark.parametrize("source", [SKIPPING, SKIPPING_WHOLE])
def test_a_skip_fails_where_all_is_required(tmp_path, source):
    done = run(tmp_path, source, WENGERT_REQUIRE_ALL="1")
    assert done.returncode in (1, 2), done.stdout
    assert "allows no skip" in done.stdout and "skipped" not in done.stdout.splitlines()[-1]


def test_a_leaked_mode_fails_the_test_that_leaked_it(tmp_path):
    done = run(tmp_path, LEAKING)
    assert done.returncode == 1 and "this test left gradients off" in done.stdout
