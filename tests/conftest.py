"""The rules of every test: seeded examples, modes put back, and no skip where all is required."""

import os

import pytest
from hypothesis import HealthCheck, settings

from autograd.compiling import machine
from autograd.modes import debugging, recording

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60,
                          suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """One more than processors: browsers, kernels and other processes are waited for."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def modes_are_put_back():
    """Fail a test that leaves gradients off or debug mode on for those after it."""
    assert recording() and not debugging(), "an earlier test left a mode changed"
    yield
    assert recording(), "this test left gradients off"
    assert not debugging(), "this test left debug mode on"


def fail_if_skipped(report):
    """Where WENGERT_REQUIRE_ALL=1, a test that was skipped has failed (a known failure has not)."""
    required = os.environ.get("WENGERT_REQUIRE_ALL") == "1"
    if required and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"WENGERT_REQUIRE_ALL=1 allows no skip: {reason}"
    return report


@pytest.fixture(params=["numpy", "numba"])
def engine(request, monkeypatch):
    """What runs a program of floats, a batch or a tape: NumPy, or machine code."""
    if request.param == "numpy":
        monkeypatch.setattr(machine, "available", lambda: False)
    else:
        pytest.importorskip("numba", reason="machine code needs Numba: pip install numba")
    return request.param


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return fail_if_skipped((yield))


@pytest.fixture
def without_lint(monkeypatch):
    """fit does not look at the data before it begins: where calls are counted."""
    monkeypatch.setattr("nn.lint.warn", lambda *given: None)
