# %% [markdown]
# # Read the backward pass
#
# `compile` runs a function once with arrays that have no numbers, writes down what is done to them,
# and prints that as a program: no graph, no walk. What is left of a derivative is the arithmetic
# that you would write by hand, so it can be read.

# %%
import numpy

import autograd.numpy as np
from autograd import compile, grad, value_and_grad

slope = compile(grad(lambda x: np.sin(x) * x))
print(slope(2.0))
print(slope.source)

# %% [markdown]
# Values used twice have a name; what is multiplied by 1 or never used is gone.
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
# From the bottom: `dw` is a product of the inputs with what came back from tanh, and `db` is the
# sum of that. Compare with the graph's own walk:

# %%
loss_too, (dw_too, db_too) = value_and_grad(neuron, (0, 1))(w, b, x, y)
print(abs(dw - dw_too).max() < 1e-15, abs(db - db_too) < 1e-15)

# %% [markdown]
# ## Softmax and cross-entropy
#
# Textbooks say that the gradient of the cross-entropy with respect to the scores is
# softmax − one-hot, over the number of rows. Here is the program that computes it.

# %%
import nn

scores, classes = rng.normal(size=(4, 3)), numpy.asarray([0, 2, 1, 1])
backward = compile(grad(nn.cross_entropy))
gradient = backward(scores, classes)
print(backward.source)

# %%
softmax = numpy.exp(scores) / numpy.exp(scores).sum(axis=1, keepdims=True)
print(abs(gradient - (softmax - numpy.eye(3)[classes]) / 4).max() < 1e-15)

# %% [markdown]
# The largest score of each row is subtracted first, or `exp` would overflow; nothing is said of its
# derivative, because moving all scores of a row changes nothing. Rows whose class is out of range
# would be nan: that is what `np.where` looks after.
#
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
for _ in range(100):
    loss = fast(model, optimizer, x, y[:, None])
print(f"{loss.item():.6f}")
print(fast.source)

# %% [markdown]
# `exp_avg` is Adam's moving average of the gradient, m, and `exp_avg_sq` that of its square, v.
# Both begin at 0, which `-expm1(...)`, 1 − βᵗ, makes up for. The weight moves by
# lr · m̂ / (√v̂ + eps): find the line.
#
# One program was made for all 100 steps. Another shape makes another:

# %%
fast(model, optimizer, x[:5], y[:5, None])
fast.signatures

# %% [markdown]
# Where Numba is installed, `pip install "wengert[jit]"`, the same programs run as loops of machine
# code: `fast.loops` shows them. A branch on a number cannot be traced, and says so:

# %%
from autograd import GraphError

try:
    compile(lambda x: x if x.sum() > 0 else -x)(x)
except GraphError as error:
    print(error)

# %% [markdown]
# **Try:** print the second derivative of `np.tanh`. Then put a `nn.ReLU()` into the model and
# find it, and its derivative, in the program.
