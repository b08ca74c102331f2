"""What PyTorch and JAX call each operation of the table, in our signature; None: no counterpart."""

import functools

import classic_peers
import jax
import jax.numpy as jnp
import linalg_peers
import numpy as np
import special_peers
import torch
import torch.nn.functional as F

jax.config.update("jax_enable_x64", True)
NO = None
UNIQUE = ("unique_all", "unique_counts", "unique_inverse", "unique_values")
SAME = [
    "add", "subtract", "multiply", "divide", "remainder", "pow", "negative", "positive", "square",
    "reciprocal", "sqrt", "hypot", "exp", "expm1", "log", "log1p", "log2", "log10", "logaddexp",
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh",
    "acosh", "atanh", "sigmoid", "erf", "relu", "abs", "maximum", "minimum", "sign", "floor",
    "ceil", "round", "trunc", "copysign", "conj", "real", "matmul", "outer", "tensordot", "triu",
    "tril", "where"]


def over(x, axis):
    """Axes as PyTorch wants them: all of them by name, and none as none."""
    return tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)


def torch_reduce(function):
    """A reduction over one axis after the other, from the last."""
    def call(x, axis=None, keepdims=False):
        for dim in sorted((a % x.ndim for a in over(x, axis)), reverse=True):
            x = function(x, dim=dim, keepdim=keepdims)
        return x

    return call


def torch_moment(function):
    return lambda x, axis, keepdims, correction: function(
        x, dim=over(x, axis), keepdim=keepdims, correction=correction)


def torch_scan(function, first):
    def call(x, axis, include_initial=False):
        if include_initial:
            size = [1 if i == axis % x.ndim else n for i, n in enumerate(x.shape)]
            x = torch.cat([torch.full(size, first, dtype=x.dtype), x], dim=axis)
        return function(x, dim=axis)

    return call


def torch_flat_scan(function):
    return lambda x, axis: function(x.reshape(-1) if axis is None else x, dim=axis or 0)


def torch_clip(x, min, max):
    return x + 0 if min is None and max is None else torch.clamp(x, min, max)


def torch_take(x, indices, axis):
    if axis is None:
        return x.reshape(-1)[torch.as_tensor(indices)]
    return torch.moveaxis(torch.moveaxis(x, axis, 0)[torch.as_tensor(indices)],
                          tuple(range(np.ndim(indices))),
                          tuple(range(axis % x.ndim, axis % x.ndim + np.ndim(indices))))


def torch_pad(x, width, constant_values):
    if isinstance(width, int):
        width = (width, width)
    pairs = (width,) * x.ndim if len(width) and isinstance(width[0], int) else width
    return F.pad(x, [n for pair in reversed(pairs) for n in pair], value=constant_values)


def torch_expand(x, axis):
    axes = axis if isinstance(axis, tuple) else (axis,)
    for a in sorted(a % (x.ndim + len(axes)) for a in axes):
        x = x.unsqueeze(a)
    return x


def torch_windows(x, window, axis, stride, dilation):
    for n, a, step, d in zip(window, axis, stride, dilation, strict=True):
        x = x.unfold(a, (n - 1) * d + 1, step)[..., ::d]
    return x


def jax_windows(x, window, axis, stride, dilation):
    for n, a, step, d in zip(window, axis, stride, dilation, strict=True):
        count = (x.shape[a] - (n - 1) * d - 1) // step + 1
        places = jnp.arange(count)[:, None] * step + jnp.arange(n) * d
        x = jnp.moveaxis(jnp.take(x, places, axis=a), a + 1, -1)
    return x


def jax_overlap_add(x, shape, **how):
    return jax.linear_transpose(lambda x: jax_windows(x, **how), jnp.zeros(shape, x.dtype))(x)[0]


def sliding(windows):
    def call(x, window_shape, axis, stride, dilation):
        axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        each = (n if isinstance(n, tuple) else (n,) * len(axes)
                for n in (window_shape, stride, dilation))
        window, stride, dilation = each
        return windows(x, window, tuple(a % x.ndim for a in axes), stride, dilation)

    return call


