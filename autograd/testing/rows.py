"""The built-in operations that programs draw: in the form that users register theirs.

A domain keeps clear of poles and of values that grow: what lies outside goes through a safe map
first, which is part of the program. Those of `special` are drawn only where they are asked for.
"""

import math
from functools import partial
from typing import Any

import numpy as np

from . import operands as of
from .table import register

INF = math.inf
POSITIVE, MODERATE, UNIT = (0.3, 3.0), (-5.0, 5.0), (-0.85, 0.85)
WHOLE = tuple(range(-8, 9))
HALVES = tuple(k + 0.5 for k in range(-8, 8))


def lead(x: Any, *, axis: Any = None, sign: int = 1, **others: Any) -> Any:
    """How far the greatest (least) element along the axes leads the next: 0 at a tie."""
    gone = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    x = np.moveaxis(sign * x, tuple(gone), range(len(gone)))
    x = np.sort(x.reshape(-1, *x.shape[len(gone):]), axis=0)
    return x[-1] - x[-2] if len(x) > 1 else np.ones(())


def spread(x: Any, *, axis: Any = None, **others: Any) -> Any:
    """The standard deviation, 0 where its root has a kink."""
    return np.std(x, axis=axis)


def neighbours(x: Any, *, axis: int = -1, **others: Any) -> Any:
    """The differences of what a sort puts side by side."""
    return np.diff(np.sort(x, axis=axis), axis=axis)


def whole_ratio(x: Any, y: Any) -> Any:
    """How far x / y is from a whole number."""
    return x / y - np.round(x / y)


group = partial(register, group="elementwise")
group("add", "{x} + {y}")
group("multiply", "{x} * {y}")
group("subtract", "{x} - {y}")
group("negative", "-{x}")
group("square", "np.square({x})", domain=MODERATE)
group("sin", "np.sin({x})", domain=MODERATE)
group("exp", "np.exp({x})", domain=(-INF, 2.0))
group("tanh", "np.tanh({x})", domain=(-3.0, 3.0))
group("divide", "{x} / {y}", domain=((-INF, INF), (0.3, INF)))
group("log", "np.log({x})", domain=(0.3, INF))
group("sqrt", "np.sqrt({x})", domain=(0.3, INF))
group("cos", "np.cos({x})", domain=MODERATE)
group("scale", "{x} * {c}", draw=of.one(c=of.either(0.5, -1.5, 2.0, 0.1)))
group("shift", "{x} + {c}", draw=of.one(c=of.either(1.0, -0.5, 3.0)))
group("from_constant", "{c} - {x}", draw=of.one(c=of.either(1.0, -0.5, 2.0)))
group("over_constant", "{c} / {x}", draw=of.one(c=of.either(1.0, -0.5)), domain=(0.3, INF))
group("power", "{x} ** {n}", draw=of.one(n=of.either(2, 3, -1, 0.5, 1.5)), domain=POSITIVE)
group("cube", "{x} ** 3", domain=(-2.0, 2.0))
group("exponential", "{c} ** {x}", draw=of.one(c=of.either(2.0, 0.5)), domain=(-3.0, 3.0))
group("pow", "{x} ** {y}", domain=(POSITIVE, (-2.0, 2.0)),
      kinks=((), (0.0,)))                       # PyTorch's second derivative there is 0, not 1/x
group("positive", "+{x}")
group("reciprocal", "np.reciprocal({x})", domain=(0.3, INF))
group("expm1", "np.expm1({x})", domain=(-INF, 2.0))
group("log1p", "np.log1p({x})", domain=(-0.6, INF))
group("log2", "np.log2({x})", domain=(0.3, INF))
group("log10", "np.log10({x})", domain=(0.3, INF))
group("logaddexp", "np.logaddexp({x}, {y})",
      complex="np.log(np.exp({x}) + np.exp({y}))", domain=(MODERATE, MODERATE))
group("tan", "np.tan({x})", domain=(-1.2, 1.2))
group("asin", "np.asin({x})", domain=UNIT)
group("acos", "np.acos({x})", domain=UNIT)
group("atan", "np.atan({x})", domain=(-8.0, 8.0))
group("atan2", "np.atan2({x}, {y})", domain=((-8.0, 8.0), (0.3, 8.0)),
      complex="np.atan({x} / {y})")
