"""Optimisers move parameters against their gradients; formulas and defaults are PyTorch's.

Each is one update rule, plain arithmetic that runs on arrays and on floats alike.
"""

from collections.abc import Iterable
from typing import Any

from autograd import Tensor
from autograd.errors import ArgumentError
from autograd.numpy import divide, expm1, log, maximum, sqrt, where
from autograd.storage import is_array, is_numpy, namespace, to_number

from .optimizer import Optimizer, Parameter, State, at_least_zero, gradient
from .packing import elementwise

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "clip_grad_norm",
           "clip_grad_value"]


class SGD(Optimizer):
    """p ← p − lr · g; with momentum − lr · v, v ← momentum · v + g; Nesterov: g + momentum · v.

    `weight_decay` adds weight_decay · p to the gradient.
    """

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, momentum: float = 0.0,
                 nesterov: bool = False, weight_decay: float = 0.0) -> None:
        if nesterov and not momentum:
            raise ArgumentError("Nesterov's momentum with momentum=0", "give momentum=0.9")
        super().__init__(params, {"lr": lr, "momentum": momentum, "nesterov": nesterov,
                                  "weight_decay": weight_decay})

    def _kept(self, group: State) -> dict[str, float]:
        return {"momentum_buffer": 0.0} if group["momentum"] else {}

    @elementwise
    def _update(self, p: Any, g: Any, state: State, group: State) -> Any:
        g, momentum = _decayed(p, g, group), group["momentum"]
        if momentum:
            v = state["momentum_buffer"]
            v *= momentum
            v += g
            state["momentum_buffer"] = v
            g = g + momentum * v if group["nesterov"] else v
        p -= group["lr"] * g
        return p


class Adagrad(Optimizer):
    """p ← p − lr · g / (√s + eps) with s the sum of g² so far (Duchi et al. 2011).

    The rate of step t is lr / (1 + (t − 1) · lr_decay).
    """

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, lr_decay: float = 0.0,
                 weight_decay: float = 0.0, initial_accumulator_value: float = 0.0,
                 eps: float = 1e-10) -> None:
        super().__init__(params, {"lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay,
                                  "initial_accumulator_value": initial_accumulator_value,
                                  "eps": eps})

    def _kept(self, group: State) -> dict[str, float]:
        return {"step": 0, "sum": group["initial_accumulator_value"]}

    @elementwise
    def _update(self, p: Any, g: Any, state: State, group: State) -> Any:
        g, t = _decayed(p, g, group), state["step"] + 1
        total = state["sum"]
        total += g * g
        state.update(step=t, sum=total)
        rate = group["lr"] / (1 + (t - 1) * group["lr_decay"])
        p -= divide(rate * g, sqrt(total) + group["eps"])
        return p


class RMSprop(Optimizer):
    """p ← p − lr · g / (√s + eps) with s a moving average of g² (Hinton 2012).

    `centered` subtracts the square of the gradient's own moving average from s.
    """

    def __init__(self, params: Iterable[Any], lr: float = 1e-2, alpha: float = 0.99,
                 eps: float = 1e-8, weight_decay: float = 0.0, momentum: float = 0.0,
                 centered: bool = False) -> None:
        super().__init__(params, {"lr": lr, "alpha": alpha, "eps": eps, "momentum": momentum,
                                  "weight_decay": weight_decay, "centered": centered})

    def _kept(self, group: State) -> dict[str, float]:
        return {"square_avg": 0.0, **({"grad_avg": 0.0} if group["centered"] else {}),
                **({"momentum_buffer": 0.0} if group["momentum"] else {})}

    @elementwise
    def _update(self, p: Any, g: Any, state: State, group: State) -> Any:
        g, alpha = _decayed(p, g, group), group["alpha"]
        s = _average(state, "square_avg", g * g, alpha)
        if group["centered"]:
            mean = _average(state, "grad_avg", g, alpha)
            s = s - mean * mean
        g = divide(g, sqrt(s) + group["eps"])
        if group["momentum"]:
            g += group["momentum"] * state["momentum_buffer"]
            state["momentum_buffer"] = g
        p -= group["lr"] * g
        return p


