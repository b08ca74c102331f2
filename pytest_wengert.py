"""The pytest plugin of Wengert's autograd: failing derivatives become files, leaks fail a test.

pytest loads it at every start, so it lies outside of the package, and imports that only when used.

    assert_gradients        a fixture: the function of autograd.testing
    no_leaks                a fixture: the test fails if it leaves modes or recorded results behind
    autograd_no_leaks       ini: the same for every test
    autograd_failures       ini: the folder for graphs and programs of failures, else pytest's own
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FACTORY = pytest.StashKey[Any]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two ini options."""
    parser.addini("autograd_no_leaks", "fail every test that leaves gradients off, debug mode on, "
                  "or recorded results alive", type="bool", default=False)
    parser.addini("autograd_failures", "the folder, from rootdir, for graphs and programs of "
                  "derivatives that failed (default: in pytest's temporary folder)", default="")


@pytest.fixture(scope="session")
def assert_gradients() -> Callable[..., None]:
    """assert_gradients(f, *args): fail, with a report, unless the derivatives of f are right."""
    from autograd.testing import assert_gradients

    return assert_gradients


@pytest.fixture(scope="session")
def no_leaks() -> None:
    """Fail this test if it leaves gradients off, debug mode on, or recorded results alive."""


@pytest.fixture(scope="session", autouse=True)
def _autograd_folder(request: pytest.FixtureRequest) -> None:
    """Remember where temporary folders are made; nothing is made yet."""
    if request.config.pluginmanager.hasplugin("tmpdir"):
        request.config.stash[FACTORY] = request.getfixturevalue("tmp_path_factory")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that leaks, where that is asked for."""
    asked = "no_leaks" in getattr(item, "fixturenames", ())
    if not asked and not item.config.getini("autograd_no_leaks"):
        return (yield)
    from autograd.testing.leaking import Before

    before, ended = Before(), False
    try:
        result = yield
        ended = True
    finally:
        changed = before.put_back()             # a test that failed holds its results: no matter
        left = before.alive(getattr(item, "instance", None)) if ended else []
    if changed:
        pytest.fail(f"this test left modes changed: {changed}", pytrace=False)
    if left:
        pytest.fail(f"{len(left)} recorded results are alive after this test: {', '.join(left[:5])}"
                    f"{' ...' * (len(left) > 5)}\nhelp: a global, a cache or a longer-lived object "
                    "holds them; keep x.detach() or x.item() there", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep what failed, and say in the failure where."""
    if call.excinfo is not None and "autograd.testing" in sys.modules:
        from autograd.testing.plugin import keep

        keep(call.excinfo.value, item.nodeid, lambda: _folder(item.config))
    return (yield)


def _folder(config: pytest.Config) -> Path:
    """The folder for what failed."""
    chosen, factory = config.getini("autograd_failures"), config.stash.get(FACTORY, None)
    folder = (config.rootpath / chosen if chosen else factory.getbasetemp() / "autograd" if factory
              else Path(tempfile.gettempdir()) / "autograd-failures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
