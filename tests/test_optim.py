"""Optimisers: PyTorch's formulas step by step, both engines, state, groups, clipping, errors."""

import copy
import itertools
import json
import pickle

import numpy
import pytest

import nn
from autograd import Tensor, Value
from autograd.errors import ArgumentError, DtypeError, GraphError, ShapeError
from nn.optim import SGD, Adagrad, Adam, AdamW, RMSprop, clip_grad_norm, clip_grad_value


def grid(**choices):
    """Every combination of the choices, as dicts."""
    return [dict(zip(choices, row, strict=True)) for row in itertools.product(*choices.values())]


CASES = [
    *[(SGD, o) for o in grid(lr=[0.1], momentum=[0.0, 0.9], weight_decay=[0.0, 0.05])],
    *[(SGD, o) for o in grid(lr=[0.1], momentum=[0.9], nesterov=[True], weight_decay=[0.0, 0.05])],
    *[(Adagrad, o) for o in grid(lr=[0.1], lr_decay=[0.0, 0.01], weight_decay=[0.0, 0.05],
                                 initial_accumulator_value=[0.0, 0.3], eps=[1e-10, 1e-3])],
    *[(RMSprop, o) for o in grid(lr=[0.05], alpha=[0.99, 0.5], weight_decay=[0.0, 0.05],
                                 momentum=[0.0, 0.9], centered=[False, True], eps=[1e-8, 1e-3])],
    *[(kind, o) for kind in (Adam, AdamW)
      for o in grid(lr=[0.05], betas=[(0.9, 0.999), (0.5, 0.6)], weight_decay=[0.0, 0.05],
                    amsgrad=[False, True], eps=[1e-8, 1e-3])],
    *[(kind, {}) for kind in (SGD, Adagrad, RMSprop, Adam, AdamW)],             # the defaults
]


def starts():
    """Parameters of three shapes, and 20 gradients for each, some of them large, some 0."""
    rng = numpy.random.default_rng(7)
    shapes = [(3, 2), (4,), ()]
    data = [rng.standard_normal(shape) for shape in shapes]
    grads = [[rng.standard_normal(shape) * 10.0 ** rng.integers(-3, 2) for shape in shapes]
             for _ in range(20)]
    grads[5] = [numpy.zeros(shape) for shape in shapes]
    return data, grads


@pytest.mark.parametrize("kind, options", CASES)
def test_twenty_steps_are_pytorchs(kind, options):
    torch = pytest.importorskip("torch", reason="compares with PyTorch: pip install torch")
    data, grads = starts()
    ours = [Tensor(x.copy(), requires_grad=True) for x in map(numpy.asarray, data)]
    theirs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in data]
    optimizer = kind(ours, **options)
    oracle = getattr(torch.optim, kind.__name__)(theirs, **options)
    for step in grads:
        for p, q, g in zip(ours, theirs, step, strict=True):
            p.grad, q.grad = Tensor(numpy.asarray(g)), torch.tensor(g, dtype=torch.float64)
        optimizer.step()
        oracle.step()
        for p, q in zip(ours, theirs, strict=True):
            numpy.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind, options", CASES)
def test_values_move_as_tensors_do(kind, options):
    data, grads = starts()
    tensor = Tensor(data[1].copy(), requires_grad=True)
    values = [Value(float(x)) for x in data[1]]
    optimizers = kind([tensor], **options), kind(values, **options)
    for step in grads:
        tensor.grad = Tensor(step[1])
        for v, g in zip(values, step[1], strict=True):
            v.grad = float(g)
        for optimizer in optimizers:
            optimizer.step()
        assert all(type(v.data) is float for v in values)
        numpy.testing.assert_allclose([v.data for v in values], tensor.data, rtol=1e-13)


@pytest.mark.parametrize("kind", [SGD, Adagrad, RMSprop, Adam, AdamW])
def test_arrays_are_updated_in_place_and_keep_dtype(kind):
    p = Tensor(numpy.ones((2, 3), numpy.float32), requires_grad=True)
    array, optimizer = p.data, kind([p], lr=0.1)
    for _ in range(3):
        p.grad = Tensor(numpy.ones((2, 3), numpy.float32))
        optimizer.step()
    assert p.data is array and p.dtype == numpy.float32 and p.is_leaf
    assert (array < 1).all()
    assert all(x.dtype == numpy.float32 for x in optimizer.state[0].values()
               if isinstance(x, numpy.ndarray))


def test_a_read_only_array_is_replaced():
    array = numpy.ones(2)
    array.flags.writeable = False
    p = Tensor(array, requires_grad=True)
    p.grad = Tensor(numpy.ones(2))
    SGD([p], lr=0.5).step()
    assert p.data.tolist() == [0.5, 0.5] and array.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("kind", [SGD, Adagrad, RMSprop, Adam, AdamW])
