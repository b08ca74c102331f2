"""explain_nan(): the line, the operation and the place that made a nan or inf, and the mend."""

import inspect
import linecache
import math
import sys

import numpy
import pytest

import autograd.numpy as np
import nn
from autograd import (
    ArgumentError,
    DtypeError,
    Tensor,
    Value,
    custom_gradient,
    debug,
    no_grad,
    stack,
)
from autograd.show.finding.nan import explain_nan

inf, nan = math.inf, math.nan
A = numpy.asarray


# -- programs, each with one line to blame ---------------------------------------------------------

def log_of_zero_in_a_loop(counts):
    total = sum(counts[1:], counts[0])
    entropy = 0.0
    for count in counts:
        share = count / total
        surprise = -share.log()                                     # culprit
        entropy = entropy + share * surprise
    scaled = entropy * 2.0
    return scaled + 1.0


def log_of_a_negative_number_in_a_helper(x):
    def scale(x):
        shifted = x - 1.0
        logs = np.log(shifted)                                      # culprit
        return logs * 0.5

    smooth = np.tanh(x)
    scaled = scale(smooth * 2.0)
    return np.mean(scaled * smooth)


def a_constant_column_is_standardised(x, w):
    centred = x - np.mean(x, axis=0)
    spread = np.std(x, axis=0)
    standard = centred / spread                                     # culprit
    hidden = np.tanh(standard @ w)
    return np.sum(hidden ** 2)


def distance_of_equal_points(x):
    apart = x[0] - x[1]
    squares = np.sum(apart * apart)
    distance = np.sqrt(squares)                                     # culprit
    loss = distance * 3.0
    return loss + np.sum(x) * 0.1


def root_by_a_power_of_zero(a, b):
    hidden = a * b
    sign = hidden.tanh()
    root = (hidden * 3.0) ** 0.5                                    # culprit
    again = root * 2.0
    return again + a + sign


def softmax_by_hand_in_float32(scores):
    scores = scores * 10.0
    weights = np.exp(scores)                                        # culprit
    total = np.sum(weights, axis=1, keepdims=True)
    shares = weights / total
    return np.sum(shares[:, 1])


def cross_entropy_by_hand(x, w):
    target = A([1.0, 0.0])
    p = np.sigmoid(x @ w)
    misses = (1.0 - target) * np.log(1.0 - p)                       # culprit
    hits = target * np.log(p)
    return -np.mean(hits + misses)


def masked_attention(scores, values):
    mask = A([[True, False], [True, True]])
    masked = np.where(mask, scores, -np.inf)
    shares = np.softmax(masked, axis=1)
    mixed = shares @ values
    logs = np.log(mixed - 1.0)                                      # culprit
    return np.sum(logs)


def mean_of_nothing(x):
    doubled = x * 2.0
    large = doubled[doubled > 100.0]
    average = np.mean(large)                                        # culprit
    rest = np.sum(doubled) * 0.01
    return average + rest


def data_with_a_nan(x, w):
    squares = w * w
    hidden = np.tanh(x @ w)                                         # culprit
    penalty = np.sum(squares) * 0.01
    return np.mean(hidden) + penalty


def descent_that_diverges(w):
    rate = 3.0
    for _ in range(12):
        slope = 2.0 * w * w * w                                     # culprit
        w = w - rate * slope
    difference = w - w
    return difference * 0.0


def a_network_whose_products_overflow(x):
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU(), nn.Linear(3, 2, rng=1))
    for weight in model.parameters():
        weight.data = weight.data.astype("float32") * 100.0
    x = x * 1e37
    logits = model(x)                                               # culprit
    loss = nn.cross_entropy(logits, A([0, 1]))
    return loss * 0.5


def probabilities_for_a_loss_of_values(logits):
    total = sum(logits[1:], logits[0])
    shares = [z / total for z in logits]
    kept = shares[0] * 1.0
    loss = nn.cross_entropy([np.log(z) for z in shares], 0)         # culprit
    return loss + kept


def angle_of_parallel_vectors(x, y):
    lengths = np.norm(x) * np.norm(y)
    cosine = np.sum(x * y) / lengths
    angle = np.acos(cosine)                                         # culprit
    return angle * 57.3


