"""What moves in a call: every place of a Tensor, Modules, dicts by key, and not what is a label."""

import collections
import dataclasses
import re

import numpy as np
import pytest

import autograd.numpy as anp
import nn
from autograd import ArgumentError, Tensor, Value, elementwise
from autograd.containers import rebuild
from autograd.testing import check_gradients, check_laws
from autograd.testing.arguments import Arguments, reals

X = np.array([0.3, -1.2, 2.5])
bad = elementwise("arguments_cube", lambda g, x: g * 2 * x * x, forward=lambda xp, x: x * x * x)


def gradient_of(f, gradient, *args):
    """What a gradient says at arguments, as one vector."""
    arguments = Arguments(f, args)
    return arguments.gradient(gradient, reals([x.numbers for x in arguments.inputs])).tolist()


# -- a Tensor in several places --------------------------------------------------------------------

class Tied(nn.Module):
    """One Tensor under three names, one of them in a tuple."""

    def __init__(self):
        self.a = Tensor([1.0, 2.0], requires_grad=True)
        self.b = self.a
        self.more = (self.a, "label")

    def forward(self, x):
        return anp.sum(self.a * x + bad(self.b) + self.more[0])


def test_a_tensor_moves_wherever_a_module_holds_it():
    model = Tied()
    held = model.a
    report = check_gradients(lambda m, x: m(x), model, np.ones(2))
    assert list(report.verdicts) == ["m.a", "x"]
    found = report.verdicts["m.a"]
    assert (found.verdict, round(found.expected[0], 6), round(found.got, 6)) == ("fail", 5.0, 4.0)
    assert model.a is model.b is model.more[0] is held


@pytest.mark.parametrize("of", [lambda m: m, lambda m: m.forward])
def test_the_parameters_of_a_module_that_is_the_function_are_checked(of):
    report = check_gradients(of(Tied()), np.ones(2))
    assert {name: found.verdict for name, found in report.verdicts.items()} == {
        "a": "fail", "x": "pass"}
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())
    assert list(check_gradients(model, np.ones((1, 2)), order=1).verdicts) == [
        "layers.0.weight", "layers.0.bias", "x"]


def test_one_leaf_given_twice_is_one_input_and_one_array_two():
    leaf, number = Tensor([1.0, 2.0], requires_grad=True), Value(1.5)
    for x in (leaf, number):
        report = check_gradients(lambda a, b: anp.sum(a * b), x, x, order=1)
        assert list(report.verdicts) == ["a"] and report.verdicts["a"].got == 2 * (
            1.0 if x is leaf else 1.5)
    assert list(check_gradients(lambda a, b: anp.sum(a * b), X, X, order=1).verdicts) == ["a", "b"]


def test_a_module_given_twice_is_one_and_itself_again():
    model = nn.Linear(2, 2, rng=0)
    held = model.weight
    report = check_gradients(lambda a, b, x: a(b(x)), model, model, np.ones((1, 2)), order=1)
    assert report and list(report.verdicts) == ["a.weight", "a.bias", "x"] and model.weight is held


def test_a_module_is_itself_again_after_an_error():
    model = Tied()
    held, more = model.a, model.more
    with pytest.raises(ZeroDivisionError):
        check_gradients(lambda m: 1 / 0, model)
    assert model.a is model.b is held and model.more is more


# -- containers ------------------------------------------------------------------------------------

Pair = collections.namedtuple("Pair", "w b")


@dataclasses.dataclass(frozen=True)
class Point:
    """Numbers, and one that is no number."""

    w: object
    b: object
    name: str = "p"


@pytest.mark.parametrize("kind", [Pair, Point])
def test_fields_move_by_their_names(kind):
    report = check_gradients(lambda p: anp.sum(p.w) * p.b ** 2, kind(X, 2.0), order=1)
    assert report.verdict == "pass" and list(report.verdicts) == ["p.w", "p.b"]


def test_a_dict_of_a_kind_of_its_own_stays_one():
    given = collections.defaultdict(list, {"w": X})
    assert check_gradients(lambda d: anp.sum(d["w"]) + len(d["new"]), given, order=1)

    def f(d):
        return collections.defaultdict(list, y=anp.sin(d["w"]), more=d["new"])

    assert check_gradients(f, given, order=1) and rebuild(given, [2]) == {"w": 2}
    assert rebuild(given, [2]).default_factory is list and given["w"] is X


def test_names():
    assert list(check_gradients(lambda *xs: xs[0] * xs[1], 1.0, 2.0, order=1).verdicts) == [
        "xs[0]", "xs[1]"]
    assert list(check_gradients(bad, 1.0, order=1).verdicts) == ["x"]


# -- what is passed on -----------------------------------------------------------------------------

def test_integers_beside_numbers_are_passed_on():
    model, labels = nn.Linear(3, 2, rng=0), np.array([0, 1])
    report = check_gradients(lambda m, x, y: nn.cross_entropy(m(x), y), model, np.ones((2, 3)),
                             labels, order=1)
    assert report.verdict == "pass" and "y" not in report.verdicts
    assert check_gradients(lambda x, mask, n: anp.sum(x[mask]) * n, X, X > 0, 3, order=1)
    assert not check_gradients(lambda n: n * 2.0, 3)


class Metres(np.ndarray):
    """An array of a kind of its own."""


