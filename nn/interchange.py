"""The weights of PyTorch and Keras are the same numbers, under other names and in other layouts."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy

from autograd import ArgumentError, Value
from autograd.errors import describe
from autograd.storage import is_floating

from .layers import (
    GRU,
    LSTM,
    RNN,
    BatchNorm,
    Conv1d,
    Conv2d,
    Embedding,
    LayerNorm,
    Linear,
    MultiHeadAttention,
    Sequential,
)
from .loading import fitted, listed
from .module import Module, leaves

# -- PyTorch ---------------------------------------------------------------------------------------

def to_torch(model: Module) -> dict[str, Any]:
    """The `state_dict` of a model for the PyTorch module of the same layers, as its tensors.

    What differs is the names inside a Sequential: 0.weight there, layers.0.weight here. Raises
    ImportError without PyTorch.
    """
    try:
        import torch
    except ImportError as error:
        raise ImportError("tensors of PyTorch need PyTorch\nhelp: pip install torch") from error
    names = _torch_names(model)
    return {names[name]: torch.as_tensor(x) for name, x in model.state_dict().items()}


def from_torch(model: Module, state: Mapping[str, Any]) -> Module:
    """Take over what `state_dict()` of the PyTorch module of the same layers gave; returns model.

    Raises ArgumentError as `load_state_dict` does; nothing has been written then.
    """
    if isinstance(state, Mapping):
        own = {theirs: name for name, theirs in _torch_names(model).items()}
        state = {own.get(name, name): x for name, x in state.items()}
    model.load_state_dict(state)
    return model


def _torch_names(model: Module) -> dict[str, str]:
    """The name of each leaf in PyTorch's module, by the name here."""
    inside = sorted((f"{path}.layers.".lstrip(".") for path, x in model.named_modules()
                     if isinstance(x, Sequential)), key=len, reverse=True)
    names = {}
    for name, _ in leaves(model):
        theirs = name
        for path in inside:                             # the innermost first
            if theirs.startswith(path):
                theirs = path.removesuffix("layers.") + theirs.removeprefix(path)
        names[name] = theirs
    return names


# -- Keras -----------------------------------------------------------------------------------------

def to_keras(model: Module) -> list[Any]:
    """The weights of a model for `set_weights` of the Keras model of the same layers.

    NumPy arrays, layer after layer in the order of definition. Kernels are (in, out) there and
    (height, width, in, out); the two biases of an RNN or LSTM are one, their sum; rows of a Linear
    that follows a convolution are in the order of Keras's Flatten, channels last. Raises
    ArgumentError for parameters of a layer that Keras has not.
    """
    places, flat = _places(model), _flat(model.state_dict())
    return [sum((flat[more] for more in others), flat[there]) for _, _, there, *others in places]


def from_keras(model: Module, weights: Any) -> Module:
    """Take over what `get_weights()` of the Keras model of the same layers gave; returns model.

    `weights` are arrays in the order of its layers, or a dict of them by path, as {w.path: w for w
    in theirs.weights}, nested or not. Layouts are those of `to_keras`. Their defaults differ: give
    BatchNorm and LayerNorm eps=1e-3. Raises ArgumentError that names all arrays that do not fit;
    nothing has been written then.
    """
    places, came = _places(model), _arrays(weights)
    problems = [] if len(came) == len(places) else [
        f"{len(came)} arrays came, this model has {len(places)} in Keras: "
        f"{', '.join(f'{layer} {role}' for layer, role, *_ in places)}"]
    state = model.state_dict()
    flat = _flat(state)
    for (layer, role, there, *others), (path, array) in zip(places, came, strict=False):
        try:
            if path[-1:] != (role,) and set(path[-1:]) & set(ROLES):
                raise ArgumentError(f"got {'/'.join(path)}")
            flat[there] = fitted(array, numpy.empty(there.shape, flat.dtype))
            for more in others:
                flat[more] = 0.0
        except ArgumentError as error:
            problems.append(f"{layer} {role}: {error}")
    if problems:
        what = [f"the weights are not those of this {model.title()}; nothing was loaded"]
        raise ArgumentError("\n  ".join([*what, *listed(problems)]),
                            "give get_weights() of a Keras model of the same layers")
    numbers = zip(state, _numbered(model).values(), strict=True)
    model.load_state_dict({name: flat[there] if is_floating(state[name]) else state[name]
                           for name, there in numbers})
    return model


ROLES = ("embeddings", "kernel", "recurrent_kernel", "gamma", "beta", "bias", "moving_mean",
         "moving_variance")             # in the order in which a layer of Keras has them


def _arrays(weights: Any) -> list[tuple[tuple[str, ...], Any]]:
    """Each array with its path, those of one layer of a dict in Keras's order."""
    if not isinstance(weights, Mapping | list | tuple):
        raise ArgumentError(f"{describe(weights)} are no weights of Keras",
                            "give what get_weights() returned")
    if not isinstance(weights, Mapping):
        return [((), x) for x in weights]
    groups: dict[tuple[str, ...], list[Any]] = {}
    for path, x in _paths(weights, ()):
        groups.setdefault(path[:-1], []).append((path, x))
    return [pair for group in groups.values() for pair in sorted(
        group, key=lambda pair: ROLES.index(pair[0][-1]) if pair[0][-1] in ROLES else len(ROLES))]