def test_other_storages_give_the_same_numbers(kind):
    strict = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
    data, grads = starts()
    ours = Tensor(data[0].copy(), requires_grad=True)
    other = Tensor(strict.asarray(data[0].copy()), requires_grad=True)
    optimizers = kind([ours], lr=0.1), kind([other], lr=0.1)
    for step in grads[:5]:
        ours.grad, other.grad = Tensor(step[0]), Tensor(strict.asarray(step[0]))
        for optimizer in optimizers:
            optimizer.step()
    numpy.testing.assert_allclose(numpy.asarray(other.data), ours.data, rtol=1e-15)
    saved = optimizers[1].state_dict()
    optimizers[1].load_state_dict(saved)


def test_what_has_no_gradient_stays():
    p, v = Tensor(numpy.ones(2), requires_grad=True), Value(1.0)
    optimizer = Adam([p, v], lr=0.1)
    optimizer.step()
    assert p.data.tolist() == [1.0, 1.0] and v.data == 1.0 and optimizer.state == [{}, {}]
    (v * 3).backward()
    optimizer.step()
    assert p.data.tolist() == [1.0, 1.0] and v.data == pytest.approx(0.9)
    optimizer.zero_grad()
    optimizer.step()
    assert v.data == pytest.approx(0.9)


def test_zero_grad_means_not_computed():
    p, v = Tensor(2.0, requires_grad=True), Value(2.0)
    (p * p).backward()
    (v * v).backward()
    assert p.grad.item() == v.grad == 4.0
    SGD([p, v]).zero_grad()
    assert p.grad is None and v.grad == 0.0


def test_the_rate_of_all_groups_is_an_attribute():
    a, b = Tensor([1.0], requires_grad=True), Tensor([1.0], requires_grad=True)
    optimizer = nn.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)
    assert optimizer.lr == 0.1
    optimizer.lr = 0.25
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ArgumentError, match="lr"):
            optimizer.lr = wrong
    assert optimizer.lr == 0.25


def test_groups_have_options_of_their_own():
    a, b = Value(1.0), Value(1.0)
    optimizer = SGD([{"params": [a]}, {"params": [b], "lr": 0.5, "weight_decay": 1.0}], lr=0.1)
    a.grad = b.grad = 1.0
    optimizer.step()
    assert a.data == pytest.approx(0.9) and b.data == pytest.approx(0.0)
    c = Value(1.0)
    optimizer.add_param_group({"params": [c], "lr": 0.25})
    c.grad = 1.0
    optimizer.step()
    assert c.data == 0.75


@pytest.mark.parametrize("kind, options", CASES)
def test_state_goes_out_and_in(kind, options):
    """Three steps, saved, three more; the same three after loading into a fresh optimiser."""
    data, grads = starts()
    p = [Tensor(x.copy(), requires_grad=True) for x in data[:2]]
    optimizer = kind(p, **options)

    def run(params, optimizer, steps):
        for step in steps:
            for x, g in zip(params, step, strict=False):
                x.grad = Tensor(g)
            optimizer.step()

    run(p, optimizer, grads[:3])
    saved = pickle.loads(pickle.dumps(optimizer.state_dict()))
    q = [Tensor(x.data.copy(), requires_grad=True) for x in p]
    run(p, optimizer, grads[3:6])
    other = kind(q, lr=123.0)
    before = copy.deepcopy(saved)
    other.load_state_dict(saved)
    run(q, other, grads[3:6])
    for x, y in zip(p, q, strict=True):
        assert (x.data == y.data).all()
    assert repr(before) == repr(saved)                      # what was loaded is not shared


def test_state_of_other_parameters_is_refused():
    p, q = Tensor(numpy.ones(2), requires_grad=True), Tensor(numpy.ones(3), requires_grad=True)
    p.grad = Tensor(numpy.ones(2))
    optimizer = Adam([p])
    optimizer.step()
    with pytest.raises(ShapeError, match=r"'exp_avg' of parameter 0: saved with shape \(2,\)"):
        Adam([q]).load_state_dict(optimizer.state_dict())
    with pytest.raises(ShapeError, match=r"groups of \[2\] parameters, the saved state has \[1\]"):
        Adam([p, q]).load_state_dict(optimizer.state_dict())


