"""Check mode: every array of floats requires a gradient, and each rule is run when it is recorded.

Whatever code is run so, somebody else's tests for instance, then also tests the rules: each gets a
cotangent of ones, and what it says must have its operand's shape and dtype. With `checking()` the
op table runs so (tests/test_check_mode.py), `python tests/interop/check_mode.py` runs SciPy's,
which ship in its wheel, and the same command with `ours` runs our own tests of arrays.
"""

import collections
import contextlib
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import types

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
CREATION = ("asarray", "zeros", "ones", "full", "empty", "arange", "linspace", "eye", "zeros_like",
            "ones_like", "full_like", "empty_like", "from_dlpack")
SUITES = ("stats.tests.test_stats", "stats.tests.test_morestats", "stats.tests.test_variation",
          "stats.tests.test_entropy", "stats.tests.test_quantile", "stats.tests.test_rank",
          "stats.tests.test_hypotests", "special.tests.test_logsumexp", "fft.tests.test_basic",
          "fft.tests.test_helper", "fft.tests.test_fftlog", "signal.tests.test_windows",
          "signal.tests.test_signaltools", "integrate.tests.test_quadrature",
          "integrate.tests.test_tanhsinh", "integrate.tests.test_cubature",
          "differentiate.tests.test_differentiate", "optimize.tests.test_chandrupatla",
          "optimize.tests.test_bracket", "cluster.tests.test_vq",
          "spatial.transform.tests.test_rotation")
OURS = ("array_functions", "classic", "einsum", "fft", "grids", "indexing", "linalg",
        "numpy_storage", "special", "views")
# Ours that ask for constants, of which there are none here, and for operands without a derivative.
LEFT_OUT = ("random_programs_do", "takes_plain_numbers", "an_operand_without_derivative")
FOUND = {"passed": "as NumPy computes it, every rule run",
         "rule": "a derivative of the wrong shape or dtype, or a rule that fails",
         "wrong": "another value, shape or dtype than the test expects",
         "leaves": "an error of ours: the code leaves the graph, or asks what a Tensor refuses",
         "absent": "asks for a name that the array API standard does not have",
         "other": "another error",
         "skipped": "left out by SciPy itself, mostly as for NumPy's arrays only"}


class RuleError(Exception):
    """A rule that gave a derivative of another shape or dtype than its operand, or failed."""


counted = collections.Counter()             # rules run, by operation
running = contextlib.ExitStack()            # check mode, as long as pytest runs


def check(node):
    """Run every rule of a node that was just recorded on a cotangent of ones.

    The engine sums over broadcast axes and casts, so a rule may give more axes and more precision
    than its operand has; not less precision.
    """
    from autograd.node import Node, Parts
    from autograd.storage import is_floating, namespace

    if isinstance(node.data, tuple):
        g = Parts(namespace(part).ones_like(part) for part in node.data)
    elif isinstance(node.data, float) or is_floating(node.data):
        g = node.ones()
    else:                               # astype to integers, which is detached at once
        return
    for i, arg in enumerate(node.args):
        if isinstance(arg, Node) and not isinstance(arg.data, tuple):
            counted[node.op.name] += 1
            try:
                part = node.contribution(i, g)
                fitted = None if part is None else arg.fit(part)
            except Exception as error:
                raise RuleError(f"{node.op.name}, operand {i}: {error}") from error
            if part is None or isinstance(arg.data, float):     # of a Value
                continue
            if (fitted.shape, fitted.dtype) != (arg.data.shape, arg.data.dtype) or rounded(
                    part, node, arg):
                raise RuleError(f"{node.op.name}, operand {i}: {part.dtype}{part.shape} for "
                                f"{arg.data.dtype}{arg.data.shape}")


def rounded(part, node, arg):
    """Whether a rule made its derivative of less precision than its operand and result have."""
    if isinstance(part, float) or isinstance(node.data, tuple):
        return False
    return bits(part.dtype) < min(bits(node.data.dtype), bits(arg.data.dtype))


@functools.cache
def bits(dtype):
    """Of a number's real part, whichever library's dtype this is."""
    number = int(re.search("[0-9]+", str(dtype))[0])
    return number // 2 if "complex" in str(dtype) else number


@contextlib.contextmanager
def checking(space):
    """Check mode: what this namespace creates requires a gradient, and rules run at once.

    Nodes are recorded as in debug mode, where the fast operators leave all to the plain ones.
    """
    from autograd import array_node, modes
    from autograd.scopes import Watched
    from autograd.storage import quiet

    made, busy = array_node.ArrayNode.__init__, []

    def init(self, data, op=None, args=(), params=None):
        made(self, data, op, args, params)
        if op is not None and op.name != "item" and not busy:
            busy.append(op)
            try:
                with modes.enable_grad(), quiet():
                    check(self)
            finally:
                busy.pop()

    before = dict(vars(space))
    vars(space).update({name: tracking(before[name]) for name in CREATION})
    array_node.ArrayNode.__init__ = init
    scope = modes._scope.set(Watched("", modes.here()))
    try:
        yield
    finally:
        modes._scope.reset(scope)
        array_node.ArrayNode.__init__ = made
        vars(space).update(before)


def tracking(create):
    """A creation function whose floats require a gradient, recorded: leaves cannot be written."""
    from autograd import Tensor
    from autograd.ops.elementwise import identity
    from autograd.storage import is_floating

    @functools.wraps(create)
    def created(*args, **kwargs):
        x = create(*args, **kwargs)
        if x.requires_grad or not is_floating(x.data):
            return x
        return identity(Tensor(x.data, requires_grad=True))

    return created


