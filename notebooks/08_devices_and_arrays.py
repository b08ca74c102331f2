# %% [markdown]
# # Any array
#
# A Tensor holds an array of NumPy, CuPy, PyTorch or JAX, and does its arithmetic with that
# library. It also *is* an array by the rules that these libraries agreed on, the array API
# standard. So code written to the standard, by people who never heard of this project, can be
# differentiated. Both halves are on this page.

# %%
import os

os.environ["SCIPY_ARRAY_API"] = "1"          # read when SciPy is imported: take any array

import warnings

import numpy
import scipy.integrate
import scipy.optimize.elementwise
import scipy.stats
import sklearn
from sklearn.datasets import load_digits
from sklearn.metrics import mean_squared_error
from sklearn.metrics.pairwise import rbf_kernel

import autograd
import autograd.numpy as np
import nn
from autograd import Tensor, grad

sklearn.set_config(array_api_dispatch=True)

# %% [markdown]
# ## One training loop on four storages
#
# `x.to(...)` moves a Tensor, `model.to(...)` the weights of a network. The loop does not know where
# its numbers are: they stay where they were put, and so do the gradients and what the optimiser
# keeps. The numbers are float32 because JAX, unless told otherwise, has no float64.

# %%
pixels, digits = load_digits(return_X_y=True)


def train(place, steps=30):
    """The losses of some steps, and one of the gradients."""
    x = Tensor((pixels / 16).astype("float32")).to(place)
    y = Tensor(digits.astype("int32")).to(place)
    model = nn.Sequential(nn.Linear(64, 32, rng=0, dtype="float32"), "relu",
                          nn.Linear(32, 10, rng=1, dtype="float32")).to(place)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        loss = nn.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, model[0].weight.grad


for storage in ("numpy", "torch", "jax", "array_api_strict"):
    try:
        place = autograd.device("cpu", storage=storage)
    except autograd.StorageError as error:              # not installed
        print(error)
        continue
    losses, gradient = train(place)
    print(f"{storage:17} loss {losses[0]:.5f} -> {losses[-1]:.5f}   {type(gradient.data)}")

# %% [markdown]
# On a machine with a GPU, `train("cuda")` runs there. `array_api_strict` is the standard itself, in
# pure Python: it refuses whatever the others happen to allow, and its pretended devices stand in
# for a GPU in the tests.
#
# Nothing moves by itself. Two places in one operation are an error that says what to write, and so
# is a place that is not there.

# %%
def told(action, *args):
    """The error that a call ends in."""
    try:
        action(*args)
    except autograd.AutogradError as error:
        print(f"{type(error).__name__}: {error}\n")


x = Tensor([1.0, 2.0])
told(np.multiply, x, x.to(storage="array_api_strict"))
told(x.to, "tpu")

# %% [markdown]
# New arrays are NumPy's, unless a block says otherwise.

# %%
with autograd.device("device1", storage="array_api_strict"):
    z = np.zeros(3)
z.device, np.zeros(3).device

# %% [markdown]
# ## Differentiate through SciPy
#
# Skewness has a derivative with respect to every sample. Nobody wrote it: SciPy's own code ran on
# a Tensor, and every operation was recorded. The last column says whether difference quotients
# agree.

# %%
sample = numpy.asarray([0.3, 1.2, 0.8, 2.5, 0.1])


def slopes(f, x, h=1e-6):
    """Difference quotients of a function of an array."""
    return [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in numpy.eye(len(x))]


for f in (scipy.stats.skew, scipy.stats.gmean, scipy.stats.differential_entropy):
    found = grad(f)(sample)
    print(f"{f.__name__:21}", found.round(4), numpy.allclose(found, slopes(f, sample), atol=1e-6))

# %% [markdown]
# An integral to infinity, by tanh-sinh quadrature, and its derivative by a parameter inside. The
# integral of exp(−a·x²) from 0 to ∞ is √(π/a)/2, so its derivative is −√(π/a)/(4a).

# %%
def integral(a):
    return scipy.integrate.tanhsinh(lambda x, a: np.exp(-a * x**2), np.asarray(0.0),
                                    np.asarray(np.inf), args=(a,)).integral


print(grad(integral)(numpy.asarray(2.0)), "by hand", -numpy.sqrt(numpy.pi / 2) / 8)

# %% [markdown]
# The root of x³ = a, found by an iteration that brackets it. The derivative goes through the
# iteration; by the formula it is 1/(3x²).

# %%
def cube_root(a):
    bracket = np.zeros_like(a), a + 1
    return scipy.optimize.elementwise.find_root(lambda x, a: x**3 - a, bracket, args=(a,)).x


a = numpy.asarray([2.0, 5.0])
print(grad(lambda a: cube_root(a).sum())(a), "by formula", 1 / (3 * numpy.cbrt(a)**2))

# %% [markdown]
# ## A kernel of scikit-learn, fitted by its gradient
#
# How wide should a Gaussian kernel be? Here the width is learned, by descending the error of
# kernel ridge regression on points that were held out, through `sklearn.metrics.pairwise` and a
# linear system.

# %%
rng = numpy.random.default_rng(0)
x = Tensor(rng.uniform(-3, 3, (60, 1)))
y = np.sin(2 * x[:, 0]) + 0.1 * rng.normal(size=60)
known, held = slice(0, 40), slice(40, 60)


def error(log_width):
    """The squared error on the held-out points, by the logarithm of the kernel's width."""
    scaled = x * np.exp(-log_width)
    weights = np.linalg.solve(rbf_kernel(scaled[known], gamma=1.0) + 0.05 * np.eye(40), y[known])
    return ((rbf_kernel(scaled[held], scaled[known], gamma=1.0) @ weights - y[held]) ** 2).mean()


log_width = Tensor(1.5, requires_grad=True)
optimizer = nn.SGD([log_width], lr=0.5)
for step in range(31):
    loss = error(log_width)
    if step % 10 == 0:
        print(f"step {step:2}  width {np.exp(log_width):.3f}  error {loss:.5f}")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

# %% [markdown]
# ## Where it ends
#
# Much of SciPy is compiled, and an array that enters compiled code leaves the graph. That is an
# error, never a gradient that is silently missing; a metric that returns a Python number warns.

# %%
told(grad(lambda x: scipy.stats.norm.logpdf(x).sum()), sample)

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    mean_squared_error(Tensor(sample), Tensor(sample + 1, requires_grad=True))
print(caught[-1].message)

# %% [markdown]
# [docs/interop.md](../docs/interop.md) has the list of what works and what does not, more than 200
# calls.
#
# **Try:** the derivative of `scipy.stats.pearsonr(x, Tensor(y)).statistic` by x, and explain
# why it is orthogonal to x.
