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
# keeps.

# %%
pixels, digits = load_digits(return_X_y=True)


def train(place, steps=30):
    """The loss at the first and at the last step."""
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
    return type(model.layers[0].weight.grad.data).__module__, losses[0], losses[-1]


for storage in ("numpy", "torch", "jax", "array_api_strict"):
    try:
        place = autograd.device("cpu", storage=storage)
    except autograd.StorageError as missing:
        print(str(missing).split("\n")[0])
        continue
    library, first, last = train(place)
    print(f"{storage:17} gradients are arrays of {library.split('.')[0]:16} "
          f"loss {first:.5f} -> {last:.5f}")

# %% [markdown]
# `array_api_strict` is the standard itself, in pure Python: it refuses whatever the others happen
# to allow, and its pretended devices stand in for a GPU in the tests. On a machine with a GPU, the
# place to write is `"cuda"`. Nothing moves by itself: two places in one operation are an error that
# says what to write.

# %%
def told(action):
    """The error that an action ends in."""
    try:
        action()
    except autograd.AutogradError as error:
        print(f"{type(error).__name__}: {error}")


strict = autograd.device("device1", storage="array_api_strict")
told(lambda: Tensor([1.0, 2.0]).to(strict) * Tensor([3.0, 4.0]))
told(lambda: Tensor([1.0, 2.0]).to("tpu").sum().device[:3])

# %% [markdown]
# New arrays are NumPy's, unless a block says otherwise.

# %%
with strict:
    z = np.zeros(3)
z.device, np.zeros(3).device

# %% [markdown]
# ## Differentiate through SciPy
#
# Skewness has a derivative with respect to every sample. Nobody wrote it: SciPy's own code ran on
# a Tensor, and every operation was recorded. The last column is a difference quotient.

# %%
sample = numpy.asarray([0.3, -1.2, 0.8, 2.5, 0.1])


def slopes(f, x, h=1e-6):
    """Difference quotients of a function of an array."""
    return numpy.asarray([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in numpy.eye(len(x))])


for f in (scipy.stats.skew, scipy.stats.gmean, scipy.stats.differential_entropy):
    x = abs(sample) if f is scipy.stats.gmean else sample
    found = grad(f)(x)
    print(f"{f.__name__:21}", numpy.round(found, 6), abs(found - slopes(f, x)).max() < 1e-6)

# %% [markdown]
# An integral to infinity, by tanh-sinh quadrature, and its derivative by a parameter inside. The
# integral of exp(−a·x²) from 0 to ∞ is √(π/a)/2, so its derivative is −√π/(4·a^1.5).

# %%
def integral(a):
    return scipy.integrate.tanhsinh(lambda x, a: np.exp(-a * x * x), 0 * a, 0 * a + np.inf,
                                    args=(a,)).integral


try:
    print(grad(integral)(numpy.asarray(2.0)), -numpy.sqrt(numpy.pi) / (4 * 2.0**1.5))
except autograd.AutogradError as error:
    print(error)

# %% [markdown]
# The root of x³ = a, found by an iteration that brackets it. The derivative goes through the
# iteration; by the formula it is 1 / (3·root²).

# %%
def cube_root(a):
    bracket = (0 * a, a + 1)
    return scipy.optimize.elementwise.find_root(lambda x, a: x**3 - a, bracket, args=(a,)).x


a = numpy.asarray([2.0, 5.0])
root = cube_root(Tensor(a)).numpy()
print(root, grad(lambda a: cube_root(a).sum())(a), 1 / (3 * root**2), sep="\n")

# %% [markdown]
# ## A kernel of scikit-learn, fitted by its gradient
#
# How wide should a Gaussian kernel be? Here the width is learned, by descending the error of
# kernel ridge regression on points that were held out, through `sklearn.metrics.pairwise` and a
# linear system.

# %%
from sklearn.metrics.pairwise import rbf_kernel

rng = numpy.random.default_rng(0)
x = rng.uniform(-3, 3, (60, 1))
y = numpy.sin(2 * x[:, 0]) + 0.1 * rng.normal(size=60)
known, held = slice(0, 40), slice(40, 60)


def error(log_width):
    """The squared error on the held-out points, by the logarithm of the kernel's width."""
    scaled = Tensor(x) * np.exp(-log_width)
    weights = np.linalg.solve(rbf_kernel(scaled[known], gamma=1.0) + 0.05 * np.eye(40),
                              Tensor(y[known]))
    return ((rbf_kernel(scaled[held], scaled[known], gamma=1.0) @ weights - y[held]) ** 2).mean()


log_width = numpy.asarray(1.5)
for step in range(31):
    if step % 10 == 0:
        print(f"step {step:2}  width {numpy.exp(log_width):.3f}  error {error(log_width):.5f}")
    log_width = log_width - 0.5 * numpy.clip(grad(error)(log_width), -0.4, 0.4)

# %% [markdown]
# ## Where it ends
#
# Much of SciPy is compiled, and an array that enters compiled code leaves the graph. That is an
# error, never a gradient that is silently missing; a metric that returns a Python number warns.

# %%
told(lambda: grad(lambda x: scipy.stats.norm.logpdf(x).sum())(sample))

from sklearn.metrics import mean_squared_error

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    mean_squared_error(Tensor(sample), Tensor(sample + 1, requires_grad=True))
print(caught[-1].message)

# %% [markdown]
# `docs/interop.md` has the list of what works and what does not, more than 200 calls.
#
# **Try:** the derivative of `scipy.stats.pearsonr(x, y).statistic` with respect to x, and explain
# why it is orthogonal to x.