def leaf_made(self, *args, made, **kwargs):
    """Tensor(...), recorded where it holds floats; for our own tests."""
    from autograd import Tensor
    from autograd.ops.elementwise import identity
    from autograd.storage import is_floating

    made(self, *args, **kwargs)
    if not self.tracked and is_floating(self.data) and not self.label:
        self.node = identity(Tensor._of(self.node, True)).node
        self.tracked = True


# -- a plugin of pytest: -p check_mode -------------------------------------------------------------

def pytest_collection_modifyitems(config, items):
    """Run on Tensors what SciPy runs on array-api-strict, and what only that cannot do."""
    if not config.option.pyargs:
        return
    import scipy.conftest

    import autograd.numpy as np

    param = types.ModuleType("array_api_strict")
    param.empty = np.empty
    items[:] = [item for item in items if "xp" in getattr(item, "callspec", item).__dict__.get(
        "params", ())]
    for item in items:
        item.callspec.params["xp"] = param
    scipy.conftest._backends_kwargs_from_request = skipped


def skipped(request, skip_or_xfail):
    """{backend: reason} where SciPy skips a test for all but NumPy.

    Those for any array on the CPU are run: some of their code asks for NumPy's, which is an error.
    """
    for marker in request.node.iter_markers(f"{skip_or_xfail}_xp_backends"):
        only = marker.kwargs.get("np_only")
        if only and "array_api_strict" not in marker.kwargs.get("exceptions", ()):
            return {"array_api_strict": marker.kwargs.get("reason") or "np_only"}
    return {}


def pytest_configure(config):
    """Enter check mode, and let tests (no others) read a Tensor's numbers."""
    import autograd.numpy as np
    from autograd import Tensor, beside_numpy
    from autograd.leaving import Leaving

    space = np.zeros(1).__array_namespace__()
    running.enter_context(checking(space))
    refuse, moves = Leaving._refuse_to_leave, beside_numpy._moves
    Leaving._refuse_to_leave = lambda self, name: asked_by_tests() or refuse(self, name)
    if config.option.pyargs:
        beside_numpy._moves = lambda x: moves(x) and not asked_by_tests()
    else:                                       # tests of ours ask whether NumPy is refused
        Tensor.__init__ = functools.partialmethod(leaf_made, made=Tensor.__init__)


def asked_by_tests():
    """Whether it is a test, or a comparison made for tests, that NumPy and we are called by."""
    frame = sys._getframe(1)
    while frame and re.search(r"/(numpy|autograd)/|interop/check_mode", frame.f_code.co_filename):
        frame = frame.f_back
    file, function = frame.f_code.co_filename, frame.f_code.co_name
    return "/tests/" in file or (
        "/_lib/_array_api" in file and re.search("assert|strict_check|copy_to_numpy", function))


def pytest_runtest_makereport(item, call):
    """Sort what a test ended with."""
    if call.excinfo is not None:
        item.user_properties.append(("found", verdict(call.excinfo)))


def verdict(excinfo):
    """One of FOUND."""
    import array_api_strict

    from autograd import AutogradError
    from autograd.numpy.namespace import Namespace

    error, chain = excinfo.value, []
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    if any(isinstance(error, RuleError) for error in chain):
        return "rule"
    if type(chain[0]).__name__ == "Skipped":
        return "skipped"
    if any(isinstance(error, AutogradError) for error in chain):
        return "leaves"
    if (isinstance(chain[0], AttributeError) and isinstance(chain[0].obj, Namespace)
            and not hasattr(array_api_strict, chain[0].name)):
        return "absent"
    return "wrong" if isinstance(chain[0], AssertionError) else "other"


def pytest_runtest_logreport(report):
    """Print one line of JSON for each test."""
    if report.when == "call" or report.outcome != "passed":
        found = dict(report.user_properties).get("found", "passed")
        found = "skipped" if report.skipped else found
        why = "" if report.passed or report.skipped else report.longreprtext.splitlines()[-1]
        print("\nCHECK " + json.dumps([report.nodeid, found, why[:160]]))


def pytest_sessionfinish():
    """Leave check mode; print how many rules were run, and of how many operations."""
    running.close()
    print(f"\nRULES {counted.total()} rules of {len(counted)} operations were run")


def main(words):
    """Run SciPy's tests, or our own, in check mode and print what was found."""
    if words[:1] == ["ours"]:
        here, suites = PROJECT / "tests", [f"test_{name}.py" for name in words[1:] or OURS]
        suites += ["-k", " and ".join(f"not {name}" for name in LEFT_OUT)]
    else:
        here, suites = PROJECT / "tests" / "interop", ["--pyargs"]
        suites += [f"scipy.{suite}" for suite in words or SUITES]
    path = os.pathsep.join(map(str, (PROJECT, PROJECT / "tests", PROJECT / "tests" / "interop")))
    environment = {**os.environ, "SCIPY_ARRAY_API": '["array_api_strict"]', "PYTHONPATH": path}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "check_mode", "-p", "no:cacheprovider",
         "-W", "ignore", "-c", os.devnull, *suites],
        env=environment, capture_output=True, text=True, cwd=here)
    rows = [json.loads(line[6:]) for line in run.stdout.splitlines() if line.startswith("CHECK ")]
    if not rows:
        sys.exit(run.stdout[-3000:] + run.stderr[-3000:])
    print(*(line[6:] for line in run.stdout.splitlines() if line.startswith("RULES ")), sep="\n")
    for found, meaning in FOUND.items():
        of = [row for row in rows if row[1] == found]
        print(f"{len(of):6} {found:8} {meaning}")
    for name, found, why in rows:
        if found in ("rule", "wrong", "other") or "-v" in words:
            print(f"{found}: {name.rpartition('scipy/')[2] or name}\n    {why}")
    return any(row[1] in ("rule", "wrong") for row in rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
