"""The report of the BLAS, and the choice of a kernel that the processor can run, and no other."""

import os
import subprocess
import sys

import numpy
import pytest

from autograd import blas

OPENBLAS = {"internal_api": "openblas", "user_api": "blas", "version": "0.3.31", "num_threads": 2,
            "filepath": "/somewhere/numpy.libs/libopenblas.so", "architecture": "Haswell"}
WIDE = {"X86_V2", "X86_V3", "X86_V4"}


@pytest.fixture
def lesser(monkeypatch):
    """OpenBLAS took a processor with AVX-512 for a Haswell."""
    monkeypatch.setattr(blas, "pools", lambda: [OPENBLAS])
    monkeypatch.setattr(blas, "features", lambda: WIDE)
    monkeypatch.delenv(blas.CHOICE, raising=False)


@pytest.mark.parametrize("kernel", ["Haswell", "Zen", "Prescott", "Sandybridge"])
@pytest.mark.parametrize("features", [WIDE, {"SSE2", "AVX512F", "AVX512CD", "AVX512_SKX"}])
def test_a_lesser_kernel_on_a_wide_processor_has_a_better_one(kernel, features):
    assert blas.better_kernel({**OPENBLAS, "architecture": kernel}, features) == "SkylakeX"


@pytest.mark.parametrize("features", [
    set(), {"X86_V2", "X86_V3"}, {"SSE2", "AVX2", "FMA3"}, {"ASIMD", "SVE"},
    {"AVX2", "AVX512F", "AVX512CD", "AVX512_KNL", "AVX512_KNM"}],      # no BW, DQ and VL
    ids=["unknown", "AVX2", "AVX2 before NumPy 2.4", "ARM", "Knights Landing"])
def test_no_kernel_is_named_that_the_processor_cannot_run(features):
    assert blas.better_kernel(OPENBLAS, features) is None


@pytest.mark.parametrize("pool", [{"architecture": "SkylakeX"}, {"architecture": "Cooperlake"},
                                  {"architecture": "SapphireRapids"}, {"internal_api": "mkl"}])
def test_a_good_kernel_and_another_library_are_left_alone(pool):
    assert blas.better_kernel({**OPENBLAS, **pool}, WIDE) is None


def test_the_features_are_those_of_this_processor():
    found = blas.features()
    assert all(name == name.upper() for name in found)
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        with open("/proc/cpuinfo") as file:
            flags = next(line for line in file if line.startswith("flags")).split()
        needed = {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}
        assert (not blas.NEEDED & found) or needed <= set(flags)


def test_the_kernel_that_was_chosen_is_the_kernel_in_use():
    """What SkylakeX is to OpenBLAS; where the processor cannot run it, nothing is computed."""
    if not any(pool["internal_api"] == "openblas" for pool in blas.pools()):
        return
    program = "import numpy; from autograd import blas; print(blas.pools()[0]['architecture'])"
    for kernel in ("SkylakeX", "Haswell"):
        if kernel == "Haswell" or blas.NEEDED & blas.features():
            done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True,
                                  env={**os.environ, blas.CHOICE: kernel}, check=True)
            assert done.stdout.strip() == kernel


def test_the_report_names_the_library_the_kernel_and_the_better_one(lesser, monkeypatch):
    first, second, third = blas.report()
    assert first == "openblas 0.3.31, kernel Haswell, threads: 2, in numpy.libs"
    assert second == "this processor can run the kernel SkylakeX, which is faster"
    assert third.startswith("help: set OPENBLAS_CORETYPE=SkylakeX before Python starts")
    monkeypatch.setattr(blas, "speed", {None: 210.4, "SkylakeX": None}.get)
    assert list(blas.report(deep=True))[3:] == [
        "float32 1024 × 1024 products: 210 GFLOP/s",
        "float32 1024 × 1024 products with SkylakeX: failed"]


def test_the_report_of_a_good_kernel_is_a_line(monkeypatch):
    monkeypatch.setattr(blas, "pools", lambda: [{**OPENBLAS, "architecture": "SkylakeX"}])
    assert list(blas.report()) == ["openblas 0.3.31, kernel SkylakeX, threads: 2, in numpy.libs"]


def test_an_unknown_library_is_named_as_numpy_names_it(monkeypatch):
    config = {"Build Dependencies": {"blas": {"name": "accelerate", "version": "unknown"}}}
    monkeypatch.setattr(blas, "pools", list)
    monkeypatch.setattr(numpy, "show_config", lambda mode: config)
    assert list(blas.report()) == ["accelerate unknown, of unknown kernel"]


def test_the_speed_is_measured_in_a_process_of_its_own(monkeypatch):
    assert blas.speed() > 0.1
    monkeypatch.setattr(blas, "PRODUCT", "import os; os.abort()")       # what a wrong kernel does
    assert blas.speed("SkylakeX") is None


def test_a_program_starts_anew_with_the_better_kernel(lesser, monkeypatch):
    started = []
    monkeypatch.setattr(os, "name", "posix")
    monkeypatch.setattr(os, "execv", lambda *words: started.append(words))
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "nn", "penguins"])
    monkeypatch.setenv(blas.CHOICE, "")                 # the user's own choice stays
    blas.choose()
    assert not started
    monkeypatch.delenv(blas.CHOICE)
    blas.choose()
    assert started == [(sys.executable, [sys.executable, "-m", "nn", "penguins"])]
    assert os.environ.pop(blas.CHOICE) == "SkylakeX"
    monkeypatch.setattr(blas, "features", set)
    blas.choose()
    assert len(started) == 1 and blas.CHOICE not in os.environ


def test_it_starts_anew_once_with_its_options_and_exit_status(tmp_path):
    """Prescott stands for the better kernel: every x86 processor runs it."""
    (tmp_path / "job.py").write_text(
        "import os, sys\n"
        "from autograd import blas\n"
        "print('started', flush=True)\n"
        "blas.better_kernel = lambda pool, features: 'Prescott'\n"
        "blas.pools = lambda: [{}]\n"
        "blas.choose()\n"
        "print(os.environ['OPENBLAS_CORETYPE'], sys.argv[1:])\n"
        "sys.exit(5)\n")
    env = {name: value for name, value in os.environ.items() if name != blas.CHOICE}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (os.getcwd(), env.get("PYTHONPATH"))))
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", "job", "--seed", "3"], text=True,
                          capture_output=True, cwd=tmp_path, env=env)
    assert (done.stdout, done.returncode) == (
        "started\nstarted\nPrescott ['--seed', '3']\n", 5), done.stderr