def through_both_engines(a, b):
    both = stack([a, b])
    logs = np.log(both)                                             # culprit
    first, second = logs.values()
    return first * 0.5 + second


PROGRAMS = [
    (log_of_zero_in_a_loop, ([2.0, 0.0, 1.0],), "log", "-inf", "above 0"),
    (log_of_a_negative_number_in_a_helper, (A([1.0, 0.2]),), "log", "nan", "above 0"),
    (a_constant_column_is_standardised, (A([[1.0, 2.0], [1.0, 4.0]]), A([0.5, 0.5])),
     "divide", "nan", "denominator"),
    (distance_of_equal_points, (A([[1.0, 2.0], [1.0, 2.0]]),), "sqrt", "inf", "inside"),
    (root_by_a_power_of_zero, (2.0, 0.0), "pow", "inf", "slope"),
    (softmax_by_hand_in_float32, (A([[1.0, 9.0], [2.0, 3.0]], dtype=numpy.float32),),
     "exp", "inf", "logsumexp"),
    (cross_entropy_by_hand, (A([[50.0], [40.0]]), A([1.0])), "log", "-inf", "logits"),
    (masked_attention, (A([[1.0, 2.0], [3.0, 4.0]]), A([[1.0], [2.0]])), "log", "-inf", "above 0"),
    (mean_of_nothing, (A([1.0, 2.0]),), "divide", "nan", "mean"),
    (data_with_a_nan, (A([[1.0, nan]]), A([0.5, 0.5])), None, "nan", "clean"),
    (descent_that_diverges, (2.0,), "multiply", "inf", "learning rate"),
    (a_network_whose_products_overflow, (A([[1.0, 9.0], [9.0, 1.0]], dtype=numpy.float32),),
     "matrix_product", "inf", "float64"),
    (probabilities_for_a_loss_of_values, ([0.0, 1.0],), "log", "-inf", "above 0"),
    (angle_of_parallel_vectors, (A([1.0, 0.0]), A([2.0, 0.0])), "acos", "-inf", "domain"),
    (through_both_engines, (0.0, 2.0), "log", "-inf", "above 0"),
]


@pytest.mark.parametrize(("program", "args", "op", "kind", "mend"), PROGRAMS,
                         ids=[case[0].__name__ for case in PROGRAMS])
def test_the_line_to_blame_is_named(program, args, op, kind, mend):
    lines, start = inspect.getsourcelines(program)
    culprit, = (k for k, line in enumerate(lines, start) if "# culprit" in line)
    cause = explain_nan(program, *args)
    assert str(cause.line) == f"test_explain_nan.py:{culprit}"
    assert (cause.node.op and cause.node.op.name) == op
    assert f"{kind} " in cause.what and mend in cause.mend
    text = " ".join(lines[culprit - start].split())
    assert f"  test_explain_nan.py:{culprit}: {text[:40]}" in str(cause)


# -- what else there is to tell --------------------------------------------------------------------

def test_the_answer_in_full():
    def loss_of(p, target):
        rate = p * 2.0
        return -np.sum(target * np.log(rate))

    line = inspect.getsourcelines(loss_of)[1] + 2
    cause = explain_nan(loss_of, A([0.25, 0.0, 0.5]), A([1.0, 2.0, 3.0]))
    place = f"  test_explain_nan.py:{line}: "
    code = "return -np.sum(target * np.log(rate))"
    assert str(cause).splitlines() == [
        "the loss is inf; first -inf at [1], 1 of 3 elements, comes from v3 = log(v2)",
        "  v2 = 0.0 there, of (3,), 0.0 to 1.0, norm 1.118",
        place + code,
        " " * (len(place) + code.index("np.log")) + "^" * len("np.log(rate)"),
        f"  mend: {cause.mend}"]