group("sinh", "np.sinh({x})", domain=(-3.0, 3.0))
group("cosh", "np.cosh({x})", domain=(-3.0, 3.0))
group("asinh", "np.asinh({x})")
group("acosh", "np.acosh({x})", domain=(1.3, INF))
group("atanh", "np.atanh({x})", domain=UNIT)
group("hypot", "np.hypot({x}, {y})", domain=((-INF, INF), (0.3, INF)),
      complex="np.sqrt({x} * {x} + {y} * {y})")
group("sigmoid", "np.sigmoid({x})", domain=(-8.0, 8.0), jax="jax.nn.sigmoid({x})",
      numpy="np.where({x} >= 0, 1.0, np.exp(-np.abs({x}))) / (1.0 + np.exp(-np.abs({x})))",
      complex="1 / (1 + np.exp(-{x}))")
group("softplus", "np.softplus({x})", domain=(-8.0, 8.0), jax="jax.nn.softplus({x})",
      numpy="np.log1p(np.exp(-np.abs({x}))) + np.maximum({x}, 0.0)",
      complex="np.log1p(np.exp({x}))", torch="torch.nn.functional.softplus({x})")
group("erf", "np.erf({x})", domain=(-3.0, 3.0), numpy="autograd.numpy.erf({x})",
      complex="scipy.special.erf({x})", jax="jax.scipy.special.erf({x})")
group("relu", "np.relu({x})", kinks=(0.0,), jax="jax.nn.relu({x})",
      numpy="np.maximum({x}, 0.0)", complex="np.where({x}.real > 0, {x}, 0.0)")
group("abs", "np.abs({x})", kinks=(0.0,), complex="np.where({x}.real < 0, -{x}, {x})")
group("maximum", "np.maximum({x}, {y})", kinks=np.subtract,
      complex="np.where({x}.real > {y}.real, {x}, {y})")
group("minimum", "np.minimum({x}, {y})", kinks=np.subtract,
      complex="np.where({x}.real < {y}.real, {x}, {y})")
group("at_least", "np.maximum({x}, 0.5)", kinks=(0.5,), torch="torch.clamp({x}, min=0.5)",
      complex="np.where({x}.real > 0.5, {x}, 0.5)")
group("at_most", "np.minimum({x}, 0.5)", kinks=(0.5,), torch="torch.clamp({x}, max=0.5)",
      complex="np.where({x}.real < 0.5, {x}, 0.5)")
group("clip", "np.clip({x}, -1.0, 1.0)", kinks=(-1.0, 1.0),
      complex="np.where(abs({x}.real) < 1, {x}, np.sign({x}.real))")
group("where", "np.where({x} > 0.5, {y}, {w})", kinks=((0.5,), (), ()),
      complex="np.where({x}.real > 0.5, {y}, {w})")
group("remainder", "np.remainder({x}, {y})", domain=(MODERATE, (0.7, 3.0)), kinks=whole_ratio,
      complex="{x} - {y} * np.floor({x}.real / {y}.real)")
group("floor_divide", "np.floor_divide({x}, {y})", domain=(MODERATE, (0.7, 3.0)),
      kinks=whole_ratio, torch=None, complex="np.floor({x}.real / {y}.real)")
for _name in ("sign", "floor", "ceil", "trunc"):
    group(_name, f"np.{_name}({{x}})", kinks=WHOLE, domain=(-8.0, 8.0),
          complex=f"np.{_name}({{x}}.real)")
group("round", "np.round({x})", kinks=HALVES, domain=(-8.0, 8.0), complex="np.round({x}.real)")
group("round_to", "np.round({x}, -1)", domain=(-20.0, 20.0), kinks=(-15.0, -5.0, 5.0, 15.0),
      complex="np.round({x}.real, -1)", torch="torch.round({x}, decimals=-1)")
group("copysign", "np.copysign({x}, {y})", kinks=((0.0,), (0.0,)),
      complex="np.where(({x}.real < 0) == ({y}.real < 0), {x}, -{x})")
