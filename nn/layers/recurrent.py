"""A recurrent layer reads a sequence step by step; what it has read so far is its state."""

import math
from abc import abstractmethod
from typing import Any, ClassVar

import autograd.numpy as np
from autograd import ArgumentError, ShapeError, Tensor
from autograd.errors import describe
from autograd.storage import device_of, full

from .. import init
from ..given import as_array
from ..module import Module
from .sizes import count

Parts = tuple[Any, ...]                 # of a state: (h,), or (h, c)


class Recurrent(Module):
    """What RNN, GRU and LSTM share: weights, the loop over steps, layers one on the other.

    The products of the inputs, of all steps, are one product of matrices; rows are kept step after
    step, so that each step is one piece of memory.
    """

    gates: ClassVar[int]                # how many numbers a step computes for each of the state
    parts: ClassVar[tuple[str, ...]] = ("h",)
    late: ClassVar[bool] = False        # is bias_hh added in the step, as GRU needs it?

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, *,
                 dtype: Any = None, device: Any = None, rng: init.Random = None) -> None:
        self.input_size = count("input_size", input_size)
        self.hidden_size = count("hidden_size", hidden_size)
        self.num_layers = count("num_layers", num_layers)
        rng, bound = init.generator(rng), 1.0 / math.sqrt(hidden_size)
        wide = self.gates * hidden_size
        for layer in range(num_layers):
            inputs = hidden_size if layer else input_size
            for name, shape in (("weight_ih", (wide, inputs)), ("weight_hh", (wide, hidden_size)),
                                ("bias_ih", (wide,)), ("bias_hh", (wide,))):
                weight = init.uniform(shape, rng, dtype, low=-bound, high=bound, device=device)
                weight.label = f"{name}_l{layer}"
                setattr(self, weight.label, weight)

    @abstractmethod
    def step(self, x: Any, state: Parts, weight: Any, bias: Any) -> Parts:
        """The state after one step; x (N, gates · hidden) is what the input is for each gate."""

    def example(self) -> Any:
        """Zeros of shape (1, 1, input_size)."""
        weight = self._weight("weight_ih", 0)
        return np.zeros((1, 1, self.input_size), dtype=weight.dtype, device=device_of(weight.data))

    def forward(self, x: Any, state: Any = None) -> tuple[Any, Any]:
        """x (N, T, input_size) to outputs (N, T, hidden_size) and the last state.

        A state, zeros unless given, has shape (num_layers, N, hidden_size), of an LSTM it is two
        such: (h, c).
        """
        x = as_array(x, self._weight("weight_ih", 0))
        if len(x.shape) != 3 or x.shape[2] != self.input_size or 0 in x.shape:
            raise ShapeError(f"{self.title()} of {self.input_size} features got {describe(x)}",
                             f"give shape (N, T, {self.input_size}), N sequences of T steps, one "
                             "or more; one sequence alone is x[None]")
        n, steps, _ = x.shape
        rows = np.reshape(np.permute_dims(x, (1, 0, 2)), (steps * n, self.input_size))
        last = []
        for layer, start in enumerate(self._start(n, state)):
            rows, end = self._layer(layer, rows, steps, start)
            last.append(end)
        outputs = np.permute_dims(np.reshape(rows, (steps, n, self.hidden_size)), (1, 0, 2))
        ends = tuple(np.stack(part) for part in zip(*last, strict=True))
        return outputs, ends if len(self.parts) > 1 else ends[0]

    def _layer(self, layer: int, rows: Any, steps: int, state: Parts) -> tuple[Any, Parts]:
        """One layer over all steps: its outputs, step after step, and its state after the last."""
        bias, late = (self._weight(name, layer) for name in ("bias_ih", "bias_hh"))
        weight = self._weight("weight_hh", layer).mT
        products = np.matmul(rows, self._weight("weight_ih", layer).mT)
        products = products + (bias if self.late else bias + late)
        outputs = []
        for x in np.split(products, steps):
            state = self.step(x, state, weight, late)
            outputs.append(state[0])
        return np.concat(outputs), state

    def _weight(self, name: str, layer: int) -> Any:
        return vars(self)[f"{name}_l{layer}"]

    def _start(self, n: int, state: Any) -> list[Parts]:
        """The state of each layer before the first step."""
        shape, weight = (self.num_layers, n, self.hidden_size), self._weight("weight_hh", 0).data
        if state is None:
            zeros = Tensor(full(weight, shape[1:], 0.0))
            return [(zeros,) * len(self.parts)] * self.num_layers
        parts = state if len(self.parts) > 1 else (state,)
        if not isinstance(parts, list | tuple) or len(parts) != len(self.parts):
            raise ArgumentError(f"{self.title()} got as its state {describe(state)}",
                                f"give ({', '.join(self.parts)}), each of shape {shape}")
        for name, part in zip(self.parts, parts, strict=True):
            if getattr(part, "shape", None) != shape:
                raise ShapeError(f"{self.title()} got as its state {name} {describe(part)}",
                                 f"give shape (num_layers, N, hidden_size), {shape}")
        return list(zip(*map(np.unstack, parts), strict=True))