@pytest.mark.parametrize("loss", [
    lambda: Value(2.0) * 3.0,
    lambda: np.sum(np.softmax(np.where(A([True, False]), Tensor([1.0, 2.0], True), -np.inf))),
    lambda: np.where(Tensor([0.0, 4.0], True) > 0, np.sqrt(Tensor([0.0, 4.0], True)), 0.0).sum(),
    lambda: np.sqrt(Value(-3.0).relu()) * 2.0,              # inf on the way, 0 in the leaf
    lambda: np.norm(Tensor([0.0, 0.0], True)),
    lambda: np.sum(Tensor([1, 2])), lambda: Value(5.0),
    lambda: np.sum(Tensor(numpy.zeros((0, 2)), True)),
])
def test_what_is_finite_is_said_to_be(loss):
    with numpy.errstate(all="ignore"):
        cause = explain_nan(loss())
    assert str(cause) == "the loss and the gradients of its leaves are finite"
    assert cause.node is None and cause.line is None and not cause.mend


def test_an_inf_that_turns_into_nan_later_is_named_at_its_birth():
    x = Value(800.0, label="x")
    big = x.exp()
    big.label = "big"
    cause = explain_nan((big - big) * 0.5)
    assert cause.node is big and cause.what == "the loss is nan; first inf comes from big = exp(x)"
    assert cause.operands == ("x = 800.0",)


def test_the_operation_is_written_with_names_and_operands_have_roles():
    a, b = Value(1.0, label="a"), Value(0.0, label="b")
    ratio = a / b
    assert explain_nan(ratio).what == "inf comes from v2 = a / b"
    assert explain_nan(ratio).operands == ("numerator a = 1.0", "denominator b = 0.0")
    cause = explain_nan((b * 2.0) ** 0.5)
    assert "inf comes from v2 = v1 ** 0.5, on the way back to v1" in cause.what
    assert cause.operands == ("base v1 = 0.0", "exponent 0.5", "gradient = 1.0")
    many = stack([Value(0.0)] * 50)
    with numpy.errstate(all="ignore"):
        text = str(explain_nan(np.concat([many] * 20) / 0.0))
    assert max(map(len, text.splitlines())) < 250


def test_names_are_the_callers_variables_or_given():
    a, b = Value(1.0), Value(0.0)
    ratio = a / b
    assert explain_nan(ratio, names=True).what == "inf comes from ratio = a / b"
    assert explain_nan(ratio, names={"low": b}).what == "inf comes from v2 = v0 / low"
    assert explain_nan(lambda x: (x - b).log(), 0.0, names=True).operands == ("v2 = 0.0",)
    with pytest.raises(ArgumentError, match="names="):
        explain_nan(ratio, names=3)


def test_two_that_are_harmless_alone_are_found_together():
    a, b = Value(800.0, label="a").exp(), Value(900.0, label="b").exp()
    cause = explain_nan(np.atan(a - b))                     # atan of inf or -inf is finite
    assert cause.node is b


def test_only_the_culprit_among_many_that_are_meant():
    """Thirty masks, then one nan, then thirty masks: element by element, and in few replays."""
    x = Tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    with numpy.errstate(all="ignore"):
        for k in range(60):
            if k == 30:
                x = x - (np.sqrt(x[0, 0] - 1e6) if k else 0.0)
                culprit = x.node.args[1]
            x = x + np.softmax(np.where(A([True, k % 2 == 0, False]), x, -np.inf), axis=1)
        cause = explain_nan(np.sum(x))
    assert cause.node is culprit and cause.node.op.name == "sqrt"


def test_elements_are_told_apart():
    """In one operation an inf that is meant, and a nan that is not."""
    x = Tensor([[0.0, 2.0], [-1.0, 3.0]], requires_grad=True, label="x")
    with numpy.errstate(all="ignore"):
        logs = np.log(x)                                    # -inf at [0, 0], nan at [1, 0]
        kept = np.where(A([[True, True], [False, True]]), np.exp(logs), 0.0)
        assert "finite" in str(explain_nan(np.sum(kept)))
        scores = np.sqrt(x) + 0.0                           # nan at [1, 0]
        masked = np.where(A([[True, False], [True, True]]), scores, -np.inf)
        cause = explain_nan(np.sum(np.exp(masked)))
    assert cause.what == "nan at [1, 0], 1 of 4 elements, comes from v1 = sqrt(x)"
    assert cause.operands == ("x = -1.0 there, of (2, 2), -1.0 to 3.0, norm 3.742",)


