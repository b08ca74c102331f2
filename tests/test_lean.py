"""The printed paths of Tensors over NumPy against the plain way that defines them, bit for bit."""

import copy

import numpy
import pytest
from domains import PRIMITIVES
from hypothesis import given, settings, strategies as st
from test_optim import CASES

import autograd.numpy as np
import nn
from autograd import Tensor, custom_gradient, debug, no_grad
from autograd.applying import apply
from autograd.node import Node
from autograd.operands import raw
from autograd.primitive import table
from autograd.storage import numpy_storage, quiet
from nn.packing import Packing

SPECIAL = [0.0, -0.0, 1.0, -2.5, 1e-45, 1e38, numpy.inf, -numpy.inf, numpy.nan]


def same(x, y):
    """Whether two arrays are the same in every bit, nan beside nan."""
    x, y = numpy.asarray(x), numpy.asarray(y)
    return x.dtype == y.dtype and x.shape == y.shape and numpy.array_equal(
        x, y, equal_nan=x.dtype.kind in "fc") and bool(
        numpy.all((numpy.signbit(x) == numpy.signbit(y)) | (x != x)) if x.dtype.kind == "f" else 1)


def recorded(domain, case, dtype, rng, special):
    """The node of an operation on Tensors, some of whose numbers may be special ones."""
    args = list(case.args)
    for i in case.moving:
        x = args[i].astype(dtype)
        if special and domain.on_values:
            chosen = rng.choice(SPECIAL, x.shape).astype(dtype)
            x = numpy.where(rng.random(x.shape) < 0.5, x, chosen)
        args[i] = Tensor(numpy.asarray(x), requires_grad=True)
    with numpy.errstate(all="ignore"):
        out = domain.function(*args, **case.params)
    return [x.node for x in (out if isinstance(out, tuple) else (out,)) if isinstance(x, Tensor)]


@pytest.mark.parametrize("domain", PRIMITIVES.values(), ids=PRIMITIVES)
@given(data=st.data(), seed=st.integers(0, 2**16), dtype=st.sampled_from(["float32", "float64"]))
@settings(max_examples=40)
def test_pull(domain, data, seed, dtype):
    rng = numpy.random.default_rng(seed)
    for node in recorded(domain, data.draw(domain.cases), dtype, rng, seed % 2):
        if not isinstance(node.data, numpy.ndarray) or node.op is None:
            continue
        g = rng.normal(size=node.data.shape).astype(node.data.dtype)
        if seed % 2:
            g = numpy.where(rng.random(g.shape) < 0.5, g, rng.choice(SPECIAL, g.shape)
                            ).astype(g.dtype)
        for i, arg in enumerate(node.args):
            if isinstance(arg, Node) and not isinstance(arg.data, tuple):
                with quiet():
                    plain, lean = node.contribution(i, g), node.fitted(i, arg, g)
                    assert plain is lean is None or same(arg.fit(plain), lean), node.op


def test_most_rules_are_printed():
    printed = {name for name, op in table.items() if op.rules
               and all(op.pull_over_numpy(i) for i in range(len(op.rules)))}
    assert {"add", "multiply", "divide", "pow", "exp", "relu", "tanh", "maximum", "sum", "reshape",
            "broadcast_to", "getitem", "matrix_product", "matrix_transpose"} <= printed


def test_a_users_rule_is_not_printed():
    scale = 2.0

    @custom_gradient(lambda g, x: g * scale)
    def twice(x):
        return scale * x

    x = Tensor([1.0], requires_grad=True)
    twice(x).sum().backward()
    scale = 3.0
    twice(x).sum().backward()
    assert x.grad.tolist() == [5.0]


OPERANDS = [Tensor([[1.5, -2.0], [0.0, 3.0]], requires_grad=True), Tensor([[0.5, 1.0]]),
            numpy.array([[2.0, 3.0], [1.0, -1.0]]), 2.0, 3, Tensor([1j], requires_grad=True),
            Tensor(numpy.float32([[1.0, 2.0]]), requires_grad=True), numpy.array([1, 2]), True,
            Tensor(2.0, requires_grad=True), numpy.float64(0.5)]


def outcome(function, *args, **params):
    """What a call gave, or the error it raised."""
    try:
        with numpy.errstate(all="ignore"):
            return function(*args, **params)
    except Exception as error:
        return type(error), str(error)


