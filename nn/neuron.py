"""The scalar lesson: a neuron is a weighted sum and a bend, a layer is neurons, an MLP is layers.

Everything is a Value, so every single multiplication can be drawn and stepped through. The names,
the order of operations and the random numbers are micrograd's. For speed, `MLP.vectorize()` gives
the same network on Tensors.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

from autograd import ArgumentError, ShapeError, Value
from autograd.errors import describe

from .activations import activation as find_activation
from .layers import Linear, Sequential
from .module import Module

Function = str | Callable[..., Any]


class Neuron(Module):
    """activation(w · x + b) of nin inputs; without `nonlin`, w · x + b.

    Weights are drawn evenly between -1 and 1 from `rng` (a random.Random), or from one made of
    `seed`, else from Python's `random`, as micrograd's. Raises ShapeError unless x has nin numbers.
    """

    def __init__(self, nin: int, nonlin: bool = True, *, activation: Function = "relu",
                 seed: int | None = None, rng: Any = None) -> None:
        rng = _source(seed, rng)
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0.0)
        self.nonlin = nonlin
        self.activation = find_activation(activation)

    def example(self) -> Any:
        """A list of nin zeros."""
        return [0.0] * len(self.w)

    def forward(self, x: Any) -> Any:
        """One Value of nin inputs."""
        if isinstance(x, (Value, float, int)):
            x = [x]
        if len(x) != len(self.w):
            raise ShapeError(f"a neuron with {len(self.w)} inputs got {len(x)}: {describe(x)}",
                             f"give it a list of {len(self.w)} numbers or Values, one sample at a "
                             "time")
        act = self.b
        for wi, xi in zip(self.w, x, strict=True):
            act = act + wi * xi
        return self.activation.forward(act) if self.nonlin else act

    def parameters(self) -> list[Any]:
        """The weights, the bias, and what the activation learns, if it does."""
        return [*self.w, self.b, *self.activation.parameters()]

    def __repr__(self) -> str:
        return f"{self.activation.title() if self.nonlin else 'Linear'}Neuron({len(self.w)})"


class Layer(Module):
    """nout neurons on the same inputs: a list of Values, from one neuron alone the Value."""

    def __init__(self, nin: int, nout: int, *, seed: int | None = None, rng: Any = None,
                 **kwargs: Any) -> None:
        rng = _source(seed, rng)
        self.neurons = [Neuron(nin, rng=rng, **kwargs) for _ in range(nout)]

    def forward(self, x: Any) -> Any:
        """What each neuron makes of x."""
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Any]:
        """The parameters of all neurons, each once."""
        return list(dict.fromkeys(p for neuron in self.neurons for p in neuron.parameters()))

    def __repr__(self) -> str:
        return f"Layer of [{', '.join(str(n) for n in self.neurons)}]"


class MLP(Module):
    """Layers of the sizes `nouts`, one feeding the next; all but the last with the activation."""

    def __init__(self, nin: int, nouts: Sequence[int], *, activation: Function = "relu",
                 seed: int | None = None, rng: Any = None) -> None:
        rng, bend = _source(seed, rng), find_activation(activation)
        sizes = [nin, *nouts]
        self.layers = [Layer(sizes[i], sizes[i + 1], nonlin=i != len(nouts) - 1, activation=bend,
                             rng=rng) for i in range(len(nouts))]

    def forward(self, x: Any) -> Any:
        """x through all layers."""
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Any]:
        """The parameters of all layers, each once."""
        return list(dict.fromkeys(p for layer in self.layers for p in layer.parameters()))

    def vectorize(self) -> Sequential:
        """The same network on Tensors, with copies of the weights: x (n, nin) to (n, nouts[-1])."""
        modules: list[Module] = []
        for layer in self.layers:
            first = layer.neurons[0]
            modules.append(_linear(layer))
            if any(n.nonlin != first.nonlin or n.activation is not first.activation
                   for n in layer.neurons):
                raise ArgumentError(f"a layer of unlike neurons has no matrix form: {layer}",
                                    "give all neurons of a layer one activation")
            if first.nonlin:
                modules.append(first.activation)
        return Sequential(*modules)

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(str(layer) for layer in self.layers)}]"


def _linear(layer: Layer) -> Linear:
    """A Linear with the weights of a layer of neurons."""
    linear = Linear(len(layer.neurons[0].w), len(layer.neurons), rng=0)
    weight = [[wi.data for wi in neuron.w] for neuron in layer.neurons]
    linear.load_state_dict({"weight": weight, "bias": [neuron.b.data for neuron in layer.neurons]})
    return linear


def _source(seed: int | None, rng: Any) -> Any:
    """Where random numbers come from: `rng`, else a new generator from `seed`, else `random`."""
    if seed is not None and rng is not None:
        raise ArgumentError(f"both seed={seed} and rng={describe(rng)}", "give one of them")
    return rng if rng is not None else random if seed is None else random.Random(seed)
