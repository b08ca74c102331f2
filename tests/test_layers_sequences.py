"""Embedding, LayerNorm, recurrent layers and attention compute what PyTorch's do, anywhere."""

import copy
import functools

import numpy
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from places import PLACES

import autograd
import autograd.numpy as np
import nn
from autograd import Tensor
from autograd.errors import ArgumentError, DtypeError, ShapeError, StorageError
from autograd.testing import check_gradients

BAR = {"float32": 1e-5, "float64": 1e-10}
each_dtype = pytest.mark.parametrize("dtype", BAR)
each_place = pytest.mark.parametrize("place", PLACES, ids=str)


def numbers(*shape, seed=0, dtype="float64"):
    return numpy.random.default_rng(seed).normal(size=shape).astype(dtype)


def weights(shape):
    """Unlike numbers, so that no two elements can be exchanged."""
    return numpy.cos(numpy.arange(numpy.prod(shape, dtype=int), dtype=float)).reshape(shape)


def flat(result):
    """The arrays of a result: one, or several in tuples."""
    if isinstance(result, tuple):
        return [x for part in result for x in flat(part)]
    return [result]


def total(outputs, put):
    """One number in which each output counts, and counts otherwise."""
    return sum((x * put(weights(tuple(x.shape)), x)).sum() for x in flat(outputs))


def like(array, x):
    return array.astype(str(x.dtype).removeprefix("torch."))


def run(layer, call, inputs):
    """Outputs and all gradients of our layer, by name."""
    tensors = [Tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    outputs = call(layer, *tensors)
    layer.zero_grad()
    total(outputs, like).backward()
    found = {f"output {i}": x.detach().numpy() for i, x in enumerate(flat(outputs))}
    found |= {f"input {i}": x.grad.numpy() for i, x in enumerate(tensors) if x.requires_grad}
    return found | {name: p.grad.numpy() for name, p in layer.named_parameters()}


def run_torch(torch, layer, call, inputs):
    """The same of a layer of PyTorch."""
    tensors = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    outputs = call(layer, *tensors)
    total(outputs, lambda array, x: torch.tensor(like(array, x))).backward()
    found = {f"output {i}": x.detach().numpy() for i, x in enumerate(flat(outputs))}
    found |= {f"input {i}": x.grad.numpy() for i, x in enumerate(tensors) if x.requires_grad}
    return found | {name: p.grad.numpy() for name, p in layer.named_parameters()}


def agree(found, expected, bar):
    assert found.keys() == expected.keys()
    for name, x in expected.items():
        assert found[name].shape == x.shape and found[name].dtype == x.dtype, name
        assert_allclose(found[name], x, rtol=bar, atol=bar, err_msg=name)


def agree_with_torch(ours, theirs, call, inputs, dtype, call_theirs=None):
    """With PyTorch's weights, in train and in eval mode; and the state goes back to PyTorch."""
    torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")
    theirs = theirs(torch)
    theirs.to(getattr(torch, dtype))
    ours.load_state_dict({name: p.numpy() for name, p in theirs.state_dict().items()})
    inputs = [x.astype(dtype) if x.dtype.kind == "f" else x for x in inputs]
    for mode in (True, False):
        theirs.train(mode).zero_grad()
        agree(run(ours.train(mode), call, inputs),
              run_torch(torch, theirs, call_theirs or call, inputs), BAR[dtype])
    theirs.load_state_dict({k: torch.tensor(x) for k, x in ours.state_dict().items()})


# -- beside PyTorch --------------------------------------------------------------------------------

@each_dtype
@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (2, 3, 4), (0, 3)])
def test_embedding_is_pytorchs(shape, dtype):
    indices = numpy.random.default_rng(0).integers(0, 5, shape)      # 24 of 5: most are repeated
    agree_with_torch(nn.Embedding(5, 3, dtype=dtype), lambda torch: torch.nn.Embedding(5, 3),
                     lambda layer, i: layer(i), [indices], dtype)


@each_dtype
@pytest.mark.parametrize("shape", [(5,), (4, 5), 5])
def test_layer_norm_is_pytorchs(shape, dtype):
    ours = nn.LayerNorm(shape, eps=1e-3, dtype=dtype)
    agree_with_torch(ours, lambda torch: _randomised(torch, torch.nn.LayerNorm(shape, eps=1e-3)),
                     lambda layer, x: layer(x), [3.0 + 2.0 * numbers(2, 3, 4, 5)], dtype)