def numbers(*operands):
    return [x.data if isinstance(x, Node) else x for x in operands]


def alike(x, y):
    """Whether two outcomes are the same Tensor, recorded alike, or the same error."""
    if not isinstance(x, Tensor):
        return type(x) is type(y) and x == y
    mine, theirs = x.node, y.node
    return (same(x.data, y.data) and x.tracked == y.tracked and mine.op is theirs.op
            and repr(mine.params) == repr(theirs.params)
            and all(p is q or (type(p) is type(q) and same(*numbers(p, q)))
                    for p, q in zip(mine.args, theirs.args, strict=True))
            and (x._base is None) == (y._base is None))


BINARY = [op for op in table.values() if op.arity == 2 and len(op.rules) == 2
          and op.diagonal and not op.fixed and not op.defaults]


@pytest.mark.parametrize("op", [*BINARY, table["matrix_product"]], ids=lambda op: op.name)
def test_binary(op):
    for mode in (no_grad, debug, None):
        for x in OPERANDS:
            for y in OPERANDS:
                if isinstance(x, Tensor) or isinstance(y, Tensor):
                    with mode() if mode else quiet():
                        lean = outcome(op, x, y)
                        plain = outcome(apply, op, (x, y), {})
                    assert alike(lean, plain), (op, x, y)


METHODS = {
    "sum": ((), {}, {"axis": 0}, {"axis": (0, 1), "keepdims": True}, {"dtype": "float64"},
            {"axis": 5}),
    "reshape": ((4,), (2, 2), ((1, 4),), ([4, 1],), (-1,), (3,), {"shape": 4}, {"order": "F"}),
    "__getitem__": ((0,), (slice(1),), (None,), (..., ), ([0, 0],), ((0, 1),), (7,), ("x",),
                    (numpy.array([True, False]),)),
    "__matmul__": tuple((x,) for x in OPERANDS), "__rmatmul__": tuple((x,) for x in OPERANDS),
    "tanh": ((),), "__neg__": ((),), "sqrt": ((),)}


@pytest.mark.parametrize("name", METHODS)
def test_methods(name):
    """Methods against those that the printed ones were made from."""
    plain = next(vars(kind)[name] for kind in Tensor.__mro__[1:] if name in vars(kind))
    for x in OPERANDS:
        for call in METHODS[name] if isinstance(x, Tensor) else ():
            args, params = ((), call) if isinstance(call, dict) else (call, {})
            lean = outcome(getattr(x, name), *args, **params)
            assert alike(lean, outcome(plain, x, *args, **params)) or (
                isinstance(lean, tuple) and lean[0] is TypeError), (x, call)


@given(seed=st.integers(0, 2**16), dtype=st.sampled_from(["f2", "f4", "f8", "i4"]),
       shape=st.sampled_from([(3,), (2000,), (40, 50)]), shapes=st.sampled_from([0, 1, 2]))
@settings(max_examples=200)
def test_where(seed, dtype, shape, shapes):
    rng = numpy.random.default_rng(seed)
    with numpy.errstate(all="ignore"):
        x, y = (rng.choice(SPECIAL, shape).astype(dtype) for _ in range(2))
    c = rng.random(shape) < 0.5
    if shapes == 1:
        x, y, c = x.T, y.T, c.T
    if shapes == 2:
        y = y[:1]
    for a, b in [(x, y), (x, 0.0), (0.0, y), (-0.0, x), (x, 1.5), (numpy.nan, x), (x, 1), (1.0, 2),
                 (x, y.astype("f8"))]:
        assert same(numpy.where(c, a, b), numpy_storage.where(c, a, b)), (a, b)


def test_broadcast_to():
    for shape in [(), (1,), (3,), (2, 1), (1, 3), (2, 3), (0,), (2, 0)]:
        for wide in [(), (1,), (3,), (2, 3), (4, 2, 3), (2, 1), (0,), (5, 2, 3), (-1,), (2, -1)]:
            for x in (numpy.arange(6.0)[:numpy.prod(shape, dtype=int)].reshape(shape),
                      numpy.ones((*shape, 2), "f4")[..., 0]):
                ours, theirs = (outcome(storage.broadcast_to, x, wide)
                                for storage in (numpy_storage, numpy))
                if isinstance(theirs, tuple):
                    assert ours == theirs
                else:
                    assert same(ours, theirs) and not ours.flags.writeable
                    assert not x.size or numpy.shares_memory(ours, x) or not ours.size