def _paths(weights: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    for name, x in weights.items():
        inner = (*path, *str(name).removesuffix(":0").split("/"))
        if isinstance(x, Mapping):
            yield from _paths(x, inner)
        else:
            yield inner, x


def _numbered(model: Module) -> dict[str, Any]:
    """The numbers of a model counted through: for each leaf, by name, the places of its own."""
    if any(isinstance(x, Value) for _, x in leaves(model)):
        raise ArgumentError(f"a {model.title()} of Values has no layers of Keras",
                            "make it one of Tensors first: model.vectorize()")
    places, start = {}, 0
    for name, x in leaves(model):
        places[name] = numpy.arange(start, start + x.size).reshape(x.shape)
        start += x.size
    return places


def _flat(state: dict[str, Any]) -> Any:
    """All numbers of a state, one after the other; counts, which Keras has not, as 0."""
    return numpy.concatenate([numpy.ravel(x) if is_floating(x) else numpy.zeros(x.size, bool)
                              for x in state.values()] or [numpy.zeros(0)])


def _places(model: Module) -> list[tuple[Any, ...]]:
    """Layer, role and shape of each array of Keras: which numbers of the model it has where.

    Further places are those of numbers that it has only added to the first.
    """
    numbered = _numbered(model)
    place = {id(x): numbered[name] for name, x in leaves(model)}
    found: list[tuple[Any, ...]] = []
    channels, done = 1, set()                   # of the images before a layer; 1 without
    for path, layer in model.named_modules():
        own = {name: place[id(x)] for name, x in leaves(layer) if id(x) not in done}
        layout = LAYOUTS.get(type(layer))
        if layout and own:
            found += [(path or layer.title(), *each) for each in layout(layer, own, channels)]
            done |= {id(x) for _, x in leaves(layer)}
        if isinstance(layer, Conv1d | Conv2d):
            channels = layer.out_channels
        elif layout and not isinstance(layer, BatchNorm):
            channels = 1
    left = [name for name, x in leaves(model) if id(x) not in done]
    if left:
        raise ArgumentError(f"Keras has no layer for {left[0]} of this {model.title()}",
                            "move the parameters of such layers by hand: model.state_dict()")
    return found


Own = dict[str, Any]
Parts = Iterator[tuple[Any, ...]]


def _linear(layer: Any, own: Own, channels: int) -> Parts:
    yield "kernel", _turned(_pixels_first(own["weight"], channels))
    yield from _bias(own)


def _convolution(layer: Any, own: Own, channels: int) -> Parts:
    yield "kernel", _turned(own["weight"])
    yield from _bias(own)


def _bias(own: Own) -> Parts:
    if "bias" in own:
        yield "bias", own["bias"]


def _embedding(layer: Any, own: Own, channels: int) -> Parts:
    yield "embeddings", own["weight"]


def _normalisation(layer: Any, own: Own, channels: int) -> Parts:
    for name, role in (("weight", "gamma"), ("bias", "beta"), ("running_mean", "moving_mean"),
                       ("running_var", "moving_variance")):
        if name in own:
            yield role, _pixels_first(own[name], channels)


def _recurrent(layer: Any, own: Own, channels: int) -> Parts:
    for k in range(layer.num_layers):
        for name, role in (("weight_ih", "kernel"), ("weight_hh", "recurrent_kernel")):
            yield role, _turned(own[f"{name}_l{k}"])
        yield "bias", own[f"bias_ih_l{k}"], own[f"bias_hh_l{k}"]


def _gru(layer: Any, own: Own, channels: int) -> Parts:
    """Keras has its gates in the order z, r, n, and with reset_after, its default, both biases."""
    size = layer.hidden_size
    own = {name: numpy.concatenate([x[size:2 * size], x[:size], x[2 * size:]])
           for name, x in own.items()}
    for role, *parts in _recurrent(layer, own, channels):
        yield role, numpy.stack(parts) if len(parts) > 1 else parts[0]


def _attention(layer: Any, own: Own, channels: int) -> Parts:
    """Query, key, value and output, each head with features of its own."""
    heads = (layer.num_heads, -1)
    for weight, bias in zip(numpy.split(own["in_proj_weight"], 3),
                            numpy.split(own["in_proj_bias"], 3), strict=True):
        yield "kernel", weight.T.reshape(len(weight), *heads)
        yield "bias", bias.reshape(heads)
    weight = own["out_proj.weight"]
    yield "kernel", weight.T.reshape(*heads, len(weight))
    yield "bias", own["out_proj.bias"]


LAYOUTS: dict[type, Callable[[Any, Own, int], Parts]] = {
    Linear: _linear, Conv1d: _convolution, Conv2d: _convolution, Embedding: _embedding,
    BatchNorm: _normalisation, LayerNorm: _normalisation, RNN: _recurrent, LSTM: _recurrent,
    GRU: _gru, MultiHeadAttention: _attention}


def _turned(weight: Any) -> Any:
    """(out, in, *kernel) as (*kernel, in, out)."""
    return numpy.moveaxis(weight, (0, 1), (-1, -2))


def _pixels_first(weight: Any, channels: int) -> Any:
    """The last axis, if it is of flat images, in the order of (pixels, channels)."""
    if weight.shape[-1] % channels:
        return weight
    pixels = numpy.reshape(weight, (*weight.shape[:-1], channels, -1))
    return numpy.reshape(numpy.swapaxes(pixels, -1, -2), weight.shape)