@pytest.mark.parametrize("damage, says", [
    (lambda s: None, "NoneType None is no state of an optimiser"),
    (lambda s: {}, r"dict \{\} is no state of an optimiser"),
    (lambda s: {"state": s["state"]}, "is no state of an optimiser"),
    (lambda s: {**s, "state": [1.0]}, "is no state of an optimiser"),
    (lambda s: {**s, "param_groups": 3}, "is no state of an optimiser"),
    (lambda s: {**s, "param_groups": [{"params": 2}]}, "is no state of an optimiser"),
    (lambda s: {**s, "state": {**s["state"], 7: {}}}, r"2 parameters, .*keeps list \[0, 1, 7\]"),
    (lambda s: {**s, "state": {**s["state"], "1": {}}}, r"2 parameters, .*keeps list \[0, 1, '1'"),
    (lambda s: with_option(s, "params", [1, 0]), r"2 parameters, .*is of list \[1, 0\]"),
    (lambda s: with_option(s, None, 1), "the saved state has lr, .*None"),
    (lambda s: with_option(s, "lr", "0.1"), "Adam: lr is 0.2, the saved state has str '0.1'"),
    (lambda s: with_option(s, "lr", 10**400), "Adam: lr is 0.2, the saved state has int 1000"),
    (lambda s: with_option(s, "lr", numpy.nan), "Adam: lr is nan"),
    (lambda s: with_option(s, "lr", True), "Adam: lr is 0.2, the saved state has bool True"),
    (lambda s: with_option(s, "betas", 0.9), r"Adam: betas is \(0.9, 0.999\), the saved state"),
    (lambda s: with_option(s, "betas", (0.9, 1.0)), "Adam: betas with 1.0"),
    (lambda s: with_option(s, "amsgrad", 1), "Adam: amsgrad is False, the saved state has int 1"),
    (lambda s: with_state(s, "step", -1), "'step' of parameter 1 is -1"),
    (lambda s: with_state(s, "step", 0.5), "'step' of parameter 1 is 0.5"),
    (lambda s: with_state(s, "step", "1"), "'step' of parameter 1: .* cannot take str '1'"),
    (lambda s: with_state(s, "exp_avg", None), r"'exp_avg' of parameter 1: "),
    (lambda s: with_state(s, "exp_avg", numpy.array(["a", "b"])), r"\(2,\) cannot take array"),
    (lambda s: with_state(s, "exp_avg", [1.0]), r"'exp_avg' of parameter 1: \(2,\) cannot take"),
    (lambda s: with_state(s, "exp_avg", [1e39, 0.0]), "of float32 cannot hold 1e[+]39"),
    (lambda s: with_state(s, "exp_avg", numpy.array([1j, 0])), r"\(2,\) cannot take array")])
def test_a_damaged_state_is_refused_and_changes_nothing(damage, says):
    params = [Value(1.0), Tensor(numpy.ones(2, "f4"), requires_grad=True)]
    optimizer = Adam(params, lr=0.1)
    params[0].grad, params[1].grad = 0.5, Tensor(numpy.ones(2, "f4"))
    optimizer.step()
    other = Adam(params, lr=0.2)
    before = repr(other.state_dict())
    with pytest.raises((ArgumentError, ShapeError), match=rf"{says}(.|\n)*\nhelp: "):
        other.load_state_dict(damage(optimizer.state_dict()))
    assert repr(other.state_dict()) == before


def with_option(saved, name, x):
    return {**saved, "param_groups": [{**saved["param_groups"][0], name: x}]}


def with_state(saved, name, x):
    return {**saved, "state": {**saved["state"], 1: {**saved["state"][1], name: x}}}


def test_a_state_from_json_is_as_it_was():
    p = Value(1.0)
    optimizer, other = Adam([p], lr=0.1), Adam([p], lr=0.2)
    p.grad = 0.5
    optimizer.step()
    other.load_state_dict(json.loads(json.dumps(optimizer.state_dict())))
    assert repr(other.state_dict()) == repr(optimizer.state_dict())


def test_the_words_among_the_options_of_an_optimiser_of_ones_own_go_in():
    class Own(nn.Optimizer):
        def __init__(self, params, **options):
            super().__init__(params, {"lr": 0.1, "mode": "min", "clip": None, **options})

    optimizer = Own([Value(1.0)])
    optimizer.load_state_dict(Own([Value(1.0)], mode="max", clip=2.0).state_dict())
    group = optimizer.param_groups[0]
    assert (group["mode"], group["clip"], group["lr"]) == ("max", 2.0, 0.1)


def leaf():
    return Tensor(numpy.ones(2), requires_grad=True)