# -- optimisers ------------------------------------------------------------------------------------

def train(kind, options, packed, happens=lambda model, optimizer, t: optimizer):
    """The parameters after some steps, and the state that was kept."""
    model = nn.Sequential(nn.Linear(3, 5, rng=0, dtype="float32"), nn.Tanh(),
                          nn.Linear(5, 2, rng=1, dtype="float32"))
    optimizer = kind(model.parameters(), **options)
    rng = numpy.random.default_rng(3)
    for t in range(12):
        optimizer = happens(model, optimizer, t)
        if not packed:
            optimizer._packing = Packing()
        optimizer.zero_grad()
        x = rng.normal(size=(4, 3)).astype("float32")
        nn.mse_loss(model(x), numpy.ones((4, 2), "float32")).backward()
        if t == 6:
            model.parameters()[1].grad = None
        optimizer.step()
    if packed and happens.__name__ == "<lambda>":
        assert optimizer._packing.packs
    return [p.data for p in model.parameters()], optimizer.state_dict()


def equal_state(x, y):
    if isinstance(x, dict):
        return x.keys() == y.keys() and all(equal_state(x[key], y[key]) for key in x)
    return same(x, y) if isinstance(x, numpy.ndarray) else x == y


@pytest.mark.parametrize("kind, options", CASES)
def test_packed_updates(kind, options):
    (packed, state), (alone, plain) = (train(kind, options, packed) for packed in (True, False))
    assert all(map(same, packed, alone)) and equal_state(state, plain)


def data_replaced(model, optimizer, t):
    if t == 5:
        for p in model.parameters():
            p.data = p.data * 2
    return optimizer


def written_through(model, optimizer, t):
    if t == 5:
        with no_grad():
            model.parameters()[0][0] = 1.0
    return optimizer


def state_loaded(model, optimizer, t):
    if t == 5:
        optimizer.load_state_dict(optimizer.state_dict())
    return optimizer


def deep_copied(model, optimizer, t):
    if t != 5:
        return optimizer
    model, fresh = copy.deepcopy((model, optimizer))
    for mine, theirs in zip(optimizer.state, fresh.state, strict=True):
        mine.clear()
        mine.update(theirs)
    return optimizer


def other_options(model, optimizer, t):
    if t == 5:
        optimizer.param_groups[0].update(weight_decay=0.1)
        if "momentum" in optimizer.param_groups[0]:
            optimizer.param_groups[0]["momentum"] = 0.5
    return optimizer


def other_dtype(model, optimizer, t):
    if t == 5:
        model.to(dtype="float64")
    return optimizer


def shared_memory(model, optimizer, t):
    if t == 5:
        first, *_, last = model.parameters()
        last.data = first.data.reshape(-1)[:2]
    return optimizer


@pytest.mark.parametrize("happens", [data_replaced, written_through, state_loaded, deep_copied,
                                     other_options, other_dtype, shared_memory])
@pytest.mark.parametrize("kind", [nn.SGD, nn.RMSprop, nn.Adam])
def test_what_happens_to_packed_parameters(kind, happens):
    (packed, state), (alone, plain) = (train(kind, {"lr": 0.01}, packed, happens)
                                       for packed in (True, False))
    assert all(map(same, packed, alone)) and equal_state(state, plain)


def test_an_update_of_a_users_own_is_not_packed():
    class Normed(nn.Adam):
        """Divides by the norm of each parameter's gradient."""

        def _update(self, p, g, state, group):
            p -= group["lr"] * g / float(np.norm(g))
            return p

    (packed, _), (alone, _) = (train(Normed, {}, packed, data_replaced) for packed in (True, False))
    assert all(map(same, packed, alone))


def test_raw_numbers_of_a_state_are_views_of_one_buffer():
    model = nn.Linear(3, 2, rng=0)
    optimizer = nn.Adam(model.parameters())
    for _ in range(3):
        optimizer.zero_grad()
        np.sum(model(numpy.ones((1, 3)))).backward()
        optimizer.step()
    first, second = (state["exp_avg"] for state in optimizer.state)
    assert first.base is second.base is not None and raw(first) is first