class RNN(Recurrent):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu: Elman's network (1990).

    x (N, T, input_size) to (outputs, h): (N, T, hidden_size) and (num_layers, N, hidden_size), as
    PyTorch's with batch_first=True, and with its weights: weight_ih_l0 ... Raises ArgumentError
    for another `nonlinearity`, ShapeError for x or a state that does not fit.
    """

    gates = 1

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1,
                 nonlinearity: str = "tanh", *, dtype: Any = None, device: Any = None,
                 rng: init.Random = None) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ArgumentError(f"RNN with nonlinearity {nonlinearity!r}", "use 'tanh' or 'relu'")
        super().__init__(input_size, hidden_size, num_layers, dtype=dtype, device=device, rng=rng)
        self.nonlinearity = nonlinearity

    def step(self, x: Any, state: Parts, weight: Any, bias: Any) -> Parts:
        """The output, which is the whole state."""
        h = x + np.matmul(state[0], weight)
        return (np.tanh(h) if self.nonlinearity == "tanh" else np.relu(h),)


class GRU(Recurrent):
    """Gates r and z, and n = tanh(W_in x + b_in + r (W_hn h + b_hn)); h' = (1 - z) n + z h.

    Cho et al. 2014, r inside the bracket as in PyTorch and cuDNN; weights have the gates in the
    order r, z, n. x (N, T, input_size) to (outputs, h): (N, T, hidden_size) and (num_layers, N,
    hidden_size), as PyTorch's with batch_first=True. Raises ShapeError for x or a state that does
    not fit.
    """

    gates, late = 3, True

    def step(self, x: Any, state: Parts, weight: Any, bias: Any) -> Parts:
        """The output, which is the whole state."""
        (h,), size = state, self.hidden_size
        product = np.matmul(h, weight) + bias
        x_gates, x_new = np.split(x, [2 * size], axis=-1)
        h_gates, h_new = np.split(product, [2 * size], axis=-1)
        r, z = np.split(np.sigmoid(x_gates + h_gates), 2, axis=-1)
        n = np.tanh(x_new + r * h_new)
        return (n + z * (h - n),)


class LSTM(Recurrent):
    """c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'), the gates i, f, g, o linear in x and h.

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; weights have the
    gates in this order. x (N, T, input_size) to (outputs, (h, c)): (N, T, hidden_size) and twice
    (num_layers, N, hidden_size), as PyTorch's with batch_first=True. Raises ShapeError for x or a
    state that does not fit.
    """

    gates, parts = 4, ("h", "c")

    def step(self, x: Any, state: Parts, weight: Any, bias: Any) -> Parts:
        """The output h, and c."""
        h, c = state
        i, f, g, o = np.split(x + np.matmul(h, weight), 4, axis=-1)
        c = np.sigmoid(f) * c + np.sigmoid(i) * np.tanh(g)
        return np.sigmoid(o) * np.tanh(c), c
