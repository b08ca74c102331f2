# %% [markdown]
# # Operations of your own
#
# A derivative rule is a linear map: given `g`, how much something changes per unit of the result,
# it says what that means for an operand. The engine's own table is made of such lines.

# %%
import autograd.numpy as np

for op in (np.multiply, np.exp, np.sin, np.divide):
    print(op.__doc__)

# %% [markdown]
# Write one: softsign, x / (1 + |x|). Its slope is 1 / (1 + |x|)². The rule names what it needs,
# here the operand `x`, and uses functions of `autograd.numpy`, so that it can be differentiated
# again.

# %%
import numpy

from autograd import Tensor, Value, custom_gradient, elementwise, grad, jvp

softsign = elementwise("softsign", lambda g, x: g / (1 + np.abs(x)) ** 2,
                       forward=lambda xp, x: x / (1 + xp.abs(x)))

x = Value(2.0, label="x")
y = softsign(x)
y.backward()
print(y.data, x.grad, "should be", 1 / 9)

# %% [markdown]
# From that one line come forward mode, second derivatives, arrays and broadcasting.

# %%
print(grad(grad(softsign))(2.0), "should be", -2 / 27)
print(jvp(softsign, (2.0,), (1.0,)))
W = Tensor([[1.0, -2.0]], requires_grad=True)
softsign(W * numpy.ones((3, 1))).sum().backward()
print(W.grad)

# %% [markdown]
# Never believe a derivative you have not checked. A central difference is enough here; the
# [next notebook](07_property_testing.ipynb) shows where it is not.

# %%
def difference(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


for at in (-3.0, -0.5, 0.7, 4.0):
    print(at, grad(softsign)(at), difference(softsign, at))

# %% [markdown]
# A function that is a black box, compiled code or a solver, gets a gradient by decoration. The root
# of y³ + y = x is found by iteration, and the implicit function theorem says its slope:
# dy/dx = 1 / (3y² + 1), where y is the result, called `z` in a rule.

# %%
@custom_gradient(lambda g, z: g / (3 * z * z + 1))
def root(x):
    y = x
    for _ in range(60):
        y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y


print(root(10.0), grad(root)(10.0), difference(root, 10.0), grad(grad(root))(10.0))

# %% [markdown]
# **Try:** plant a mistake, such as `g / (1 + np.abs(x))`, and see which of the checks notices.