group("nextafter", "np.nextafter({x}, {y})", complex="{x} + 0 * {y}",
      torch=None, jax=None)
group("conj", "np.conj({x})", complex="+{x}")
group("real", "np.real({x})", complex="+{x}")
group("leaky_relu", "np.leaky_relu({x})", kinks=(0.0,), jax="jax.nn.leaky_relu({x})",
      numpy="np.where({x} > 0, {x}, 0.01 * {x})", complex="np.where({x}.real > 0, {x}, 0.01 * {x})",
      torch="torch.nn.functional.leaky_relu({x})")
group("silu", "np.silu({x})", domain=(-8.0, 8.0), numpy="autograd.numpy.silu({x})",
      complex="{x} / (1 + np.exp(-{x}))", torch="torch.nn.functional.silu({x})",
      jax="jax.nn.silu({x})")

group = partial(register, group="reduction")
reduce = of.one(1, axis=of.axes, keepdims=of.keepdims)
for _name in "sum", "mean":
    group(_name, f"np.{_name}({{x}}, axis={{axis}}, keepdims={{keepdims}})", draw=reduce,
          torch=f"torch.{_name}({{x}}, {{axis}}, {{keepdims}})")
for _name, _sign in ("max", 1), ("min", -1):
    group(_name, f"np.{_name}({{x}}, axis={{axis}}, keepdims={{keepdims}})",
          draw=of.one(1, axis=of.some_axes, keepdims=of.keepdims), kinks=partial(lead, sign=_sign),
          torch=f"torch.a{_name}({{x}}, {{axis}}, {{keepdims}})")
    group(f"{_name}_of_all", f"np.{_name}({{x}})", draw=of.one(1), kinks=partial(lead, sign=_sign))
group("prod", "np.prod({x}, axis={axis}, keepdims={keepdims})",
      draw=of.one(1, axis=of.axis, keepdims=of.keepdims),
      torch="torch.prod({x}, {axis}, {keepdims})")
group("var", "np.var({x}, axis={axis}, keepdims={keepdims})", draw=reduce, domain=MODERATE,
      torch="torch.var({x}, {axis}, correction=0, keepdim={keepdims})",
      complex="np.mean(({x} - np.mean({x}, {axis}, keepdims=True))**2, {axis}, "
              "keepdims={keepdims})")
group("std", "np.std({x}, axis={axis}, keepdims={keepdims})", draw=reduce, kinks=spread,
      torch="torch.std({x}, {axis}, correction=0, keepdim={keepdims})",
      complex="np.sqrt(np.mean(({x} - np.mean({x}, {axis}, keepdims=True))**2, {axis}, "
              "keepdims={keepdims}))")
group("norm", "np.linalg.vector_norm({x}, axis={axis}, keepdims={keepdims})", draw=reduce,
      torch="torch.linalg.vector_norm({x}, 2, {axis}, {keepdims})",
      kinks=lambda x, axis, keepdims: np.linalg.vector_norm(x, axis=axis),
      complex="np.sqrt(np.sum({x} * {x}, axis={axis}, keepdims={keepdims}))")
group("logsumexp", "np.logsumexp({x}, axis={axis})", draw=of.one(1, axis=of.some_axes),
      domain=MODERATE, numpy="autograd.numpy.logsumexp({x}, axis={axis})",
      complex="np.log(np.sum(np.exp({x}), axis={axis}))", torch="torch.logsumexp({x}, {axis})",
      jax="jax.scipy.special.logsumexp({x}, {axis})")
group("softmax", "np.softmax({x}, axis={axis})", draw=of.one(1, axis=of.axis), domain=MODERATE,
      numpy="autograd.numpy.softmax({x}, axis={axis})", jax="jax.nn.softmax({x}, {axis})",
      complex="np.exp({x}) / np.sum(np.exp({x}), axis={axis}, keepdims=True)",
      torch="torch.softmax({x}, {axis})")
group("cumulative_sum", "np.cumulative_sum({x}, axis={axis})", draw=of.one(1, axis=of.axis),
      torch="torch.cumsum({x}, {axis})")
