"""A whole training step inside jax.jit: traced once, the numbers of NumPy; nothing asks tracers."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from classifying import CLASSES, X, step
from hypothesis import given, settings, strategies as st
from oracles import like, outputs
from places import Place
from test_ops_derivatives import DOMAINS, NAMES, bind
from test_storage import over

import autograd
import autograd.numpy as anp
import nn
from autograd import Tensor, Value, grad, jvp, value_and_grad, vjp
from autograd.errors import ArgumentError, DtypeError, GraphError

jax = pytest.importorskip("jax", reason="pip install jax")
jnp = jax.numpy
rng = np.random.default_rng(0)
NUMBERS = rng.normal(size=(20, 3))
TARGETS = {"cross_entropy": CLASSES, "hinge_loss": np.sign(NUMBERS),
           "binary_cross_entropy": rng.random((20, 3))}
OPTIMIZERS = [
    (nn.SGD, {"lr": 0.1}), (nn.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    (nn.Adagrad, {"lr": 0.1, "lr_decay": 0.1}),
    (nn.RMSprop, {"centered": True, "momentum": 0.9, "weight_decay": 0.1}),
    (nn.Adam, {"amsgrad": True, "weight_decay": 0.1}), (nn.AdamW, {"betas": (0.0, 0.9)})]
BAR = 1e-6
STEPS = 5
PAGE = Path(__file__).parent.parent / "docs" / "compilers.md"


@pytest.fixture(autouse=True)
def wide():
    """JAX with float64, as NumPy has it."""
    with jax.enable_x64(True):
        yield


def network(activation="tanh", dtype=None):
    return nn.Sequential(nn.Linear(4, 16, rng=0, dtype=dtype), activation,
                         nn.Linear(16, 3, rng=1, dtype=dtype))


class Training:
    """An ordinary training step of a model, and how often its Python ran."""

    def __init__(self, model, optimizer, loss="cross_entropy"):
        self.model, self.optimizer, self.loss, self.runs = model, optimizer, loss, 0

    def step(self, x, y):
        self.runs += 1
        self.optimizer.zero_grad()
        loss = getattr(nn, self.loss)(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss


def both(kind=nn.Adam, options=None, dtype="float64"):
    """The same steps over NumPy, one by one, and compiled over JAX; asserts that they agree."""
    x, model, twin = X.astype(dtype), network(dtype=dtype), network(dtype=dtype).to(storage="jax")
    plain = Training(model, kind(model.parameters(), **(options or {})))
    traced = Training(twin, kind(twin.parameters(), **(options or {})))
    pure = nn.Pure(traced.step, twin, traced.optimizer)
    fast, state = jax.jit(pure), pure.state()
    for _ in range(STEPS):
        state, found = fast(state, jnp.asarray(x), jnp.asarray(CLASSES))
        assert float(found) == pytest.approx(plain.step(x, CLASSES).item(), rel=BAR)
    assert traced.runs == 1
    pure.load(state)
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert q.data.dtype == dtype
        np.testing.assert_allclose(np.asarray(q.data), p.data, rtol=0, atol=BAR)
    return plain, traced, pure, fast


@pytest.mark.parametrize("kind, options", OPTIMIZERS)
def test_a_compiled_step_has_the_numbers_of_numpy(kind, options):
    plain, traced, _, _ = both(kind, options)
    ours, theirs = traced.optimizer.state_dict(), plain.optimizer.state_dict()
    assert ours["param_groups"] == theirs["param_groups"]
    for i, kept in theirs["state"].items():     # what compiled steps left, others go on with
        for name, x in kept.items():
            np.testing.assert_allclose(ours["state"][i][name], x, rtol=BAR, atol=1e-9)


@pytest.mark.parametrize("kind, options", OPTIMIZERS)
def test_compile_hands_a_step_to_jax(kind, options):
    model, twin = network(), network().to(storage="jax")
    (plain, handed), fast = (
        kind(m.parameters(), **options) for m in (model, twin)), autograd.compile(step)
    for i in range(STEPS):
        if i == 3:
            plain.param_groups[0]["lr"] = handed.param_groups[0]["lr"] = 0.05
        found = fast(twin, handed, jnp.asarray(X), jnp.asarray(CLASSES))
        assert float(found.data) == pytest.approx(step(model, plain, X, CLASSES).item(), rel=BAR)
    assert len(fast.signatures) == 1 and "lambda" in fast.source and fast.loops == ""
    step(twin, handed, Tensor(jnp.asarray(X)), jnp.asarray(CLASSES))         # and on without it
    step(model, plain, X, CLASSES)
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert type(q.data) is type(jnp.ones(1))
        np.testing.assert_allclose(np.asarray(q.data), p.data, rtol=0, atol=BAR)


def test_compile_of_functions_of_jax():
    slope = grad(lambda w, n: anp.sum(anp.tanh(w) ** n))
    fast = autograd.compile(slope, static="n")
    for x, n in ((jnp.ones(3), 2), (jnp.zeros((2, 2)), 2), (jnp.ones(3), 3)):
        np.testing.assert_allclose(fast(x, n), slope(x, n), rtol=BAR)
    assert len(fast.signatures) == 3
    found = autograd.compile(lambda x: {"twice": 2 * x, "word": "kept"})(Tensor(jnp.ones(2)))
    assert type(found["twice"]) is Tensor and found["word"] == "kept"
    with pytest.raises(jax.errors.ConcretizationTypeError):
        autograd.compile(lambda x: 1.0 if x[0] > 0 else 0.0)(jnp.ones(3))


def test_what_a_step_over_jax_cannot_do_leaves_the_model_whole():
    model = network().to(storage="jax")
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    model.seen = []
    before = np.asarray(model[0].weight.data)
    with pytest.raises(GraphError, match="changes 0"):
        autograd.compile(lambda m, o, x, y: m.seen.append(m(x)) or step(m, o, x, y))(
            model, optimizer, jnp.asarray(X), jnp.asarray(CLASSES))
    assert model.seen == [] and (np.asarray(model[0].weight.data) == before).all()


def test_fit_compiles_over_jax():
    model, twin = (network().to(storage="jax") for _ in range(2))
    how = {"loss": "cross_entropy", "epochs": 2, "batch_size": 8, "quiet": True, "lr": 0.1,
           "seed": 0}
    one = nn.fit(model, jnp.asarray(X), jnp.asarray(CLASSES), **how)
    two = nn.fit(twin, jnp.asarray(X), jnp.asarray(CLASSES), compile=True, **how)
    assert one[-1]["loss"] == pytest.approx(two[-1]["loss"], rel=BAR)


@pytest.mark.parametrize("wide", [False, True])
def test_a_compiled_step_in_float32(wide):
    with jax.enable_x64(wide):
        both(nn.Adam, dtype="float32")


@pytest.mark.parametrize("name", nn.activations.BY_NAME)
def test_every_activation_is_traced(name):
    trace(network(name), "cross_entropy")


@pytest.mark.parametrize("loss", [f.__name__ for f in nn.arguments.LOSSES])
def test_every_loss_is_traced(loss):
    trace(network(), loss)


def trace(model, loss):
    """Trace a step: nothing in it asks for a number."""
    model.to(storage="jax")
    training = Training(model, nn.SGD(model.parameters()), loss)
    pure, y = nn.Pure(training.step, model, training.optimizer), TARGETS.get(loss, NUMBERS)
    state, value = jax.eval_shape(pure, pure.state(), jnp.asarray(X), jnp.asarray(y))
    assert value.shape == () and state[0]["layers.0.weight"].shape == (16, 4)


def test_a_new_rate_is_no_new_program():
    _, traced, pure, fast = both(nn.SGD)
    schedule = nn.StepLR(traced.optimizer, 1, 0.0)
    before = np.asarray(traced.model[0].weight.data)
    for expected in (False, True):
        state, _ = fast(pure.state(), jnp.asarray(X), jnp.asarray(CLASSES))
        assert (np.asarray(state[0]["layers.0.weight"]) == before).all() == expected
        schedule.step()
    assert traced.runs == 1


def test_tracing_leaves_the_model_as_it_was():
    model = network().to(storage="jax")
    optimizer = nn.Adam(model.parameters())
    gradient = model[0].bias.grad = Tensor(jnp.ones(16))
    training = Training(model, optimizer)
    pure = nn.Pure(training.step, model, optimizer)
    state = pure.state()
    jax.jit(pure)(state, jnp.asarray(X), jnp.asarray(CLASSES))
    with pytest.raises(jax.errors.ConcretizationTypeError):
        failing = nn.Pure(lambda x: training.step(x, jnp.asarray(CLASSES)).item(), model, optimizer)
        jax.jit(failing)(state, jnp.asarray(X))
    assert model[0].bias.grad is gradient and model[0].weight.grad is None
    leaves = jax.tree.leaves([pure.state(), [p.data for p in model.parameters()]])
    assert not any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)
    assert all(a is b for a, b in zip(jax.tree.leaves(pure.state()[0]), jax.tree.leaves(state[0]),
                                      strict=True))


def test_over_numpy_a_pure_step_changes_nothing_it_was_given():
    model = network()
    training = Training(model, nn.Adam(model.parameters()))
    pure = nn.Pure(training.step, model, training.optimizer)
    start = pure.state()
    kept = [x.copy() for x in jax.tree.leaves(start) if isinstance(x, np.ndarray)]
    state, first = pure(start, X, CLASSES)
    for x, y in zip(kept, [x for x in jax.tree.leaves(start) if isinstance(x, np.ndarray)],
                    strict=True):
        np.testing.assert_array_equal(x, y)
    again, second = pure(start, X, CLASSES)
    assert first == second and type(first) is np.ndarray
    assert not np.array_equal(state[0]["layers.0.weight"], start[0]["layers.0.weight"])
    np.testing.assert_array_equal(state[0]["layers.0.weight"], again[0]["layers.0.weight"])


@pytest.mark.parametrize("holders, says", [
    ((nn.MLP(2, [1]),), "a pure step of a model of Values\nhelp: .*vectorize"),
    (([Value(1.0)],), "a pure step that changes list .*\nhelp: give the step, then the models"),
    ((nn.Linear(1, 1, rng=0), nn.SGD(nn.Linear(1, 2, rng=0).parameters())),
     r"without the model of its parameter, a Tensor of shape \(2, 1\)(.|\n)*help: give both")])
def test_what_a_pure_step_cannot_hold(holders, says):
    with pytest.raises(ArgumentError, match=says):
        nn.Pure(lambda: None, *holders)


def test_dropout_cannot_be_traced_and_says_so():
    layer = nn.Dropout(0.5, rng=0)
    with pytest.raises(GraphError, match=r"drawn while it is traced: .*\nhelp: .*model.eval\(\)"):
        jax.jit(lambda x: layer(Tensor(x)).data)(jnp.ones(3))
    layer.eval()
    assert jax.jit(lambda x: layer(Tensor(x)).data)(jnp.ones(3)).sum() == 3.0


@pytest.mark.parametrize("kind", [nn.SGD, nn.Adam])
def test_a_step_whose_optimiser_is_in_no_pure_step_is_refused(kind):
    model = network().to(storage="jax")
    training = Training(model, kind(model.parameters()))
    pure, x, y = nn.Pure(training.step, model), jnp.asarray(X), jnp.asarray(CLASSES)
    kept = [p.data for p in model.parameters()]
    with pytest.raises(GraphError, match=r"while it is traced(.|\n)*help: .*\(step, model, optim"):
        jax.jit(pure)(pure.state(), x, y)
    with pytest.raises(GraphError, match="while it is traced"):
        jax.jit(lambda x, y: training.step(x, y).data)(x, y)
    assert all(p.data is data for p, data in zip(model.parameters(), kept, strict=True))
    assert not any(training.optimizer.state)
    training.step(x, y)                                     # and both still serve
    pure = nn.Pure(training.step, model, training.optimizer)
    jax.jit(pure)(pure.state(), x, y)
    with pytest.raises(GraphError, match="while it is traced"):
        jax.jit(lambda x, y: training.step(x, y).data)(x, y)


def test_the_page_about_compilers_runs_over_jax():
    text = PAGE.read_text(encoding="utf-8").partition("## PyTorch")[0]
    scope = {}
    with jax.enable_x64(False):
        for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
            exec(compile(block, PAGE.name, "exec"), scope)
    loss = scope["step"](jnp.ones((8, 3)), jnp.zeros((8, 1)))
    assert loss.item() < scope["loss"].item() and scope["optimizer"].state[0]["step"] > 3


def test_wrong_targets_give_nan_inside_too():
    loss = jax.jit(lambda z, y: nn.cross_entropy(z, y))
    assert math.isnan(loss(jnp.ones((2, 3)), jnp.asarray([0, 3])))
    assert loss(jnp.ones((2, 3)), jnp.asarray([0, 2])) == pytest.approx(math.log(3))


# -- the engine ------------------------------------------------------------------------------------

def test_transforms_of_ours_inside_those_of_jax():
    weights = {"w": jnp.asarray(rng.normal(size=(4, 3))), "b": jnp.zeros(3)}

    def loss(p, x):
        return nn.cross_entropy(anp.tanh(x @ p["w"] + p["b"]), jnp.asarray(CLASSES))

    def theirs(p, x):
        logits = jax.nn.log_softmax(jnp.tanh(x @ p["w"] + p["b"]))
        return -logits[jnp.arange(20), jnp.asarray(CLASSES)].mean()

    x = jnp.asarray(X)

    def all_of(loss, value_and_grad, grad, jvp):
        """Value and gradient, a gradient of gradients, and a tangent."""
        def squares(p, x):
            return sum((g * g).sum() for g in grad(loss)(p, x).values())

        return jax.jit(lambda p, x: (value_and_grad(loss)(p, x), grad(squares)(p, x),
                                     jvp(lambda x: loss(p, x), (x,), (x,))[1]))

    found = all_of(loss, value_and_grad, grad, jvp)(weights, x)
    expected = all_of(theirs, jax.value_and_grad, jax.grad, jax.jvp)(weights, x)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_vmap_of_a_gradient():
    found = jax.vmap(grad(lambda x: anp.sum(anp.sin(x) * x)))(jnp.asarray(X))
    np.testing.assert_allclose(found, np.cos(X) * X + np.sin(X), rtol=1e-12)


UNTRACED = {
    "to_device": "a traced array is nowhere", "element": "Values are floats",
    "from_values": "Values are floats", "repeat": "the shape of the result",
    "unique_all": "the shape of the result", "unique_counts": "the shape of the result",
    "unique_inverse": "the shape of the result", "unique_values": "the shape of the result",
    "getitem": "a mask as index: the shape of the result", "scatter": "as getitem",
    "setitem": "as getitem", "qr": "its domain makes NumPy arrays", "svd": "as qr",
}


@pytest.mark.parametrize("domain", [
    pytest.param(domain, id=name) for domain, name in zip(DOMAINS, NAMES, strict=True)
    if domain.name not in UNTRACED])
@given(data=st.data(), seed=st.integers(0, 2**16))
@settings(max_examples=1)
def test_an_operation_and_its_derivatives_are_traced(domain, data, seed):
    """Nothing branches on numbers; that they are right is tested without tracing."""
    case, draw = data.draw(domain.cases), np.random.default_rng(seed)
    f, _, xs = bind(domain, case)
    place = Place("jax", "jax", "cpu")
    g = [draw.normal(size=z.shape) for z in outputs(vjp(f, *xs)[0])]
    t = [draw.normal(size=x.shape) for x in xs]
    function = over(domain, case, place)

    def derivatives(xs, g, t):
        value, pullback = vjp(function, *xs)
        return value, pullback(like(value, g)), jvp(function, xs, t)[1]

    try:
        jax.eval_shape(derivatives, *(place.put(part) for part in (list(xs), g, t)))
    except GraphError as error:                 # special functions of SciPy's alone
        assert "cannot be traced" in str(error)


@pytest.mark.parametrize("counts", [2, [2], [1, 0, 3], np.asarray([1, 0, 3])], ids=str)
def test_repeat_is_traced_where_its_counts_are_known(counts):
    def f(x):
        return anp.sum(anp.repeat(x, counts) ** 2)

    x = np.asarray([1.0, 2.0, 3.0])
    assert jax.jit(grad(f))(jnp.asarray(x)).tolist() == grad(f)(x).tolist()
    assert jax.jit(f)(jnp.asarray(x)).tolist() == np.sum(np.repeat(x, counts) ** 2)


def test_repeat_says_that_counts_must_be_known():
    with pytest.raises(DtypeError, match=r"repeat(.|\n)*static(.|\n)*help: "):
        jax.jit(anp.repeat)(jnp.ones(3), jnp.asarray([1, 2, 0]))


def test_a_place_can_be_entered_twice():
    """Leaving the inner one leaves the outer one's float64 on."""
    place = Place("jax", "jax", "cpu")
    with jax.enable_x64(False):
        with place:
            with place:
                pass
            assert jnp.asarray(1.0).dtype == "float64"
        assert jnp.asarray(1.0).dtype == "float32" and not place.entered
