"""Other people's code on a Tensor: as docs/interop.md says, and no gradient is lost silently."""

import importlib.metadata
import json
import pathlib
import re
import subprocess
import sys
import time
import warnings

import numpy
import pytest
from calls import CALLS, Call
from runner import VERDICTS, first_line, outcome

import autograd.numpy as np
from autograd import GradientWarning, Tensor

TABLE = pathlib.Path(__file__).parent / "table.py"
PAGE = TABLE.parent.parent.parent / "docs" / "interop.md"
KNOWN = {}                      # name: why its gradient is wrong or silently lost, and stays so


@pytest.fixture(scope="module")
def found():
    """The verdicts of a run in a process of its own: {name: (verdict, reason)}."""
    for package in ("scipy", "sklearn", "array_api_extra", "einops", "opt_einsum"):
        pytest.importorskip(package, reason=f"pip install {package.replace('_', '-')}")
    run = subprocess.run([sys.executable, TABLE, "--json"], capture_output=True, text=True,
                         timeout=300)
    assert run.returncode == 0, run.stderr
    return {name: (verdict, reason) for name, _, verdict, reason, _ in json.loads(run.stdout)}


def written():
    """The verdicts that the page tells."""
    return dict(re.findall(r"^\| `(.+?)` \| ([a-z ]+?) \|", PAGE.read_text(), re.MULTILINE))


def test_the_table_is_large_enough():
    names = [call.name for call in CALLS]
    assert len(set(names)) == len(names)
    assert sum(call.library == "scipy" for call in CALLS) >= 104
    assert sum(call.library == "scikit-learn" for call in CALLS) >= 52


def test_no_gradient_is_wrong_or_lost_silently(found):
    bad = {name for name, (verdict, _) in found.items() if verdict in ("wrong", "detached")}
    assert bad == set(KNOWN), {name: found[name] for name in bad ^ set(KNOWN)}


def test_no_value_is_wrong(found):
    assert not [name for name, (verdict, _) in found.items() if verdict == "forward wrong"]


def test_every_call_ends_in_time(found):
    assert not [name for name, (_, reason) in found.items() if "TimeoutError" in reason]


def test_the_page_says_what_is_so(found):
    sys.path.insert(0, str(TABLE.parent))
    from table import OPENING, versions

    for name, version in versions().items():
        if importlib.metadata.version(name) != version:
            pytest.skip(f"docs/interop.md is about another {name}: pip install {name}=={version}")
    assert written() == {name: verdict for name, (verdict, _) in found.items()}
    assert PAGE.read_text(encoding="utf-8").startswith(OPENING)


def test_the_page_names_no_machine():
    assert not re.search(r"0x[0-9a-f]|/(home|root|tmp|usr|opt)/|site-packages", PAGE.read_text())


# -- the runner itself, on calls whose verdict is known ----------------------------------------

X = numpy.asarray([0.5, 1.5, 2.5])


def verdict(function, limit=5.0):
    """The outcome of a planted call."""
    return outcome(Call("planted", function, X), limit)


def plain(x):
    """The numbers of a Tensor or of an array."""
    return x.data if isinstance(x, Tensor) else x


def leave(x):
    """The first number of x, with our warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        return float(x[0])


PLANTED = {
    "right": lambda x, xp: xp.sin(x) * x,
    "wrong": lambda x, xp: x * plain(x),
    "detached": lambda x, xp: plain(x) * 2.0,
    "warned": lambda x, xp: leave(x),
    "raises": lambda x, xp: numpy.asarray(x) * 2.0,
    "forward wrong": lambda x, xp: x * (2.0 if isinstance(x, Tensor) else 3.0),
    "constant": lambda x, xp: xp.argmax(x),
}


@pytest.mark.parametrize("wanted", PLANTED)
def test_planted_calls_get_their_verdict(wanted):
    assert verdict(PLANTED[wanted]).verdict == wanted


def test_every_verdict_is_planted():
    assert set(PLANTED) == set(VERDICTS) - {"not installed"}


def test_an_untracked_tensor_is_a_lost_gradient():
    found = verdict(lambda x, xp: x.detach() * 2.0 if isinstance(x, Tensor) else x * 2.0)
    assert found.verdict == "detached"
    assert "Tensor" in found.reason


def test_one_lost_part_of_two_is_a_lost_gradient():
    assert verdict(lambda x, xp: (x * 2.0, plain(x))).verdict == "detached"


def test_parts_are_weighted_apart():
    assert verdict(lambda x, xp: (x * 2.0, xp.exp(x), xp.argmax(x))).verdict == "right"


def test_a_slow_call_is_cut_off():
    def slow(x, xp):
        if isinstance(x, Tensor):
            time.sleep(5)
        return x

    found = verdict(slow, limit=0.3)
    assert found.verdict == "raises"
    assert found.reason.startswith("TimeoutError")


def test_a_nan_gradient_is_wrong():
    assert verdict(lambda x, xp: np.where(x > 1, x, np.sqrt(x * 0.0) + x)
                   if isinstance(x, Tensor) else x).verdict == "wrong"


def test_a_missing_library_is_said_and_another_error_is_not_hidden():
    def missing(x, xp):
        raise ModuleNotFoundError("No module named 'planted'", name="planted")

    def broken(x, xp):
        raise ModuleNotFoundError("No module named 'other'", name="other")

    assert verdict(missing).verdict == "not installed"
    with pytest.raises(ModuleNotFoundError, match="other"):
        verdict(broken)


def test_a_call_that_fails_on_plain_arrays_is_our_mistake():
    with pytest.raises(ZeroDivisionError):
        verdict(lambda x, xp: 1 / 0)


def test_reasons_have_no_addresses_or_paths():
    error = ValueError("at 0x7f00a1 in /home/someone/work/file.py\nmore")
    assert first_line(error) == "ValueError: at 0x… in …"
    assert first_line(GradientWarning("x" * 200)).endswith("…")