@pytest.mark.parametrize("make, error, says", [
    (lambda: SGD([leaf()], lr=-0.1), ArgumentError, "lr is -0.1"),
    (lambda: Adam([leaf()], lr=float("nan")), ArgumentError, "lr is nan"),
    (lambda: SGD([leaf()], momentum=-1), ArgumentError, "momentum is -1"),
    (lambda: SGD([leaf()], nesterov=True), ArgumentError, "momentum=0"),
    (lambda: Adam([leaf()], betas=(0.9, 1.0)), ArgumentError, "betas with 1.0"),
    (lambda: RMSprop([leaf()], alpha=1.5), ArgumentError, "alpha with 1.5"),
    (lambda: AdamW([leaf()], weight_decay=-1), ArgumentError, "weight_decay is -1"),
    (lambda: Adam([leaf()], eps=-1), ArgumentError, "eps is -1"),
    (lambda: SGD([{"params": [leaf()], "lr": -1}]), ArgumentError, "lr is -1"),
    (lambda: SGD([{"params": [leaf()], "beta": 1}]), ArgumentError, "no option beta"),
    (lambda: SGD([]), ArgumentError, "no parameters"),
    (lambda: SGD(iter(())), ArgumentError, "no parameters"),
    (lambda: SGD([{"params": []}]), ArgumentError, "no parameters"),
    (lambda: SGD(leaf()), ArgumentError, "takes several parameters"),
    (lambda: SGD([Tensor(numpy.ones(2))]), GraphError, r"shape \(2,\).*does not require"),
    (lambda: SGD([leaf() * 2]), GraphError, "result of an operation"),
    (lambda: SGD([Value(1.0) * 2]), GraphError, "result of an operation"),
    (lambda: SGD([numpy.ones(2)]), DtypeError, r"array of shape \(2,\)"),
    (lambda: SGD([x := Value(1.0), x]), ArgumentError, r"Value\(1.0\) was given twice"),
    (lambda: SGD([{"params": [x := leaf()]}, {"params": [x]}]), ArgumentError, "given twice"),
])
def test_bad_arguments_are_named(make, error, says):
    with pytest.raises(error, match=says) as caught:
        make()
    assert "\nhelp: " in str(caught.value)


def test_equal_values_are_not_the_same_parameter():
    assert len(SGD([Value(1.0), Value(1.0)]).param_groups[0]["params"]) == 2


@pytest.mark.parametrize("max_norm", [0.0, 0.5, 1e6])
def test_clip_grad_norm_is_pytorchs(max_norm):
    torch = pytest.importorskip("torch", reason="compares with PyTorch: pip install torch")
    _, grads = starts()
    ours = [Tensor(numpy.zeros_like(g), requires_grad=True) for g in map(numpy.asarray, grads[0])]
    theirs = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in ours]
    for p, q, g in zip(ours, theirs, grads[0], strict=True):
        p.grad, q.grad = Tensor(numpy.asarray(g)), torch.tensor(g, dtype=torch.float64)
    norm = clip_grad_norm(ours, max_norm)
    assert norm == pytest.approx(float(torch.nn.utils.clip_grad_norm_(theirs, max_norm)), 1e-14)
    for p, q in zip(ours, theirs, strict=True):
        numpy.testing.assert_allclose(p.grad.data, q.grad.numpy(), rtol=1e-12)


def test_clipping_values_and_both_engines():
    v, w, p = Value(1.0), Value(1.0), Tensor(numpy.ones(3), requires_grad=True)
    unused = Tensor(numpy.ones(1), requires_grad=True)
    v.grad, w.grad, p.grad = -3.0, 4.0, Tensor([0.0, 12.0, 0.0])
    assert clip_grad_norm([v, w, p, unused], 6.5) == 13.0
    numpy.testing.assert_allclose([v.grad, w.grad, p.grad.data[1]], [-1.5, 2.0, 6.0], rtol=1e-6)
    clip_grad_value([v, w, p, unused], 1.75)
    assert v.grad == pytest.approx(-1.5) and w.grad == 1.75 and p.grad.tolist() == [0.0, 1.75, 0.0]
    v.grad = float("nan")
    clip_grad_value([v], 1.0)
    assert v.grad != v.grad and unused.grad is None
    with pytest.raises(ArgumentError, match="max_norm is -1"):
        clip_grad_norm([v], -1)
    with pytest.raises(ArgumentError, match="clip_value is nan"):
        clip_grad_value([v], float("nan"))


def test_overflow_is_quiet_and_ieee():
    """A gradient whose square overflows: no exception and no warning, in both engines."""
    p, v = Tensor(numpy.ones(1), requires_grad=True), Value(1.0)
    for x, g in ((p, Tensor([1e200])), (v, 1e200)):
        x.grad = g
        optimizer = Adam([x], lr=0.1, eps=0.0)
        optimizer.step()
        x.grad = g * 0.0
        optimizer.step()
    assert p.data.tolist() == [v.data] == [1.0]


def test_repr_says_what_it_is():
    assert repr(SGD([Value(1.0)], lr=0.1)) == (
        "SGD(1 parameters, lr=0.1, momentum=0.0, nesterov=False, weight_decay=0.0)")


def test_an_optimiser_of_a_model_is_refused_with_the_edit():
    for model in (nn.Linear(2, 1, rng=0), nn.Sequential("relu"), nn.MLP(2, [1], seed=0)):
        with pytest.raises(ArgumentError, match=rf"got a model, {model.title()}\n"
                                                r"help: give it model\.parameters\(\)"):
            nn.Adam(model)
