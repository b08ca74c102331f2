# %% [markdown]
# # Derivatives of derivatives
#
# The backward walk is made of ordinary operations, so it can be recorded too, and differentiated
# again. `grad` takes a function and returns its gradient: apply it twice.

# %%
import numpy

import autograd.numpy as np
from autograd import grad, hessian, hvp, jacobian, jvp

f = np.tanh
print([d(0.5) for d in (f, grad(f), grad(grad(f)), grad(grad(grad(f))))])

# %% [markdown]
# The closed forms agree: with t = tanh(0.5) they are t, 1 − t², −2t(1 − t²) and
# (1 − t²)(6t² − 2).

# %%
t = numpy.tanh(0.5)
print([float(v) for v in (t, 1 - t**2, -2 * t * (1 - t**2), (1 - t**2) * (6 * t**2 - 2))])

# %% [markdown]
# For functions of several numbers the second derivatives form a matrix, the Hessian. It is
# symmetric, and it is the Jacobian of the gradient.

# %%
def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


start = numpy.asarray([-1.2, 1.0])
print(hessian(rosenbrock)(start))
print(jacobian(grad(rosenbrock))(start))

# %% [markdown]
# With it, Newton's method jumps to the bottom of the parabola that fits best, and needs a handful
# of steps where gradient descent needs thousands.

# %%
x = start
for step in range(7):
    print(step, x, rosenbrock(x))
    x = x - numpy.linalg.solve(hessian(rosenbrock)(x), grad(rosenbrock)(x))

# %% [markdown]
# A Hessian of a million weights does not fit anywhere, but its product with one vector costs about
# two gradients: the gradient (reverse mode) is pushed along the vector (forward mode).

# %%
v = numpy.asarray([1.0, 2.0])
print(hvp(rosenbrock, start, v), hessian(rosenbrock)(start) @ v)
print(jvp(rosenbrock, (start,), (v,)))

# %% [markdown]
# Inner and outer variables do not mix, even when they have one value: the derivative of
# x · (d/dy of x·y) is that of x², not of anything else.

# %%
grad(lambda x: x * grad(lambda y: x * y)(x))(3.0)

# %% [markdown]
# **Try:** the third derivative of `relu` squared at 0 and at 1, and explain the kink.
