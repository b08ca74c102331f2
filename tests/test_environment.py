"""The report of the environment, and the warning of the other distribution called autograd."""

import os
import subprocess
import sys
import warnings
from types import SimpleNamespace

import numpy
import pytest

import autograd
from autograd import blas, environment
from autograd.__main__ import main
from autograd.show.drawing import layout
from autograd.storage import libraries
from autograd.storage.library import Library


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "autograd", *arguments], capture_output=True,
                          text=True, check=True)


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    (tmp_path / "autograd-1.8.0.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])


def test_the_report_names_versions_storages_blas_and_the_layout_program():
    done = run()
    assert done.stderr == ""
    topics = [line.split()[0] for line in done.stdout.splitlines() if line[0] != " "]
    assert topics == ["wengert", "Python", "storages", "GPU", "BLAS", "Numba", "drawing"]
    assert f"wengert   {autograd.__version__}, from " in done.stdout
    assert f"numpy {numpy.__version__} on cpu" in done.stdout
    assert "kernel" in done.stdout
    assert "graphviz-pure" in done.stdout or os.sep + "dot" in done.stdout
    assert all(len(line) <= 200 and line == line.rstrip() for line in done.stdout.splitlines())


def test_main_prints_the_report(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["autograd"])
    main()
    assert capsys.readouterr().out == environment.report() + "\n"


def test_the_short_report_imports_no_storage():
    program = ("import sys; from autograd.environment import report; report(); "
               "print(sorted({'torch', 'jax', 'cupy', 'array_api_strict', 'numba', 'scipy'} "
               "& set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          check=True)
    assert done.stdout == "[]\n"


def test_the_deep_report_lists_devices(monkeypatch):
    pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
    monkeypatch.setattr(environment, "LIBRARIES", {
        "array_api_strict": libraries.LIBRARIES["array_api_strict"]})
    monkeypatch.setattr(blas, "speed", lambda kernel: 77.2)
    assert "on cpu, device1, device2" in environment.report(deep=True)


def test_a_broken_storage_is_a_line_and_no_error(monkeypatch, tmp_path):
    class Planted(Library):
        install = "pip install planted"

        def __init__(self, module):
            super().__init__(module)
            self.module = module

    (tmp_path / "broken_storage.py").write_text("raise ImportError('libcudart.so.12: missing')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(environment, "LIBRARIES", {
        name: Planted(name) for name in ("broken_storage", "absent_storage")})
    monkeypatch.setattr(blas, "speed", lambda kernel: 77.2)
    report = environment.report(deep=True)
    assert ("broken_storage of unknown version on nothing: it cannot be used here "
            "(libcudart.so.12: missing)") in report
    assert "not installed: absent_storage (pip install planted)" in report


def numba_lines(deep=False):
    return [text for _, text in environment._numba(deep)]


def test_numba_its_threads_and_the_cache_folder(monkeypatch, tmp_path):
    numba = pytest.importorskip("numba", reason='pip install "wengert[jit]"')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "kept"))
    monkeypatch.delenv("WENGERT_CACHE", raising=False)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    folder = os.path.join("~", "kept", "wengert")
    assert numba_lines() == numba_lines(deep=True) == [
        f"{numba.__version__}, threads: 1",
        f"machine code in {folder}: 0.0 MB, 0 of at most 500 programs"]
    (tmp_path / "kept" / "wengert" / "__pycache__").mkdir(parents=True)
    (tmp_path / "kept" / "wengert" / "f_0.py").write_text("pass\n")
    (tmp_path / "kept" / "wengert" / "__pycache__" / "f_0.nbc").write_bytes(bytes(1_300_000))
    assert f"machine code in {folder}: 1.3 MB, 1 of at most 500 programs" in environment.report()
    monkeypatch.setenv("WENGERT_CACHE", os.path.abspath(os.sep + "elsewhere"))
    assert numba_lines()[1].startswith(f"machine code in {os.path.abspath(os.sep)}elsewhere: 0.0")


def test_without_numba_the_report_says_what_to_install(monkeypatch):
    found = {"scipy": object()}
    monkeypatch.setattr(environment, "find_spec", found.get)
    line, = numba_lines()
    assert line.startswith('numba not installed: pip install "wengert[jit]"')
    found["numba"] = object()
    monkeypatch.setattr("autograd.compiling.machine.available", lambda: False)
    line, = numba_lines(deep=True)
    assert line.endswith("which cannot be used here: try import numba")


def test_without_a_layout_program_the_report_says_what_to_install(monkeypatch):
    monkeypatch.setattr(layout, "programs", lambda: iter(()))
    assert "drawing   as text only; for pictures pip install graphviz-pure" in environment.report()


def test_devices_of_a_gpu_are_named(monkeypatch):
    def device(kind, index=0):
        return SimpleNamespace(type=kind, id=index)

    runtime = SimpleNamespace(getDeviceCount=lambda: 2, CUDARuntimeError=OSError,
                              getDeviceProperties=lambda i: {"name": b"H100"})
    cuda = SimpleNamespace(get_device_name=lambda place: "H200", runtime=runtime,
                           Device=lambda i: device("cuda", i))
    accelerator = SimpleNamespace(current_accelerator=lambda: device("cuda"),
                                  device_count=lambda: 1)
    for module in ("torch", "cupy"):
        monkeypatch.setitem(sys.modules, module, SimpleNamespace(
            cuda=cuda, accelerator=accelerator, device=device))
    found = libraries.LIBRARIES
    assert environment._devices(found["torch"]) == "cpu, cuda:0 (H200)"
    assert environment._devices(found["cupy"]) == "cuda:0 (H100), cuda:1 (H100)"


def test_the_driver_is_asked_for_gpus(monkeypatch):
    told = SimpleNamespace(stdout="NVIDIA H100, 81559 MiB, 580.1\n")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: told)
    assert "GPU       NVIDIA H100, 81559 MiB, 580.1\n" in environment.report()
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "")
    assert "GPU       no NVIDIA driver found\n" in environment.report()


def test_another_autograd_is_warned_of(foreign):
    with pytest.warns(UserWarning, match=r"called autograd \(1\.8\.0\).+help: pip uninstall"):
        environment.warn_about_foreign_autograd()
    assert "the distribution autograd 1.8.0 is installed too" in environment.report()


@pytest.mark.parametrize("name", ["autograd_gamma-0.5.dist-info", "autograd", "autograd-notes",
                                  "my-autograd-1.0.dist-info", "wengert-0.1.0.dist-info"])
def test_other_names_are_not_taken_for_it(monkeypatch, tmp_path, name):
    (tmp_path / name).mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "missing"), ""])
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        environment.warn_about_foreign_autograd()


def test_an_egg_is_found_too(monkeypatch, tmp_path):
    (tmp_path / "Autograd-1.3-py3.11.egg-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert environment.foreign_autograd() == "1.3"
