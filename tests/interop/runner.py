"""One call of other people's code, run on a Tensor, and what became of its gradient.

The gradient of a weighted sum of all results is compared with differences of the same call on plain
NumPy arrays. A verdict is one of VERDICTS.
"""

import pathlib
import re
import signal
import traceback
import warnings
from contextlib import contextmanager
from typing import NamedTuple

import numpy
from oracles import richardson

import autograd.numpy
from autograd import GradientWarning, Tensor

VERDICTS = {
    "right": "the gradient equals differences of the call on plain NumPy arrays",
    "wrong": "there is a gradient, and it is another",
    "detached": "the result depends on x, has no gradient, and nothing said so",
    "warned": "the gradient ends in a plain number, and our GradientWarning says so",
    "raises": "an error, ours or theirs",
    "forward wrong": "the numbers are not those of the call on plain NumPy arrays",
    "constant": "nothing to differentiate: the result is constant near x, or of integers",
    "not installed": "the library is missing",
}
OURS = pathlib.Path(autograd.__file__).parent


class Outcome(NamedTuple):
    """A verdict, the first line of the error or warning, and where their code raised it."""

    verdict: str
    reason: str = ""
    where: str = ""


def outcome(call, limit=20.0):
    """Run one call on a fresh Tensor, at most `limit` seconds; the call on NumPy must work."""
    try:
        with within(limit), warnings.catch_warnings(), numpy.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            plain = [numpy.asarray(part) for part in several(call.function(call.x.copy(), numpy))]
            jacobian = differences(call)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] != call.name.partition(".")[0]:
            raise
        return Outcome("not installed")
    x = Tensor(call.x.copy(), requires_grad=True)
    try:
        with within(limit), warnings.catch_warnings(record=True) as told, numpy.errstate(
                all="ignore"):
            warnings.simplefilter("always")
            parts = several(call.function(x, namespace(x)))
            found = judge(x, parts, plain, jacobian)
    except Exception as error:
        return Outcome("raises", first_line(error), place(error))
    ends = [w.message for w in told if issubclass(w.category, GradientWarning)]
    if ends and found.verdict in ("wrong", "detached"):
        return Outcome("warned", first_line(ends[0]))
    return found


def namespace(x):
    """What a Tensor says is its namespace; autograd.numpy where it does not say."""
    if "__array_namespace__" in dir(x):
        return x.__array_namespace__()
    return autograd.numpy


def several(result):
    """The parts of a result, one or more."""
    return list(result) if isinstance(result, tuple) else [result]


def differences(call):
    """Derivatives of all results, one after the other, by each entry of x: (entries, results)."""
    def flat(x):
        parts = several(call.function(x, numpy))
        return numpy.concatenate([numpy.ravel(numpy.asarray(part)) for part in parts])

    units = numpy.eye(call.x.size).reshape(call.x.size, *call.x.shape)
    return numpy.stack([richardson(flat, call.x, unit, step=0.004, levels=3)[0] for unit in units])


def judge(x, parts, plain, jacobian):
    """What came of the parts of a result on the Tensor x."""
    if len(parts) != len(plain):
        return Outcome("forward wrong", f"{len(parts)} results for {len(plain)}")
    wanted, start, live = numpy.zeros(x.size), 0, False
    for part, value in zip(parts, plain):
        rows = numpy.asarray(jacobian[:, start:start + value.size], dtype=float)
        start += value.size
        data = numpy.asarray(part.data if isinstance(part, Tensor) else part)
        if data.shape != value.shape or not numpy.allclose(data, value, 1e-8, 1e-11, True):
            return Outcome("forward wrong", f"{data.dtype} of shape {data.shape}, "
                           f"wanted {value.dtype} of shape {value.shape}")
        if data.dtype.kind not in "fc" or not value.size:
            continue
        if isinstance(part, Tensor) and part.requires_grad:
            weights = numpy.cos(numpy.arange(value.size) + 0.5)
            part.backward(Tensor(weights.reshape(value.shape).astype(data.dtype)))
            wanted, live = wanted + rows @ weights, True
        elif abs(rows).max() > 1e-7:
            return Outcome("detached", f"a {type(part).__name__} without a gradient")
    if not live:
        return Outcome("constant")
    got = numpy.zeros(x.size) if x.grad is None else numpy.ravel(x.grad.data)
    error = abs(got - wanted).max() / max(abs(wanted).max(), 1e-3)
    return Outcome("right") if error < 1e-5 else Outcome("wrong", f"off by {error:.0e}")


def first_line(error):
    """What an error says first, without addresses and without what is of this machine."""
    text = str(error).strip().partition("\n")[0]
    text = re.sub(r"0x[0-9a-f]+", "0x…", re.sub(r"(/[\w.-]+){3,}", "…", text))
    text = f"{type(error).__name__}: {text}" if isinstance(error, Exception) else text
    return text if len(text) <= 160 else text[:159] + "…"


def place(error):
    """The line of other people's code that raised an error, or called NumPy or us, who did."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = pathlib.Path(frame.filename)
        _, found, inside = path.as_posix().rpartition("/site-packages/")
        if found and OURS not in path.parents and not inside.startswith("numpy/"):
            return f"{inside}:{frame.lineno}"
    return ""


@contextmanager
def within(seconds):
    """Raise TimeoutError when a block takes longer (where the system has alarms)."""
    def ring(*_):
        raise TimeoutError(f"not done after {seconds:g} s")

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