group("cumulative_prod", "np.cumulative_prod({x}, axis={axis})", draw=of.one(1, axis=of.axis),
      torch="torch.cumprod({x}, {axis})", domain=(-2.0, 2.0))
group("sort", "np.sort({x}, axis={axis})", draw=of.one(1, axis=of.axis), kinks=neighbours,
      torch="torch.sort({x}, {axis})[0]",
      complex="np.take_along_axis({x}, np.argsort({x}.real, axis={axis}), axis={axis})")

group = partial(register, group="shape")
group("reshape", "np.reshape({x}, {shape})", draw=of.one(shape=of.reshaped))
group("broadcast_to", "np.broadcast_to({x}, {shape})", draw=of.one(shape=of.broadened))
group("permute_dims", "np.permute_dims({x}, {axes})", draw=of.one(axes=of.order),
      torch="torch.permute({x}, {axes})")
group("matrix_transpose", "np.matrix_transpose({x})", draw=of.one(2), torch="{x}.mT")
group("flip", "np.flip({x}, axis={axis})", draw=of.one(1, axis=of.axis),
      torch="torch.flip({x}, [{axis}])")
group("roll", "np.roll({x}, {shift}, axis={axis})",
      draw=of.one(1, shift=of.either(1, -1, 2), axis=of.axis),
      torch="torch.roll({x}, {shift}, {axis})")
group("concat", "np.concat([{xs}], axis={axis})", draw=of.joined(False),
      jax="jnp.concatenate([{xs}], axis={axis})")
group("stack", "np.stack([{xs}], axis={axis})", draw=of.joined(True))
group("split", "np.split({x}, [{at}], axis={axis})[{i}]", draw=of.cut,
      torch="torch.tensor_split({x}, [{at}], {axis})[{i}]")
group("expand_dims", "np.expand_dims({x}, axis={axis})", draw=of.one(axis=of.either(0, -1)),
      torch="torch.unsqueeze({x}, {axis})")
group("repeat", "np.repeat({x}, 2, axis={axis})", draw=of.one(1, axis=of.axis),
      torch="torch.repeat_interleave({x}, 2, {axis})")
group("tile", "np.tile({x}, (2,))", draw=of.one(1))
group("pad", "np.pad({x}, 1)", draw=of.one(1),
      torch="torch.nn.functional.pad({x}, (1, 1) * {x}.ndim)")
group("diff", "np.diff({x}, axis={axis})", draw=of.one(1, axis=of.axis),
      torch="torch.diff({x}, dim={axis})")
group("sliding_window_view", "np.sliding_window_view({x}, {shape}, axis={axis})",
      draw=of.one(1, shape=of.narrow, axis=of.axis), jax=None,
      numpy="np.lib.stride_tricks.sliding_window_view({x}, {shape}, {axis})",
      torch="{x}.unfold({axis}, *{shape}, 1)")
group("triu", "np.triu({x}, {k})", draw=of.one(2, k=of.either(0, 1, -1)))
group("tril", "np.tril({x}, {k})", draw=of.one(2, k=of.either(0, 1, -1)))
group("diagonal", "np.linalg.diagonal({x})", draw=of.one(2),
      torch="torch.diagonal({x}, dim1=-2, dim2=-1)")
group("trace", "np.linalg.trace({x})", draw=of.one(2),
      torch="torch.diagonal({x}, dim1=-2, dim2=-1).sum(-1)")

group = partial(register, group="indexing")
group("getitem", "{x}[{index}]", draw=of.one(1, index=of.index))
group("getitem_backward", "{x}[::-1]", draw=of.one(1), torch=None)
group("getitem_rows", "{x}[{places}]", draw=of.one(1, places=of.rows),
      jax="{x}[jnp.asarray({places})]")
group("getitem_columns", "{x}[..., {places}]", draw=of.one(1, places=of.columns),
      jax="{x}[..., jnp.asarray({places})]")
group("getitem_points", "{x}[{places}, {columns}]", draw=of.points,
      jax="{x}[jnp.asarray({places}), jnp.asarray({columns})]")
group("take", "np.take({x}, {places}, axis={axis})",
      draw=of.one(1, places=of.places, axis=of.axis), jax="jnp.take({x}, jnp.asarray({places}), "
      "axis={axis})", torch="torch.index_select({x}, {axis}, torch.tensor({places}))")