def _randomised(torch, layer):
    """A layer with no weight at 0 or 1, where some start."""
    with torch.no_grad():
        for i, p in enumerate(layer.parameters()):
            p.copy_(torch.tensor(0.4 * numbers(*p.shape, seed=i)))
    return layer


RECURRENT = [("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("GRU", {}), ("LSTM", {})]
each_recurrent = pytest.mark.parametrize("kind, options", RECURRENT)


def start_of(kind, layers, n, size):
    """Initial states, none of them 0."""
    return [numbers(layers, n, size, seed=i + 1) for i in range(2 if kind == "LSTM" else 1)]


def with_state(layer, x, *state):
    if not state:
        return layer(x)
    return layer(x, state[0] if len(state) == 1 else state)


@each_dtype
@each_recurrent
@pytest.mark.parametrize("layers, n, steps", [(1, 3, 5), (3, 2, 4), (2, 1, 1), (1, 1, 3)])
def test_recurrent_layers_are_pytorchs(kind, options, layers, n, steps, dtype):
    ours = getattr(nn, kind)(3, 4, layers, **options, dtype=dtype)
    for state in ([], start_of(kind, layers, n, 4)):
        agree_with_torch(ours, lambda torch: getattr(torch.nn, kind)(
            3, 4, layers, **options, batch_first=True), with_state,
            [numbers(n, steps, 3), *state], dtype)


def _attention(torch):
    layer = torch.nn.MultiheadAttention(6, 3, batch_first=True)
    return _randomised(torch, layer)


MASK = numpy.random.default_rng(3).random((4, 4)) < 0.4
MASK[:, 0] = False                                  # each query may read something
PADDED = numpy.array([[False] * 4, [False, False, True, True]])
CAUSAL = numpy.triu(numpy.ones((4, 4), bool), 1)


@each_dtype
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("mask, padded", [
    (None, None), (MASK, None), (None, PADDED), (MASK, PADDED)])
def test_attention_is_pytorchs(causal, mask, padded, dtype):
    ours_mask = None if mask is padded is None else (
        (numpy.zeros((2, 4, 4), bool) if mask is None else mask)
        | (False if padded is None else padded[:, None, :]))
    theirs_mask = mask if not causal else CAUSAL if mask is None else mask | CAUSAL

    def theirs(layer, x):
        import torch

        def given(m):
            return None if m is None else torch.tensor(m)

        return layer(x, x, x, key_padding_mask=given(padded), attn_mask=given(theirs_mask),
                     need_weights=False)[0]

    agree_with_torch(nn.MultiHeadAttention(6, 3, causal, dtype=dtype), _attention,
                     lambda layer, x: layer(x, attn_mask=ours_mask), [numbers(2, 4, 6)], dtype,
                     theirs)


@each_dtype
@pytest.mark.parametrize("heads", [1, 2, 6])
@pytest.mark.parametrize("length, keys", [(3, 5), (1, 4), (4, 1)])
def test_attention_to_another_sequence_is_pytorchs(length, keys, heads, dtype):
    def theirs(torch):
        return _randomised(torch, torch.nn.MultiheadAttention(6, heads, batch_first=True))

    xs = [numbers(2, length, 6), numbers(2, keys, 6, seed=1), numbers(2, keys, 6, seed=2)]
    agree_with_torch(nn.MultiHeadAttention(6, heads, dtype=dtype), theirs,
                     lambda layer, *xs: layer(*xs), xs, dtype,
                     lambda layer, *xs: layer(*xs, need_weights=False)[0])
    agree_with_torch(nn.MultiHeadAttention(6, heads, dtype=dtype), theirs,
                     lambda layer, q, k: layer(q, k), xs[:2], dtype,
                     lambda layer, q, k: layer(q, k, k, need_weights=False)[0])


@each_dtype
@pytest.mark.parametrize("causal", [False, True])
def test_a_transformer_block_is_pytorchs(causal, dtype):
    def theirs(torch):
        return _randomised(torch, torch.nn.TransformerEncoderLayer(
            6, 2, 12, dropout=0.0, activation="gelu", batch_first=True, norm_first=True))

    def call(layer, x):
        import torch

        return layer(x, src_mask=torch.tensor(CAUSAL) if causal else None)

    agree_with_torch(nn.TransformerBlock(6, 2, causal, 12, dtype=dtype), theirs,
                     lambda layer, x: layer(x), [numbers(2, 4, 6)], dtype, call)


# -- against differences, both modes and orders ----------------------------------------------------

def first(kind, *sizes, **options):
    """A recurrent layer, all of whose results are one array."""
    def call(layer, x, *state):
        return np.concat([np.reshape(part, (-1,)) for part in flat(with_state(layer, x, *state))])

    return getattr(nn, kind)(*sizes, rng=0, **options), call


DIFFERENCES = {
    "LayerNorm": (nn.LayerNorm(3), lambda layer, x: layer(x), [numbers(2, 3)]),
    "RNN": (*first("RNN", 2, 2, 2), [numbers(1, 2, 2), *start_of("RNN", 2, 1, 2)]),
    "GRU": (*first("GRU", 2, 2), [numbers(1, 2, 2), *start_of("GRU", 1, 1, 2)]),
    "LSTM": (*first("LSTM", 2, 2), [numbers(1, 2, 2), *start_of("LSTM", 1, 1, 2)]),
    "MultiHeadAttention": (nn.MultiHeadAttention(2, 2, causal=True, rng=0),
                           lambda layer, x: layer(x), [numbers(1, 3, 2)]),
    "masked": (nn.MultiHeadAttention(2, 1, rng=0), lambda layer, x: layer(
        x, attn_mask=numpy.array([[False, True], [True, True]])), [numbers(1, 2, 2)]),
    "TransformerBlock": (nn.TransformerBlock(2, 1, True, 3, rng=0),
                         lambda layer, x: layer(x), [numbers(1, 2, 2)]),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_derivatives_of_inputs_agree_with_differences_to_second_order(name):
    layer, call, inputs = DIFFERENCES[name]
    assert check_gradients(functools.partial(call, layer), *inputs)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_derivatives_of_weights_agree_with_differences(name):
    layer, call, inputs = DIFFERENCES[name]
    assert check_gradients(lambda model: call(model, *inputs), layer, order=1, modes=["reverse"])


def test_an_embedding_agrees_with_differences():
    indices = numpy.array([[2, 0, 2], [2, 1, 0]])
    assert check_gradients(lambda layer: np.tanh(layer(indices)), nn.Embedding(4, 2, rng=0))


# -- what must hold --------------------------------------------------------------------------------

def test_gradients_of_repeated_tokens_add_up_and_others_get_none():
    layer = nn.Embedding(4, 2, rng=0)
    layer([[1, 1, 3], [1, 3, 1]]).sum().backward()
    assert_array_equal(layer.weight.grad.data, [[0, 0], [4, 4], [0, 0], [2, 2]])


def test_an_embedding_starts_normal_and_follows_its_seed():
    one, same = nn.Embedding(200, 50, rng=3), nn.Embedding(200, 50, rng=3)
    assert_array_equal(one.weight.data, same.weight.data)
    assert abs(one.weight.data.mean()) < 0.03 and abs(one.weight.data.std() - 1.0) < 0.02


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_recurrent_weights_start_within_their_bounds(kind):
    layer = getattr(nn, kind)(3, 16, 2, rng=0)
    for p in layer.parameters():
        assert 0.2 < numpy.abs(p.data).max() <= 0.25, p.label


def test_layer_norm_gives_each_sample_mean_0_and_variance_1():
    x = 1e3 + 1e-2 * numbers(4, 5, 64)
    out = nn.LayerNorm(64, eps=0.0)(x).data
    assert_allclose(out.mean(axis=-1), 0.0, atol=1e-9)
    assert_allclose(out.std(axis=-1), 1.0, rtol=1e-9)
    assert_array_equal(nn.LayerNorm(3)(numpy.full((2, 3), 7.0)).data, numpy.zeros((2, 3)))


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_a_sequence_can_be_read_in_pieces(kind):
    layer, x = getattr(nn, kind)(3, 4, 2, rng=0), numbers(2, 5, 3)
    outputs, state = layer(x)
    early, between = layer(x[:, :2])
    late, end = layer(x[:, 2:], between)
    assert_allclose(np.concat([early, late], axis=1).data, outputs.data, rtol=1e-13)
    for part, expected in zip(flat(end), flat(state), strict=True):
        assert_allclose(part.data, expected.data, rtol=1e-13)
    assert_array_equal(flat(state)[0].data[-1], outputs.data[:, -1])


CAUSAL_LAYERS = {
    "MultiHeadAttention": nn.MultiHeadAttention(6, 2, causal=True, rng=0),
    "TransformerBlock": nn.TransformerBlock(6, 3, causal=True, rng=0),
    "two blocks": nn.Sequential(nn.TransformerBlock(6, 3, causal=True, rng=0),
                                nn.TransformerBlock(6, 2, causal=True, rng=1)),
    **{kind: nn.Sequential(getattr(nn, kind)(6, 5, 2, rng=0), lambda found: found[0])
       for kind in ("RNN", "GRU", "LSTM")}}


@each_dtype
@pytest.mark.parametrize("name", CAUSAL_LAYERS)
def test_nothing_is_read_that_comes_later(name, dtype):
    layer = copy.deepcopy(CAUSAL_LAYERS[name]).to(dtype=dtype)
    x, other = numbers(2, 7, 6, dtype=dtype), 30.0 * numbers(2, 7, 6, seed=1, dtype=dtype)
    for t in range(1, 7):
        changed = Tensor(numpy.concatenate([x[:, :t], other[:, t:]], axis=1), requires_grad=True)
        before, after = layer(x), layer(changed)
        assert_array_equal(before.data[:, :t], after.data[:, :t])
        assert not numpy.array_equal(before.data[:, t], after.data[:, t])
        after[:, :t].sum().backward()
        assert_array_equal(changed.grad.data[:, t:], 0.0)
        assert numpy.all(changed.grad.data[:, :t] != 0.0)


def test_without_causal_the_first_output_reads_the_last_input():
    layer, x = nn.MultiHeadAttention(6, 2, rng=0), Tensor(numbers(1, 4, 6), requires_grad=True)
    layer(x)[:, 0].sum().backward()
    assert numpy.all(x.grad.data != 0.0)


def test_a_query_that_may_read_nothing_gives_the_bias_and_no_gradient():
    layer, x = nn.MultiHeadAttention(4, 2, rng=0), Tensor(numbers(2, 3, 4), requires_grad=True)
    nothing = numpy.zeros((2, 3, 3), bool)
    nothing[1, 2] = True
    out = layer(x, attn_mask=nothing)
    assert_array_equal(out.data[1, 2], layer.out_proj.bias.data)
    assert_allclose(out.data[1, :2], layer(x.data).data[1, :2], rtol=1e-13)
    out[1, 2].sum().backward()
    assert_array_equal(x.grad.data, 0.0)
    assert_array_equal(layer.in_proj_weight.grad.data, 0.0)


def test_padding_is_not_read():
    layer, short = nn.MultiHeadAttention(4, 2, rng=0), numbers(1, 3, 4)
    padded = numpy.concatenate([short, numpy.full((1, 2, 4), 1e6)], axis=1)
    mask = numpy.array([[[False, False, False, True, True]]])
    assert_allclose(layer(padded, attn_mask=mask).data[:, :3], layer(short).data, rtol=1e-12)
    assert_array_equal(layer(padded, attn_mask=Tensor(mask)).data,
                       layer(padded, attn_mask=mask.tolist()).data)


def test_scores_of_any_size_make_no_nan():
    layer = nn.MultiHeadAttention(4, 1, rng=0)
    for size in (1e-200, 1e3, 1e100):
        x = Tensor(size * numbers(1, 3, 4), requires_grad=True)
        out = layer(x)
        out.sum().backward()
        assert numpy.isfinite(out.data).all() and numpy.isfinite(x.grad.data).all()


def test_dropout_in_a_block_acts_on_what_is_added_and_in_training_only():
    x = numbers(4, 8, 16)
    plain, dropped = (nn.TransformerBlock(16, 2, dropout=p, rng=0) for p in (0.0, 0.5))
    assert_array_equal(plain(x).data, dropped.eval()(x).data)
    dropped.train()
    assert not numpy.array_equal(dropped(x).data, dropped(x).data)
    unchanged = (dropped(x).data == x).mean()           # neither of the two branches: a quarter
    assert abs(unchanged - 0.25) < 0.08                 # 4 standard deviations: 0.077
    assert_array_equal(nn.TransformerBlock(16, 2, dropout=1.0, rng=0)(x).data, x)


LAYERS = {
    "LayerNorm": lambda **how: nn.LayerNorm((2, 4), **how),
    "RNN": lambda **how: nn.RNN(4, 4, 2, "relu", rng=0, **how),
    "GRU": lambda **how: nn.GRU(4, 4, rng=0, **how),
    "LSTM": lambda **how: nn.LSTM(4, 4, rng=0, **how),
    "MultiHeadAttention": lambda **how: nn.MultiHeadAttention(4, 2, rng=0, **how),
    "TransformerBlock": lambda **how: nn.TransformerBlock(4, 2, True, rng=0, **how)}
each_layer = pytest.mark.parametrize("name", LAYERS)


@each_layer
def test_layers_tell_an_example_of_what_they_take(name):
    layer = LAYERS[name](dtype="float32")
    assert all(x.dtype == numpy.float32 for x in flat(layer(layer.example())))
    assert layer.draw() is not None and nn.Embedding(2, 3)(nn.Embedding(2, 3).example()).shape


# -- anywhere --------------------------------------------------------------------------------------

@each_place
@each_layer
def test_layers_on_every_storage(place, name):
    here, x = LAYERS[name](), numbers(2, 2, 4)
    expected = run(here, lambda layer, x: layer(x), [x])
    with place:
        layer = LAYERS[name](device=place.device, dtype="float64")
        given = Tensor(place.put(x)).requires_grad_()
        outputs = layer(given)
        total(outputs, lambda array, _: place.put(array)).backward()
        for i, found in enumerate(flat(outputs)):
            assert place.holds(found.data)
            assert_allclose(place.back(found.data), expected[f"output {i}"], rtol=1e-10, atol=1e-10)
        for name, leaf in [("input 0", given), *layer.named_parameters()]:
            assert place.holds(leaf.grad.data)
            assert_allclose(place.back(leaf.grad.data), expected[name], rtol=1e-10, atol=1e-10)
        assert place.holds(flat(layer(x.tolist()))[0].data)     # lists go where the weights are


@each_place
def test_embeddings_and_masks_on_every_storage(place):
    layer, indices = nn.Embedding(5, 4, rng=0), numpy.array([[4, 0], [4, 4]])
    expected = run(layer, lambda layer: layer(indices), [])
    attention, mask = nn.MultiHeadAttention(4, 2, rng=0), numpy.array([[True, True], [False, True]])
    read = attention(numbers(2, 2, 4), attn_mask=mask)
    with place:
        outputs = layer.to(place.device)(Tensor(place.put(indices)))
        layer.zero_grad()
        total(outputs, lambda array, _: place.put(array)).backward()
        assert place.holds(layer.weight.grad.data)
        assert_allclose(place.back(layer.weight.grad.data), expected["weight"], rtol=1e-12)
        assert_array_equal(place.back(layer(indices.tolist()).data), expected["output 0"])
        with pytest.raises(StorageError, match=r"Embedding: its weight on .*\nhelp: move indices"):
            layer(indices)
        found = attention.to(place.device)(place.put(numbers(2, 2, 4)), attn_mask=place.put(mask))
        assert_allclose(place.back(found.data), read.data, rtol=1e-12)


@each_place
@pytest.mark.parametrize("wrong", [-1, 5])
def test_an_unknown_token_is_never_another_one(place, wrong):
    """To look at each would be to wait for the device: the library raises, or it gives nan."""
    with place:
        layer = nn.Embedding(5, 2, rng=0).to(place.device)
        try:
            found = place.back(layer(place.put(numpy.array([0, wrong]))).data)
        except (ArgumentError, IndexError):
            return
        assert numpy.isnan(found[1]).all() and numpy.isfinite(found[0]).all()


class Characters(nn.Module):
    """A character model: tokens and their places, a block of attention, a row of logits each."""

    def __init__(self, tokens=5, steps=3, width=4):
        rng = numpy.random.default_rng(0)
        self.tokens = nn.Embedding(tokens, width, rng=rng)
        self.places = nn.Embedding(steps, width, rng=rng)
        self.block = nn.TransformerBlock(width, 2, causal=True, rng=rng)
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, tokens, rng=rng)

    def forward(self, x):
        return self.head(self.norm(self.block(self.tokens(x) + self.places.weight)))


def per_character(logits, y):
    return nn.cross_entropy(np.reshape(logits, (-1, logits.shape[-1])), np.reshape(y, (-1,)))


# -- compiled --------------------------------------------------------------------------------------

def trained(model, x, y, loss, compiled, steps=3):
    """The weights after some steps of Adam, and the last loss."""
    optimizer = nn.Adam(model.parameters())

    def step(model, optimizer, x, y):
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
        return value

    step = autograd.compile(step) if compiled else step
    losses = [step(model, optimizer, x, y).item() for _ in range(steps)]
    return {"loss": losses[-1], **model.state_dict()}


@each_layer
def test_a_compiled_step_is_the_eager_one(name, monkeypatch):
    monkeypatch.setattr(autograd.compiling.machine, "available", lambda: False)
    model, x = nn.Sequential(LAYERS[name](), lambda out: flat(out)[0]), numbers(3, 2, 4)
    y = weights(tuple(model(x).shape))
    eager, compiled = (trained(copy.deepcopy(model), x, y, nn.mse_loss, how)
                       for how in (False, True))
    for key, expected in eager.items():
        assert_allclose(compiled[key], expected, rtol=1e-9, atol=1e-11, err_msg=key)


def test_a_compiled_character_model_is_the_eager_one(engine):
    x, y = numpy.random.default_rng(0).integers(0, 5, (2, 8, 3))
    eager, compiled = (trained(Characters(), x, y, per_character, how) for how in (False, True))
    for key, expected in eager.items():
        assert_allclose(compiled[key], expected, rtol=1e-9, atol=1e-11, err_msg=key)


def test_masks_and_tokens_are_inputs_of_a_compiled_function():
    layer, x = nn.MultiHeadAttention(4, 2, causal=True, rng=0), numbers(2, 3, 4)
    read = autograd.compile(lambda layer, x, mask: layer(x, attn_mask=mask))
    for seed in range(3):
        mask = numpy.random.default_rng(seed).random((2, 3, 3)) < 0.6   # some rows whole
        assert_allclose(read(layer, x, mask).data, layer(x, attn_mask=mask).data, rtol=1e-12)
    table, found = nn.Embedding(4, 3, rng=0), autograd.compile(lambda table, i: table(i))
    assert_array_equal(found(table, numpy.array([3, 0])).data, table([3, 0]).data)
    for wrong in (-1, 4):
        with pytest.raises(IndexError):
            found(table, numpy.array([0, wrong]))


def test_fit_trains_a_character_model_compiled_and_not(monkeypatch):
    monkeypatch.setattr(autograd.compiling.machine, "available", lambda: False)
    rng, text = numpy.random.default_rng(1), numpy.arange(40) % 5          # 0 1 2 3 4 0 1 ...
    rows = numpy.lib.stride_tricks.sliding_window_view(text, 4)[rng.permutation(37)[:32]]
    histories = [nn.fit(Characters(), rows[:, :-1], rows[:, 1:], loss=per_character, lr=0.03,
                        epochs=20, batch_size=8, seed=0, quiet=True, compile=how)
                 for how in (False, True)]
    assert histories[0]["loss"][-1] < 0.1 < 1.0 < histories[0]["loss"][0]
    assert_allclose(histories[0]["loss"], histories[1]["loss"], rtol=1e-7)


# -- bad input -------------------------------------------------------------------------------------

X = numbers(2, 3, 4)
LSTM, ATTENTION = nn.LSTM(4, 3, 2), nn.MultiHeadAttention(4, 2)
WRONG = [
    (lambda: nn.Embedding(5, 2)([[0, 1], [7, 2]]), ArgumentError,
     r"5 tokens: index 7 at \[1, 0\]\nhelp: indices are 0 to 4; .* num_embeddings one more"),
    (lambda: nn.Embedding(5, 2)(-1), ArgumentError, r"index -1\nhelp: "),
    (lambda: nn.Embedding(5, 2)(numpy.array([1.0])), DtypeError,
     r"Embedding of array of shape \(1,\) and dtype float64\nhelp: .*astype\('int64'\)"),
    (lambda: nn.Embedding(5, 2)([True]), DtypeError, r"Embedding of .*\nhelp: give integers"),
    (lambda: nn.Embedding(0, 2), ArgumentError, r"num_embeddings = int 0\nhelp: "),
    (lambda: nn.LayerNorm(3)(X), ShapeError, r"LayerNorm of \(3,\) got .*\(2, 3, 4\).*\nhelp: "),
    (lambda: nn.LayerNorm((2, 4))(numbers(4)), ShapeError, r"LayerNorm of \(2, 4\) got .*\nhelp: "),
    (lambda: nn.LayerNorm(2.5), ArgumentError, r"normalized_shape = float 2.5\nhelp: "),
    (lambda: nn.LayerNorm(()), ArgumentError, r"no axes, .* = \(\)\nhelp: "),
    (lambda: nn.RNN(4, 3, nonlinearity="sin"), ArgumentError, r"'sin'\nhelp: use 'tanh' or 'relu'"),
    (lambda: nn.GRU(4, 0), ArgumentError, r"hidden_size = int 0\nhelp: "),
    (lambda: LSTM(X[..., :2]), ShapeError, r"LSTM of 4 .*\(2, 3, 2\).*\nhelp: .*, 4\)"),
    (lambda: LSTM(X[0]), ShapeError, r"LSTM of 4 features got .*\(3, 4\).*\nhelp: .*x\[None\]"),
    (lambda: LSTM(X[:, :0]), ShapeError, r"LSTM of 4 .*\(2, 0, 4\).*\nhelp: .*one or more"),
    (lambda: LSTM(X, numbers(2, 2, 3)), ArgumentError,
     r"LSTM got as its state .*\nhelp: .*\(h, c\)"),
    (lambda: LSTM(X, (numbers(2, 2, 3), numbers(2, 2, 4))), ShapeError,
     r"LSTM got as its state c .*\(2, 2, 4\).*\nhelp: .*\(2, 2, 3\)"),
    (lambda: nn.GRU(4, 3)(X, numbers(2, 3)), ShapeError, r"as its state h .*\nhelp: .*\(1, 2, 3\)"),
    (lambda: nn.GRU(4, 3)(X, (numbers(1, 2, 3),) * 2), ShapeError,
     r"GRU got as its state h .*tuple"),
    (lambda: nn.MultiHeadAttention(10, 4), ArgumentError,
     r"embed_dim = 10 .* num_heads = 4 .*\nhelp: give a num_heads that divides embed_dim"),
    (lambda: ATTENTION(X[..., :3]), ShapeError, r"of 4 features got as its query .*\nhelp: "),
    (lambda: ATTENTION(X, X[0]), ShapeError, r"as its key .*\nhelp: .*x\[None\]"),
    (lambda: ATTENTION(X, X, X[:, :2]), ShapeError, r"a key .* and a value .*\nhelp: as many|give"),
    (lambda: ATTENTION(X, X[:1]), ShapeError, r"a query .*\(2, 3, 4\).* a key .*\(1, 3, 4\)"),
    (lambda: nn.MultiHeadAttention(4, 2, True)(X, X[:, :2]), ShapeError,
     r"causal MultiHeadAttention of 3 queries and 2 keys\nhelp: "),
    (lambda: ATTENTION(X, attn_mask=numpy.zeros((3, 3))), DtypeError,
     r"attn_mask is .*float64\nhelp: give booleans"),
    (lambda: ATTENTION(X, attn_mask=numpy.zeros((5, 5), bool)), ShapeError,
     r"attn_mask is .*\(5, 5\).*2 sequences of 3 queries and 3 keys\nhelp: .*mask\[:, None, :\]"),
    (lambda: ATTENTION(X, attn_mask=numpy.zeros((2, 3), bool)), ShapeError,
     r"attn_mask is .*\(2, 3\).*\nhelp: .*mask\[:, None, :\]"),
    (lambda: ATTENTION(X, attn_mask=numpy.zeros((3,), bool)), ShapeError, r"attn_mask is .*\nhelp"),
    (lambda: nn.TransformerBlock(4, 3), ArgumentError, r"num_heads = 3"),
    (lambda: nn.TransformerBlock(4, 2, dropout=1.5), ArgumentError, r"Dropout with p = 1.5"),
    (lambda: nn.TransformerBlock(4, 2)(X[..., :3]), ShapeError, r"LayerNorm of \(4,\) got "),
    (lambda: nn.LSTM(4, 3).load_state_dict(nn.GRU(4, 3).state_dict()), ArgumentError,
     r"unfit weight_ih_l0: .*\(12, 4\) cannot take .*\(9, 4\)"),
]


@pytest.mark.parametrize("call, error, match", WRONG)
def test_wrong_input_is_named_with_its_edit(call, error, match):
    with pytest.raises(error, match=match):
        call()