def test_an_inf_that_is_handed_on_hides_no_other():
    """Both infs leave the same operation: one it was given, the other it made."""
    x = Tensor([1e200, 1.0], requires_grad=True, label="x")
    with numpy.errstate(all="ignore"):
        masked = np.where(A([True, False]), x, -np.inf)
        cause = explain_nan(np.sum(np.exp(masked * 1e200)))
    assert cause.what == "inf at [0], 1 of 2 elements, comes from v2 = v1 * 1e+200"
    assert cause.operands == ("v1 = 1e+200 there, of (2,), -inf to 1e+200, norm inf",)


def test_a_constant_is_not_taken_for_one_that_is_meant():
    x = Value(0.0, label="x")
    assert "a constant, operand 1 of v2" in explain_nan(np.exp(np.log(x) * nan)).what


def test_an_infinite_gradient_that_dies_later_hides_no_other():
    """The upper root makes inf where relu is shut, the lower one where it is open."""
    x = Tensor([-1.0, 1.0], requires_grad=True, label="x")
    lower = np.sqrt(np.relu(x) + A([1.0, -1.0]))
    upper = np.sqrt(lower + A([-1.0, 1.0]))
    cause = explain_nan(np.sum(upper))
    assert cause.node is lower.node and "inf at [1], 1 of 2 elements" in cause.what


def test_constants_and_leaves_with_nan():
    w = Tensor([1.0, 2.0], requires_grad=True, label="w")
    cause = explain_nan(np.sum(w * A([1.0, nan])))
    assert cause.what == ("nan at [1], 1 of 2 elements, comes from a constant, operand 1 of v1 = "
                          "w * float64 (2,)")
    assert "data" in cause.mend and cause.node.op.name == "multiply"
    w.data[0] = inf
    cause = explain_nan(np.sum(w * 2.0))
    assert cause.what == "inf at [0], 1 of 2 elements, comes from w, a leaf"
    assert cause.node is w.node and "earlier update" in cause.mend
    assert "from a constant, operand 1" in explain_nan(Value(1.0) * inf).what
    assert "no_grad" in explain_nan(Value(nan)).mend
    with no_grad():
        lost = Tensor([1.0], requires_grad=True) * nan
    assert "no_grad" in explain_nan(lost).mend


def test_a_forward_inf_that_spoils_the_gradient_only():
    @custom_gradient(lambda g, x: g * x * 0.0)
    def bounded(x):
        return numpy.minimum(x, 5.0)

    x = Value(800.0, label="x")
    cause = explain_nan(bounded(x.exp()) * 2.0)
    assert cause.what.startswith("inf comes from v1 = exp(x): the loss is finite, but on the way "
                                 "back v2 = bounded(v1) makes nan of it")
    assert cause.operands == ("x = 800.0",)


def test_gradients_that_overflow_in_a_sum():
    """Each contribution is finite, their sum is not: no single edge makes the inf."""
    x = Value(1.0, label="x")
    cause = explain_nan(x * 1e308 - (x * -1e308 + 1e308))
    assert "its gradient is not: inf comes from" in cause.what and "back to x" in cause.what


def test_operations_with_several_outputs():
    x = Tensor([4.0, 0.0], requires_grad=True, label="x")
    first, second = np.split(x, 2)
    cause = explain_nan(np.sum(np.sqrt(second)) + np.sum(first))
    assert cause.node.op.name == "sqrt" and cause.operands[-1] == "gradient = 1.0"
    with numpy.errstate(all="ignore"):
        parts = np.split(np.log(x), 2)
        cause = explain_nan(np.sum(parts[0] * parts[1]))
    assert cause.what == "-inf at [1], 1 of 2 elements, comes from v1 = log(x)"


def test_complex_numbers():
    x = Tensor([1.0 + 1.0j, 0.0], requires_grad=True, label="x")
    with numpy.errstate(all="ignore"):
        cause = explain_nan(np.sum(np.abs(1.0 / x)))
    assert cause.node.op.name == "divide" and "denominator" in cause.mend
    assert "at [1], 1 of 2 elements" in cause.what