def torch_roll(x, shift, axis):
    return torch.roll(x, shift, axis) if axis is not None else torch.roll(x, shift)


def torch_repeat(x, repeats, axis):
    counts = torch.as_tensor(repeats, dtype=torch.int64)
    return torch.repeat_interleave(x if axis is not None else x.reshape(-1), counts, dim=axis or 0)


def torch_squeeze(x, axis):
    return torch.squeeze(x, over(x, axis)) if axis is not None else torch.squeeze(x)


TORCH = {name: getattr(torch, name) for name in SAME} | {
    "floor_divide": NO, "softplus": F.softplus, "at_least": torch.maximum, "identity": lambda x: x,
    "at_most": torch.minimum, "imag": NO, "round_to": lambda x, y: torch.round(x, decimals=y),
    "sech": NO,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.01), "elu": F.elu, "silu": F.silu, "clip": torch_clip,
    "gelu": F.gelu, "root": torch.sqrt, "mean": torch_reduce(torch.mean),
    "sum": torch_reduce(torch.sum), "prod": torch_reduce(torch.prod),
    "max": torch_reduce(torch.amax), "min": torch_reduce(torch.amin),
    "var": torch_moment(torch.var), "std": torch_moment(torch.std),
    "norm": lambda x, ord, axis, keepdims: torch.linalg.vector_norm(
        x, ord, over(x, axis), keepdims) if axis != () else abs(x),
    "logsumexp": lambda x, axis, keepdims: torch.logsumexp(
        x, over(x, axis), keepdims) if axis != () and x.ndim else x + 0,
    "softmax": lambda x, axis: F.softmax(x, axis),
    "log_softmax": lambda x, axis: F.log_softmax(x, axis),
    "cumulative_sum": torch_scan(torch.cumsum, 0.0),
    "cumulative_prod": torch_scan(torch.cumprod, 1.0),
    "diff": lambda x, n, axis: torch.diff(x, n, axis), "vecdot": torch.linalg.vecdot,
    "einsum": lambda *xs, subscripts: torch.einsum(subscripts, *xs),
    "tensordot": lambda x, y, axes: torch.tensordot(x, y, dims=axes),
    "triu": lambda x, k: torch.triu(x, k), "tril": lambda x, k: torch.tril(x, k),
    "reshape": lambda x, shape: x.reshape(shape), "matrix_product": torch.matmul,
    "broadcast_to": lambda x, shape: x.broadcast_to(shape),
    "permute_dims": lambda x, axes: x.permute(axes),
    "transpose": lambda x, axes: x.permute(tuple(axes or reversed(range(x.ndim)))),
    "matrix_transpose": lambda x: x.mT, "flip": lambda x, axis: torch.flip(x, over(x, axis)),
    "roll": torch_roll, "astype": lambda x, dtype: x.to(getattr(torch, str(np.dtype(dtype)))),
    "split_at": lambda x, at, axis: torch.tensor_split(x, at, axis), "item": NO, "to_device": NO,
    "concat": lambda *xs, axis: torch.cat(xs, axis), "element": NO, "from_values": NO,
    "concatenate": lambda *xs, axis: torch.cat(xs, axis),
    "stack": lambda *xs, axis: torch.stack(xs, axis), "expand_dims": torch_expand,
    "squeeze": torch_squeeze, "moveaxis": torch.moveaxis, "repeat": torch_repeat,
    "split": lambda x, sections, axis: torch.tensor_split(x, sections, axis),
    "unstack": lambda x, axis: torch.unbind(x, axis), "broadcast_arrays": torch.broadcast_tensors,
    "meshgrid": lambda *xs, indexing: torch.meshgrid(*xs, indexing=indexing),
    "windows": torch_windows, "overlap_add": NO, "sliding_window_view": sliding(torch_windows),
    "tile": NO, "pad": torch_pad, "take": torch_take, "getitem": NO, "scatter": NO, "setitem": NO,
    "put": NO, "put_along_axis": NO,
    "take_along_axis": lambda x, i, axis: torch.take_along_dim(x, torch.as_tensor(i), axis),
    "sort": lambda x, axis, descending: torch.sort(x, dim=axis, descending=descending)[0],
    "round": lambda x, decimals=0: torch.round(x, decimals=decimals), "nextafter": NO,
    "cumsum": torch_flat_scan(torch.cumsum), "cumprod": torch_flat_scan(torch.cumprod),
    "swapaxes": lambda x, axis1, axis2: x.swapaxes(axis1, axis2),
    **dict.fromkeys(UNIQUE, lambda x: torch.sort(x.reshape(-1))[0]),    # no two are equal there
}


