# %% [markdown]
# # Read the backward pass
#
# `compile` runs a function once with arrays that have no numbers, writes down what is done to them,
# and prints that as a program: no graph, no walk. What is left of a derivative is the arithmetic
# that you would write by hand, so it can be read.

# %%
import statistics
import time

import numpy

import autograd.numpy as np
import nn
from autograd import GraphError, Value, compile, grad, value_and_grad

slope = compile(grad(lambda x: np.sin(x) * x))
print(slope(2.0))
print(slope.source)

# %% [markdown]
# `v0`, `v1` and so on are what the lines compute, in order. What is used only once stands inside
# the line that uses it; what is multiplied by 1, or never used, is gone.
#
# ## A neuron
#
# The loss of one neuron, tanh(w·x + b), on a batch of eight rows, and its gradients for w and b.

# %%
def neuron(w, b, x, y):
    return np.mean((np.tanh(x @ w + b) - y) ** 2)


rng = numpy.random.default_rng(0)
x, y = rng.normal(size=(8, 3)), rng.normal(size=8)
w, b = rng.normal(size=3), 0.0

backward = compile(value_and_grad(neuron, (0, 1)))
loss, (dw, db) = backward(w, b, x, y)
print(round(loss, 6), dw.round(6), round(float(db), 6))
print(backward.source)

# %% [markdown]
# `v4` is the gradient of w·x + b, row by row: 0.125 is 1/8, and `1 / np.cosh(...)`, squared, is the
# slope of tanh. `db`, `v5`, is its sum, and `dw`, `v6`, its product with the inputs. Compare with
# the graph's own walk:

# %%
loss_too, (dw_too, db_too) = value_and_grad(neuron, (0, 1))(w, b, x, y)
print(abs(dw - dw_too).max() < 1e-15, abs(db - db_too) < 1e-15)

# %% [markdown]
# ## Softmax and cross-entropy
#
# Textbooks say that the gradient of the cross-entropy with respect to the scores is
# softmax − one-hot, over the number of rows. Here is the program that computes it, for four rows of
# three scores.

# %%
scores, classes = rng.normal(size=(4, 3)), numpy.asarray([0, 2, 1, 1])
backward = compile(grad(nn.cross_entropy))
gradient = backward(scores, classes)
print(backward.source)

# %% [markdown]
# Two names are new. `c0` is a constant, an array that no argument brought: here [0, 1, 2], so that
# `... == c0` is the one-hot. `strong_zero(a, g)` is a, but 0 where a is nan and g is exactly 0: it
# matters only where numbers are infinite, so read a.
#
# The last line is the textbook's. Its second part is exp(score) / sum(exp(score)) / 4: the softmax,
# over four rows. Its first part is −1/4 where the one-hot is 1, and 0 elsewhere.
#
# Around it: the largest score of a row is subtracted before `exp`, which would overflow. That
# changes no softmax, so the maximum adds nothing to the gradient, and no line is about it. The
# first `np.where` asks whether the class is one of the three.

# %%
softmax = numpy.exp(scores) / numpy.exp(scores).sum(axis=1, keepdims=True)
print(abs(gradient - (softmax - numpy.eye(3)[classes]) / 4).max() < 1e-15)

# %% [markdown]
# ## Adam
#
# A whole training step, forward, backward and update, is one program as well. Models and optimisers
# are arguments; what changes in them comes out at the end.

# %%
def step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = nn.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


model = nn.Linear(3, 1, rng=0)
optimizer = nn.Adam(model.parameters(), lr=0.1)
fast = compile(step)
start = time.perf_counter()
fast(model, optimizer, x, y[:, None])
first = time.perf_counter() - start
for _ in range(99):
    loss = fast(model, optimizer, x, y[:, None])
print(f"{loss.item():.6f}")
print(fast.source)

# %% [markdown]
# `exp_avg` is Adam's moving average of the gradient, m, and `exp_avg_sq` that of its square, v.
# Both begin at 0, which `-expm1(...)`, 1 − βᵗ, makes up for. The weight moves by
# lr · m̂ / (√v̂ + eps): find the line.
#
# ## What another program is made for
#
# One program was made for all 100 steps. Another shape or dtype makes another:

# %%
fast(model, optimizer, x[:5], y[:5, None])
fast.signatures

# %% [markdown]
# A branch on numbers cannot be traced, as there are none yet, and says so:

# %%
def often(x, n):
    while n > 0:
        x, n = np.sin(x), n - 1
    return x


try:
    compile(often)(x, 3)
except GraphError as error:
    print(error)

# %% [markdown]
# `static=` names arguments that are part of the program. Another number makes another program:

# %%
repeated = compile(often, static="n")
repeated(x, 3)
print(repeated.source)
repeated(x, 2)
print(repeated.source)

# %% [markdown]
# ## Loops of machine code
#
# Where Numba is installed, `pip install "wengert[jit]"`, programs of arrays run as loops that Numba
# compiles. They are Python too:

# %%
distance = compile(lambda a, b: np.mean(np.sqrt(np.sum((a - b) ** 2, axis=1))))
distance(rng.normal(size=(5, 3)), rng.normal(size=(5, 3)))
print(distance.source)
print(distance.loops or "Numba is not installed")

# %% [markdown]
# Arrays are flat: `a[3 * i + j]` is `a[i, j]`. NumPy writes four arrays on the way from a and b to
# the mean. Here there is one, `f8`, memory for float64 numbers in between, kept for the next call;
# a sum, `v1_sum`, is a number that the loop holds. `plus` adds in an order of the machine's choice,
# as NumPy does. Arrays that are returned are called `out0`, `out1`; here there is none.
#
# What does it bring? This is the step of above, a tiny one, and the distances of many rows. The
# first call compiled, or found machine code in the cache folder.

# %%
def took(call, count):
    """Seconds of a call, the median of `count`."""
    found = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


eager = took(lambda: step(model, optimizer, x, y[:, None]), 300)
compiled = took(lambda: fast(model, optimizer, x, y[:, None]), 300)
print(f"the step: first call {first:.2f} s; then {1e6 * compiled:.0f} µs, eager {1e6 * eager:.0f}")
print(f"the first call is made up for after {first / (eager - compiled):,.0f} steps")

many, more = rng.normal(size=(2, 300_000, 3))
distance(many, more)
plain = took(lambda: np.mean(np.sqrt(np.sum((many - more) ** 2, axis=1))), 15)
compiled = took(lambda: distance(many, more), 15)
print(f"the distances: {1e3 * compiled:.2f} ms on all cores, NumPy {1e3 * plain:.2f} on one")

# %% [markdown]
# Loops as large as these are shared by threads: `distance.loops` now has `share`, the part of a
# thread, and `meet`, where they wait for each other. Large networks gain less than this: most of
# their time goes to matrix products, which are BLAS's either way.
#
# ## Single numbers
#
# A function of numbers runs over arrays of samples with `batch=True`, its derivatives too:

# %%
bell = value_and_grad(lambda x, width: np.exp(-(x / width) ** 2), (0, 1))
values, (dx, dwidth) = compile(bell, batch=True)(numpy.linspace(-1.0, 1.0, 5), 0.5)
print(values.round(3), dx.round(3), dwidth.round(3), sep="\n")

# %% [markdown]
# And a graph of Values, recorded once, is computed again by `freeze`: a call reads the leaves'
# `data`, adds to their `grad`, and returns the new number.

# %%
u, v = Value(0.5), Value(2.0)
replay = ((u * v).tanh() / v).freeze()
for u.data in (0.5, 1.0, 1.5):
    u.grad = v.grad = 0.0
    print(f"{replay():.6f}  du {u.grad:.6f}  dv {v.grad:.6f}")

# %% [markdown]
# [docs/compilers.md](../docs/compilers.md) says what stays as it was when traced, and what else
# the names in a program mean.
#
# **Try:** print the second derivative of `np.tanh`. Then put a `nn.ReLU()` into the model and
# find it, and its derivative, in the program.