@pytest.mark.parametrize("name", ["array_api_strict", "torch", "jax.numpy"])
def test_other_storages(name):
    xp = pytest.importorskip(name)
    x = Tensor(xp.asarray([[0.5, 2.0], [1.0, -3.0]], dtype=xp.float32), requires_grad=True)
    x.label = "x"
    with numpy.errstate(all="ignore"):
        cause = explain_nan(np.sum(np.log(x)))
        assert cause.what == "nan at [1, 1], 1 of 4 elements, comes from v1 = log(x)"
        assert cause.operands[0].startswith("x = -3.0 there")
        cause = explain_nan(np.sum(np.sqrt(x - x)))
        assert cause.what.startswith("the loss is finite, its gradient is not: inf at [0, 0], 4")
        masked = np.where(x > 0, x, -xp.inf)
        assert explain_nan(np.sum(np.exp(masked))).node is None


def test_float32_and_float16_overflow():
    x = Tensor(numpy.float32([1e30, 1.0]), requires_grad=True, label="x")
    with numpy.errstate(all="ignore"):
        cause = explain_nan(np.sum(x * x))
        assert cause.operands[0] == "x = 1e+30 there, of (2,), 1.0 to 1e+30, norm 1e+30"
        assert "larger than float32" in cause.mend and "float64 holds more" in cause.mend
        assert explain_nan(np.sum(x.astype("float16"))).node.op.name == "astype"


def test_functions_of_containers_and_of_what_is_recorded_already():
    def loss(p, scale, *more, power):
        return np.sum(p["w"] * scale) ** power + sum(more)

    w = Tensor([0.0, 0.0], requires_grad=True)
    cause = explain_nan(loss, {"w": w, "name": "mine"}, 2.0, power=0.5)
    assert cause.node.op.name == "pow" and w.label == "" and w.grad is None
    cause = explain_nan(loss, {"w": A([1.0, nan])}, 2.0, 1.0, power=2)
    assert "comes from p['w'], a leaf" in cause.what
    assert "comes from x[1], a leaf" in explain_nan(nn.MLP(2, [1]), [1.0, nan]).what
    assert "comes from x, a leaf" in explain_nan(lambda x: x * 2.0, nan).what


def test_code_that_is_no_file():
    source = "def f(x):\n    y = x * 1.0\n    return y.log()\n"
    scope = {}
    exec(compile(source, "example.py", "exec"), scope)
    assert "\n  example.py:3\n" in str(explain_nan(scope["f"], 0.0))
    linecache.cache["example.py"] = (len(source), None, source.splitlines(True), "example.py")
    text = str(explain_nan(scope["f"], 0.0))
    del linecache.cache["example.py"]
    assert "\n  example.py:3: return y.log()\n                       ^^^^^^^\n" in text


def test_without_debug_the_help_says_how_to_see_the_line():
    x = Value(0.0)
    assert "help: inside `with autograd.debug():`" in str(explain_nan(x.log()))
    with debug():
        y = x.log()
    assert f"test_explain_nan.py:{sys._getframe().f_lineno - 1}: y = x.log()" in str(explain_nan(y))


def test_nothing_is_written():
    x = Tensor([0.0, 4.0], requires_grad=True)
    loss = np.sum(np.sqrt(x))
    explain_nan(loss)
    assert x.grad is None
    v = Value(0.0)
    explain_nan(v.sqrt())
    assert v.grad == 0.0


def test_a_long_chain_does_not_recurse():
    x = Value(800.0, label="x")
    y = x.exp()
    for _ in range(20_000):
        y = y + 1.0
    assert explain_nan(y - y).operands == ("x = 800.0",)


def test_labels_are_shortened():
    cause = explain_nan(Value(0.0, label="<b>\n" * 5000).log())
    assert max(map(len, str(cause).splitlines())) < 250


@pytest.mark.parametrize(("args", "error"), [
    ((3.0,), DtypeError), (([Value(1.0)],), DtypeError), ((None,), DtypeError),
    ((lambda x: 3.0, 2.0), ArgumentError), ((Value(1.0), 2.0), ArgumentError)])
def test_what_has_no_graph_is_refused(args, error):
    with pytest.raises(error, match=r"help: (give it|compute what it)"):
        explain_nan(*args)