def jax_moment(function):
    return lambda x, axis, keepdims, correction: function(
        x, axis, ddof=correction, keepdims=keepdims)


JAX = {name: getattr(jnp, name, None) for name in SAME} | {
    "sech": NO,
    "sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "erf": jax.scipy.special.erf,
    "softplus": jax.nn.softplus, "at_least": jnp.maximum, "at_most": jnp.minimum,
    "identity": lambda x: x, "imag": jnp.imag, "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu, "silu": jax.nn.silu, "root": jnp.sqrt, "floor_divide": jnp.floor_divide,
    "gelu": lambda x, approximate: jax.nn.gelu(x, approximate == "tanh"), "clip": jnp.clip,
    "round_to": lambda x, y: jnp.round(x, y), "mean": jnp.mean, "sum": jnp.sum, "prod": jnp.prod,
    "max": jnp.max, "min": jnp.min, "var": jax_moment(jnp.var), "std": jax_moment(jnp.std),
    "norm": lambda x, **words: jnp.linalg.vector_norm(x, **words),
    "logsumexp": jax.scipy.special.logsumexp, "softmax": jax.nn.softmax,
    "log_softmax": jax.nn.log_softmax, "cumulative_sum": jnp.cumulative_sum,
    "cumulative_prod": jnp.cumulative_prod, "diff": jnp.diff, "vecdot": jnp.vecdot,
    "einsum": lambda *xs, subscripts: jnp.einsum(subscripts, *xs), "reshape": jnp.reshape,
    "matrix_product": jnp.matmul, "broadcast_to": jnp.broadcast_to, "transpose": jnp.transpose,
    "permute_dims": lambda x, axes: jnp.permute_dims(x, tuple(a % x.ndim for a in axes)),
    "matrix_transpose": jnp.matrix_transpose, "flip": jnp.flip,
    "roll": jnp.roll, "astype": lambda x, dtype: x.astype(dtype), "item": NO, "element": NO,
    "to_device": NO, "from_values": NO,
    "split_at": lambda x, at, axis: jnp.split(x, list(at), axis),
    "concat": lambda *xs, axis: jnp.concatenate(xs, axis), "expand_dims": jnp.expand_dims,
    "concatenate": lambda *xs, axis: jnp.concatenate(xs, axis), "squeeze": jnp.squeeze,
    "stack": lambda *xs, axis: jnp.stack(xs, axis), "moveaxis": jnp.moveaxis,
    "repeat": lambda x, repeats, axis: jnp.repeat(
        x, repeats if isinstance(repeats, int) else np.array(repeats, int), axis),
    "split": lambda x, sections, axis: jnp.split(x, sections, axis),
    "unstack": lambda x, axis: jnp.unstack(x, axis=axis), "broadcast_arrays": jnp.broadcast_arrays,
    "meshgrid": lambda *xs, indexing: jnp.meshgrid(*xs, indexing=indexing),
    "tile": lambda x, repetitions: jnp.tile(x, repetitions),
    "windows": jax_windows, "overlap_add": jax_overlap_add,
    "sliding_window_view": sliding(jax_windows),
    "pad": lambda x, width, constant_values: jnp.pad(x, width, constant_values=constant_values)
    if x.ndim else x, "take": jnp.take, "getitem": lambda x, index: x[index],
    "scatter": lambda x, index, shape: jnp.zeros(shape, x.dtype).at[index].add(x), "setitem": NO,
    "put": NO, "put_along_axis": NO,
    "take_along_axis": lambda x, i, axis: jnp.take_along_axis(x, i, axis),
    "sort": lambda x, axis, descending: jnp.sort(x, axis=axis, descending=descending),
    "round": lambda x, decimals=0: jnp.round(x, decimals), "nextafter": NO,
    "cumsum": jnp.cumsum, "cumprod": jnp.cumprod, "swapaxes": jnp.swapaxes,
    **dict.fromkeys(UNIQUE, lambda x: jnp.sort(x.reshape(-1))),         # no two are equal there
}