REFUSED = {                             # why, and whether it is a label beside numbers
    "a masked array": (np.ma.array(X, mask=[0, 1, 0]), "a MaskedArray, .*filled", False),
    "a kind of its own": (X.view(Metres), "a Metres, .*numpy.asarray", False),
    "objects": (np.array([1.0, None]), "dtype object: no numbers", True),
    "records": (np.zeros(2, [("a", "f8")]), "no numbers", True),
    "dates": (np.zeros(2, "M8[s]"), "no numbers", True),
    "booleans": (X > 0, "booleans have no derivative", True)}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_move_says_why(name):
    given, said, label = REFUSED[name]
    report = check_gradients(lambda a: 1.0, given, gradient=lambda a: 0 * X)
    assert report.verdict == "inconclusive" and re.search(said, str(report)), str(report)
    beside = check_gradients(lambda x, a: x * 2.0, X, given, order=1)
    assert bool(beside) is label and set(beside.verdicts) == ({"x"} if label else {"a", "x"})


def test_numbers_that_numpy_has_not():
    torch = pytest.importorskip("torch", reason="pip install torch")
    x = torch.ones(2, dtype=torch.bfloat16)
    report = check_gradients(lambda x, y: float(x.sum()) * y, x, 2.0,
                             gradient=lambda x, y: (x, 2.0))
    assert report.verdicts["y"].verdict == "pass"
    assert "make it float32" in report.verdicts["x"].reason
    with pytest.raises(ArgumentError, match=r"the function returned .* bfloat16"):
        check_gradients(lambda y: x, 2.0, gradient=lambda y: y)


def test_a_memory_map_is_an_array(tmp_path):
    x = np.memmap(tmp_path / "x", dtype=float, mode="w+", shape=3)
    assert check_gradients(lambda x: anp.sum(x * x), x, order=1)


def test_argnums_choose_what_moves():
    f = Arguments(lambda x, y: x * y, (X, 2.0), 1)
    assert [x.name for x in f.inputs] == ["y"]
    asked = Arguments(lambda x, n: x * n, (X, 2), (0, 1))
    assert [bool(x.refused) for x in asked.all] == [False, True]
    for wrong in (2, -1, (), (0, 5)):
        with pytest.raises(ArgumentError, match="argnums="):
            Arguments(lambda x, y: x * y, (X, 2.0), wrong)
    assert "holds" in check_laws(lambda x, y: x * anp.floor(y), 2.0, 0.5, argnums=0).values()


# -- gradients of other engines --------------------------------------------------------------------

def weighted(p):
    """w b², which is not symmetric in its parts."""
    return p["w"] * p["b"] ** 2


def test_parts_of_a_gradient_go_by_key():
    at = {"w": 2.0, "b": 3.0}

    def right(p):
        return {"b": 2 * p["w"] * p["b"], "w": p["b"] ** 2}

    assert gradient_of(weighted, right, at) == [9.0, 12.0]
    assert gradient_of(lambda p: p.w * p.b, lambda p: Pair(p.b, p.w), Pair(2.0, 3.0)) == [3.0, 2.0]
    assert gradient_of(lambda x, n: x ** n, lambda x, n: n * x, 3.0, 2) == [6.0]
    assert gradient_of(lambda x, y: x * y, lambda x, y: [y, x], 3.0, 2.0) == [2.0, 3.0]


@pytest.mark.parametrize("nothing", [0, None])
def test_a_part_for_an_integer_is_let_be(nothing):
    assert gradient_of(lambda x, n: x ** n, lambda x, n: (n * x, nothing), 3.0, 2) == [6.0]
    assert gradient_of(lambda n, x, y: n, lambda n, x, y: (nothing, x, y), 3, 1.0, X) == [1.0, *X]
    assert gradient_of(lambda p, n: n, lambda p, n: (p[0], X), (2.0, X), 2) == [2.0, *X]
    with pytest.raises(ArgumentError, match="the gradient of x is "):
        gradient_of(lambda x, n: x, lambda x, n: ((X, 0), 0), X, 2)


WRONG = {
    "no b": (lambda p: {"w": 1.0}, r"nothing for p\['b'\]"),
    "b is None": (lambda p: {"w": 1.0, "b": None}, r"nothing for p\['b'\]"),
    "another": (lambda p: {"w": 1.0, "b": 1.0, "c": 1.0}, "where p has 'w', 'b'"),
    "no dict": (lambda p: (1.0, 2.0), "where p has 'w', 'b'"),
    "a number": (lambda p: 2.0, "where p has 'w', 'b'"),
    "a shape": (lambda p: {"w": 1.0, "b": X}, r"p\['b'\] has the shape \(\)"),
    "a word": (lambda p: {"w": 1.0, "b": "1"}, r"p\['b'\] has the shape \(\)")}


@pytest.mark.parametrize("name", WRONG)
def test_a_gradient_in_other_containers_is_refused(name):
    gradient, said = WRONG[name]
    with pytest.raises(ArgumentError, match=said):
        gradient_of(weighted, gradient, {"w": 2.0, "b": 3.0})


def test_the_check_goes_by_key_and_by_argnums():
    at = {"w": 2.0, "b": 3.0}
    assert check_gradients(weighted, at, gradient=lambda p: {
        "b": 2 * p["w"] * p["b"], "w": p["b"] ** 2})
    assert check_gradients(weighted, at, gradient=lambda p: {
        "b": p["b"] ** 2, "w": 2 * p["w"] * p["b"]}).verdict == "fail"
    with pytest.raises(ArgumentError, match=r"nothing for p\['b'\]"):
        check_gradients(weighted, at, gradient=lambda p: {"w": p["b"] ** 2})
    report = check_gradients(lambda x, y: bad(x) * y, 2.0, 3.0, argnums=1)
    assert list(report.verdicts) == ["y"] and report
