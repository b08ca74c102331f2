# %% [markdown]
# # Draw graphs
#
# Whatever was computed can be drawn: results as boxes with their data and gradient, operations
# between them with the local derivative of each operand.

# %%
import numpy

import autograd.numpy as np
import nn
from autograd import Tensor, Value, grad, scope
from autograd.show import draw

a, b = Value(2.0, label="a"), Value(-3.0, label="b")
loss = (a * b).tanh() + a**b
loss.label = "loss"
loss.backward()
loss.draw()

# %% [markdown]
# Before `backward()` a gradient is "–": not computed, which is not 0. The same graph as text, one
# line for each operation, is what `print` shows; `.save("loss.svg")` writes a file.

# %%
print(loss.draw())

# %% [markdown]
# A function is drawn on example arguments, and its derivative is a function too. This is the
# derivative of the derivative of sin(x) · x:

# %%
draw(grad(grad(lambda x: np.sin(x) * x)), 0.5)

# %% [markdown]
# ## Arrays
#
# A box of an array tells its shape, dtype and range. Where an operation is no elementwise one, the
# map of the gradient stands on it: look for `Xᵀ @ g`.

# %%
X = numpy.asarray([[0.0, 1.0], [2.0, 3.0]])
W = Tensor([[0.1, 0.3], [-0.2, 0.4]], requires_grad=True, label="W")
loss = np.sum(np.tanh(X @ W) ** 2)
loss.backward()
loss.draw(direction="TB", heat=True, names=True)

# %% [markdown]
# With `heat=True` the boxes are filled by the size of their gradient.
#
# ## Large graphs fold
#
# A network of neurons has hundreds of operations. What one neuron, one layer or one `with
# scope(...)` recorded folds into one box: by itself above 150 nodes, and as deep as `depth` says.

# %%
mlp = nn.MLP(2, [3, 3, 1], seed=1)
with scope("loss"):
    loss = (mlp([1.0, -2.0]) - 1.0) ** 2
loss.backward()
loss.draw(depth=0)

# %%
loss.draw(depth=1)

# %% [markdown]
# At depth 3 each neuron is a box. `unfold="Neuron#7"` would open that one alone.

# %%
loss.draw(depth=3, heat=True)

# %% [markdown]
# A module is drawn on an example; layers of Tensors are scopes too.

# %%
model = nn.Sequential(nn.Linear(4, 8, rng=0), nn.Tanh(), nn.Linear(8, 3, rng=1))
model.draw(numpy.ones((2, 4)), depth=1)

# %% [markdown]
# **Try:** `loss.draw(depth=1, direction="TB")`, and a drawing of your own function with two
# arguments. How many boxes does the third derivative of `np.tanh` have?