def spectra(fft, library, renamed):
    """The Fourier transforms of a library: complex numbers as two real arrays each."""
    def call(name, *xs, **params):
        params = {renamed.get(key, key): value for key, value in params.items()}
        z = getattr(fft, name)(xs[0] + 1j * xs[1] if len(xs) > 1 else xs[0], **params)
        if name in ("irfft", "irfftn", "hfft"):
            return z
        return library.real(z), library.imag(z) + 0.0           # PyTorch's may be a mark only

    names = ("fft", "ifft", "rfft", "irfft", "fftn", "ifftn", "rfftn", "irfftn", "hfft", "ihfft")
    return {name: functools.partial(call, name) for name in names}


TORCH |= spectra(torch.fft, torch, {"axis": "dim", "axes": "dim"}) | {
    "fftshift": lambda x, axes: torch.fft.fftshift(x, over(x, axes)),
    "ifftshift": lambda x, axes: torch.fft.ifftshift(x, over(x, axes))}
JAX |= spectra(jnp.fft, jnp, {}) | {"fftshift": jnp.fft.fftshift, "ifftshift": jnp.fft.ifftshift}
TORCH |= special_peers.TORCH | classic_peers.TORCH | linalg_peers.TORCH
JAX |= special_peers.JAX | classic_peers.JAX | linalg_peers.JAX


def by_torch(function, args, params, moving, dtype):
    """(values, gradients of a weighted sum, weights): computed by PyTorch."""
    tensors = [torch.tensor(x, dtype=getattr(torch, dtype), requires_grad=i in moving)
               if i in moving or isinstance(x, float) else
               torch.as_tensor(x) if isinstance(x, np.ndarray) and x.dtype == bool else x
               for i, x in enumerate(args)]
    out = function(*tensors, **params)
    out = list(out) if isinstance(out, (tuple, list)) else [out]
    weights = [weight(z.shape) for z in out]
    total = sum(((z * torch.tensor(w, dtype=z.dtype)).sum() for z, w in zip(out, weights)),
                torch.zeros(()))
    wrt = [tensors[i] for i in moving]
    found = torch.autograd.grad(total, wrt, allow_unused=True) if total.requires_grad else [
        None] * len(wrt)
    return ([z.detach().numpy() for z in out],
            [torch.zeros_like(x).numpy() if g is None else g.numpy() for x, g in zip(wrt, found)],
            weights)


def by_jax(function, args, params, moving, dtype):
    """The same by JAX."""
    wrt = [jnp.asarray(args[i], dtype=dtype) for i in moving]

    def run(*xs):
        filled = list(args)
        for i, x in zip(moving, xs):
            filled[i] = x
        out = function(*filled, **params)
        return list(out) if isinstance(out, (tuple, list)) else [out]

    out, pullback = jax.vjp(run, *wrt)
    weights = [weight(z.shape) for z in out]
    found = pullback([jnp.asarray(w, dtype=z.dtype) for z, w in zip(out, weights)])
    return [np.asarray(z) for z in out], [np.asarray(g) for g in found], weights


def weight(shape):
    """The same weights for all: between 0.5 and 1.5."""
    return np.random.default_rng(7).random(tuple(shape)) + 0.5