class Adam(Optimizer):
    """p ← p − lr · m̂ / (√v̂ + eps), moving averages of g and g² without their bias to 0.

    Kingma and Ba 2015; `amsgrad` keeps the greatest v so far (Reddi et al. 2018).
    """

    decoupled = False

    def __init__(self, params: Iterable[Any], lr: float = 1e-3,
                 betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 0.0, amsgrad: bool = False) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps,
                                  "weight_decay": weight_decay, "amsgrad": amsgrad})

    def _kept(self, group: State) -> dict[str, float]:
        return {"step": 0, "exp_avg": 0.0, "exp_avg_sq": 0.0,
                **({"max_exp_avg_sq": 0.0} if group["amsgrad"] else {})}

    @elementwise
    def _update(self, p: Any, g: Any, state: State, group: State) -> Any:
        (beta1, beta2), lr = group["betas"], group["lr"]
        if self.decoupled:
            p *= 1 - lr * group["weight_decay"]
        else:
            g = _decayed(p, g, group)
        t = state["step"] = state["step"] + 1
        m = _average(state, "exp_avg", g, beta1)
        v = _average(state, "exp_avg_sq", g * g, beta2)
        if group["amsgrad"]:
            v = state["max_exp_avg_sq"] = maximum(state["max_exp_avg_sq"], v)
        scale = sqrt(v)
        scale /= _share(beta2, t) ** 0.5
        scale += group["eps"]
        change = divide(m, scale)
        change *= lr / _share(beta1, t)
        p -= change
        return p


class AdamW(Adam):
    """Adam whose weight decay shrinks p itself, p ← (1 − lr · weight_decay) · p, before the step.

    Loshchilov and Hutter 2019.
    """

    decoupled = True

    def __init__(self, params: Iterable[Any], lr: float = 1e-3,
                 betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 1e-2, amsgrad: bool = False) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)


def clip_grad_norm(params: Iterable[Parameter], max_norm: float) -> Any:
    """Scale all gradients down together so that their joint 2-norm is at most max_norm.

    Returns the norm before: a float, over other storages than NumPy a Tensor that nobody has waited
    for. The factor is max_norm / (norm + 1e-6), as in PyTorch.
    """
    at_least_zero("clip_grad_norm", "max_norm", max_norm)
    found = [(p, g) for p in params if (g := gradient(p)) is not None]
    norm: Any = sqrt(sum(_sum_of_squares(g) for _, g in found))
    if not is_array(norm) or is_numpy(norm):
        norm = float(norm)
        if norm > max_norm:
            for p, g in found:
                p.grad = g * (max_norm / (norm + 1e-6))
        return norm
    factor = where(norm > max_norm, max_norm / (norm + 1e-6), 1.0)
    for p, g in found:
        p.grad = g * (namespace(g).astype(factor, g.dtype, copy=False) if is_array(g)
                      else to_number(factor))
    return Tensor(norm)


def clip_grad_value(params: Iterable[Parameter], clip_value: float) -> None:
    """Bring every element of every gradient between −clip_value and clip_value."""
    at_least_zero("clip_grad_value", "clip_value", clip_value)
    for p in params:
        g = gradient(p)
        if isinstance(g, float):
            p.grad = min(max(g, -clip_value), clip_value) if g == g else g
        elif g is not None:
            p.grad = namespace(g).clip(g, -clip_value, clip_value)


def _decayed(p: Any, g: Any, group: State) -> Any:
    decay = group["weight_decay"]
    return g + decay * p if decay else g


def _average(state: State, name: str, new: Any, keep: float) -> Any:
    """The moving average `name`, moved: keep · old + (1 − keep) · new."""
    average = state[name]
    average *= keep
    average += (1 - keep) * new
    state[name] = average
    return average


def _share(keep: float, t: Any) -> Any:
    """1 − keep^t, what a moving average has seen after t steps; t may be an array of float32."""
    return 1 - keep**t if isinstance(t, int) else -expm1(t * log(keep))


def _sum_of_squares(g: Any) -> Any:
    return g * g if isinstance(g, float) else namespace(g).sum(g * g)