group("setitem", "autograd.primitive.table['setitem']({x}, {y}, index=np.s_[{index}])",
      draw=of.written, torch=None, jax="{x}.at[{index}].set({y})",
      complex="autograd.primitive.table['setitem']({x} + 0j, {y}, index=np.s_[{index}])")

group = partial(register, group="linalg")
group("matmul", "{x} @ {y}", draw=of.product)
group("vecdot", "np.vecdot({x}, {y})", draw=of.vectors, torch="torch.linalg.vecdot({x}, {y})",
      numpy="np.sum({x} * {y}, axis=-1)")
group("outer", "np.outer({x}, {y})", draw=of.elementwise(2),
      torch="torch.outer({x}.reshape(-1), {y}.reshape(-1))")
group("inv", "np.linalg.inv({x})", draw=of.square(), fix="regular")
group("det", "np.linalg.det({x})", draw=of.square(), fix="regular")
group("slogdet", "np.linalg.slogdet({x})[1]", draw=of.square(), fix="regular",
      complex="np.log(np.linalg.det({x}))")
group("solve", "np.linalg.solve({x}, {y})", draw=of.system, fix="regular",
      torch="torch.linalg.solve({x}, {y}.expand({x}.shape[:-2] + {y}.shape))")
group("pinv", "np.linalg.pinv({x})", draw=of.square(), fix="regular",
      complex="np.linalg.inv({x})")
group("matrix_power", "np.linalg.matrix_power({x}, {n})", fix="regular",
      draw=of.square(n=of.either(2, -1, -2)))
group("cholesky", "np.linalg.cholesky({x} @ np.matrix_transpose({x}))", draw=of.square(),
      fix="regular", torch="torch.linalg.cholesky({x} @ {x}.mT)", complex=None)
group("qr", "np.linalg.qr({x})[1]", draw=of.square(), fix="regular", complex=None)
group("eigvalsh", "np.linalg.eigvalsh({x} + np.matrix_transpose({x}))", draw=of.square(),
      torch="torch.linalg.eigvalsh({x} + {x}.mT)", complex=None,
      numpy="np.linalg.eigh({x} + np.matrix_transpose({x}))[0]",
      kinks=lambda x: np.diff(np.linalg.eigvalsh(x + np.matrix_transpose(x))))
group("svdvals", "np.linalg.svdvals({x})", draw=of.square(), fix="regular", complex=None,
      numpy="np.linalg.svd({x})[1]",
      kinks=lambda x: np.diff(np.linalg.svdvals(x)))

group = partial(register, group="fft")


def part(name: str, call: str, torch: str) -> None:
    """A real linear map by way of complex numbers; of complex ones, that of each of their parts."""
    twice = " + 1j * ".join(call.replace("{x}", "{x}." + side) for side in ("real", "imag"))
    group(name, call, draw=of.one(1, axis=of.axis), torch=torch, complex=twice)


part("fft_real", "np.real(np.fft.fft({x}, axis={axis}))",
     "torch.real(torch.fft.fft({x}, dim={axis}))")
part("fft_imag", "np.imag(np.fft.fft({x}, axis={axis}))",
     "torch.imag(torch.fft.fft({x}, dim={axis}))")
part("ifft_real", "np.real(np.fft.ifft({x}, axis={axis}))",
     "torch.real(torch.fft.ifft({x}, dim={axis}))")
part("irfft", "np.fft.irfft(np.fft.rfft({x}, axis={axis}), n=4, axis={axis})",
     "torch.fft.irfft(torch.fft.rfft({x}, dim={axis}), n=4, dim={axis})")

# -- safe maps: what brings an operand into a domain, whatever it was --------------------------
group = partial(register, group="map")
group("fit", "np.tanh({x} * {s}) * {c} + {d}",
      draw=of.one(s=of.either(1.0, 0.5), c=of.either(1.0, 0.9), d=of.either(0.0, 1.5)))
group("regular", "{x} * {s} + np.tril(np.triu(np.exp({x} * {s})))",
      draw=of.square(s=of.either(0.1, 0.05)))
