# %% [markdown]
# # Is this derivative right?
#
# A wrong derivative is a quiet bug. Nothing crashes, and the loss goes down all the same, only to
# a worse place. Here a derivative is written by hand, with a bug in it, and looked at until it
# shows, by means that `autograd.testing` has for any function.
#
# The Huber loss is a parabola near 0 and a straight line beyond 1, so that one wild point does not
# pull on everything. Its slope is x, and no more than 1.

# %%
import matplotlib.pyplot as plt
import numpy

import autograd.numpy as np
from autograd import Tensor, Value, elementwise, grad


def forward(xp, x):
    return xp.where(xp.abs(x) <= 1, x * x / 2, xp.abs(x) - 0.5)


huber = elementwise("huber", lambda g, x: g * np.minimum(x, 1.0), forward=forward)

# %% [markdown]
# The usual test is a difference at a point or two, one on each piece of the function.

# %%
def difference(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


for x in (0.5, 3.0):
    print(x, grad(huber)(x), difference(huber, x))

# %% [markdown]
# They agree, the author is satisfied, and a line is fitted with it.
#
# ## What is wrong, and where

# %%
from autograd.testing import check_gradients

X = numpy.asarray([0.0, 1.0, 2.0, 3.0, 4.0])
Y = numpy.asarray([1.1, 2.9, 5.2, 6.8, 15.0])          # the last one is wild


def loss(w, b):
    return np.sum(huber(w * X + b - Y))


print(check_gradients(loss, 2.0, 1.0))

# %% [markdown]
# One line for each input: expected by differences, give or take their own error, and what came.
# Then the first operation that is wrong by itself, and a program that says it all again, once what
# is your own is put in. Only the last point lies more than 1 above the line. There the slope should
# be −1, and `np.minimum` knows nothing of that end.

# %%
x = numpy.linspace(-3, 3, 200)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
left.plot(x, huber(x))
left.set_title("huber")
right.plot(x, difference(huber, x), label="difference")
right.plot(x, [grad(huber)(float(at)) for at in x], "--", label="our rule")
right.plot([0.5, 3.0], [0.5, 1.0], "o", label="tested")
right.set_title("its slope")
right.legend()
plt.show()

# %% [markdown]
# We leave the bug in for a while: it is good to try tools on.
#
# ## How sure is a difference?
#
# (f(x + h) − f(x − h)) / 2h is wrong for two reasons. The function is not straight between the two
# points, which costs about h². And the two values agree in most of their digits, so that rounding
# is left over, divided by h: a small step is no better than a large one. Halving the step and
# extrapolating to no step at all (Richardson) removes the first error, and how far neighbours in
# that table are apart says what is left. Where a function takes complex numbers, Im f(x + ih) / h
# subtracts nothing, and h can be tiny.

# %%
def smooth(x):
    return np.log(np.cosh(x))                          # a smooth Huber loss: its slope is tanh


def richardson(f, x, h):
    return (4 * difference(f, x, h / 2) - difference(f, x, h)) / 3


steps = 10.0 ** numpy.arange(-12, 0.1, 0.25)
found = {"one side": (smooth(0.7 + steps) - smooth(0.7)) / steps,
         "both sides": difference(smooth, 0.7, steps),
         "Richardson, once": richardson(smooth, 0.7, steps),
         "complex step": smooth(0.7 + 1j * steps).imag / steps}
figure, axes = plt.subplots(figsize=(9, 3.5), layout="constrained")
for name, slopes in found.items():
    style = "." if name == "complex step" else "-"
    axes.loglog(steps, abs(slopes - numpy.tanh(0.7)) + 1e-17, style, label=name)
axes.set(xlabel="step h", ylabel="error", title="the slope of log cosh at 0.7")
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# `check_gradients` goes on like this until more steps only lose digits, and measures how much the
# function itself is rounded. So its ± is found, not chosen: there is no tolerance to set. It is
# larger where numbers have fewer digits.

# %%
for x in (numpy.float64(0.7), numpy.float32(0.7)):
    print(check_gradients(smooth, x, order=1).verdicts["x"])

# %% [markdown]
# ## Four verdicts
#
# `pass` and `fail` are clear. `kink`: the slopes on both sides differ, and the derivative lies
# between them, where any is as good. `inconclusive`: differences can say nothing, of an infinite
# slope, of a jump, of integers. That is no pass: a test that could not look should not be green.

# %%
for f, x in ((np.tanh, 0.5), (huber, -3.0), (np.abs, 0.0), (np.sqrt, 0.0), (np.floor, 2.0),
             (np.square, 2)):
    found = check_gradients(f, x, order=1).verdicts["x"]
    low, high = found.expected
    print(f"{f.__name__:7} {found.verdict:13}",
          found.reason or f"{found.got:.4g} came, {low:.4g} to {high:.4g} was expected")

# %% [markdown]
# An operation of your own may have a kink too. The pinball loss, which fits the 90th percentile
# instead of the mean, has one at 0. `kink=` says how far the operand is from there. The check does
# not need it; `kinks()` does, which lists what in a graph sits on a kink.

# %%
pinball = elementwise("pinball", lambda g, x: g * np.where(x > 0, 0.9, -0.1),
                      forward=lambda xp, x: xp.maximum(0.9 * x, -0.1 * x), kink=lambda x: x)

print(check_gradients(pinball, numpy.asarray([-2.0, 0.0, 3.0])))
residual = Value(0.0, label="residual")
print((pinball(residual) + huber(residual)).kinks())

# %% [markdown]
# ## Let the points be drawn
#
# The bug was seen because of one point among five. Better that nobody has to choose:
# [Hypothesis](https://hypothesis.works) draws, and more often than chance would the hard ones:
# zeros of both signs, equal numbers, the ends of a domain. `check_derivatives` makes of a function
# a test, for pytest or to be called. What fails, Hypothesis makes simpler, as long as it fails.

# %%
from hypothesis import given, settings

from autograd.testing import check_derivatives
from autograd.testing.strategies import floats, programs

settings.register_profile("page", derandomize=True, database=None)      # the same draws each time
settings.load_profile("page")


def told(test):
    """What a test says, without the program."""
    try:
        test()
        print("passed")
    except AssertionError as error:
        said = str(error).partition("\n\n")[0]
        print(*filter(None, ["failed", said, *error.__notes__]), sep="\n")


@check_derivatives(floats((-10.0, 10.0)))
def test_huber(x):
    return huber(x)


told(test_huber)

# %% [markdown]
# A property needs no differences, if you know something of the function. This loss is the same on
# both sides, so its slope is the opposite.

# %%
@given(floats((-10.0, 10.0)))
def test_the_slope_is_odd(x):
    assert grad(huber)(-x) == -grad(huber)(x)


told(test_the_slope_is_odd)

# %% [markdown]
# ## Let the programs be drawn
#
# An operation that is right alone may be wrong in company: a result that is used twice, an array
# that is broadcast. Here `huber` joins the table from which random programs are drawn. It says
# where it has kinks, because programs stay clear of them, and what it is in NumPy.

# %%
from autograd.show import draw
from autograd.testing import random_program, register

register(huber, kinks=(-1.0, 1.0), numpy=lambda x: forward(numpy, x))
program = random_program(21, ops=["huber", "sin", "multiply", "sum"], max_ops=4)
print(program)

# %%
draw(program, *program.inputs)

# %% [markdown]
# A program runs in this engine, in plain NumPy, and in PyTorch and JAX where every operation has
# a word there. Here the values agree: a wrong derivative does not show in them.

# %%
print(program(*program.inputs))
print(program.run("numpy"))

# %% [markdown]
# Its derivative fails, and `shrink` drops operations, elements and digits for as long as it does.

# %%
from autograd.testing import shrink

print(shrink(program, lambda p: check_gradients(p, *p.inputs).verdict == "fail"))

# %% [markdown]
# That is the bug, and nothing else. Now we mend it.

# %%
huber = elementwise("huber", lambda g, x: g * np.clip(x, -1.0, 1.0), forward=forward)
register(huber, kinks=(-1.0, 1.0), numpy=lambda x: forward(numpy, x))


@settings(max_examples=20)
@given(programs(ops=["huber", "sin", "multiply", "sum"], max_ops=3))
def test_programs(program):
    assert check_gradients(program, *program.inputs)


print(check_gradients(loss, 2.0, 1.0))
told(test_huber)
told(test_the_slope_is_odd)
told(test_programs)

# %% [markdown]
# ## Laws
#
# Some things hold for every derivative, whatever it is the derivative of. Move the inputs along
# t: forward mode says how the results move, push t. Weigh the results by g: reverse mode says how
# much each input counts, pull g. The weighted motion can be had from either end, and has to be the
# same: ⟨push t, g⟩ = ⟨t, pull g⟩. Twice the weight is twice the gradient, a Hessian is symmetric,
# nothing is left behind.

# %%
from autograd.testing import check_laws

check_laws(loss, 2.0, 1.0)

# %% [markdown]
# Laws do not know which function is meant: the rule with the bug obeyed them all. They see what
# differences do not ask for. Somebody fears large gradients, and clips them in the rule:

# %%
clipped = elementwise("clipped_huber", lambda g, x: np.clip(g * np.clip(x, -1.0, 1.0), -1.0, 1.0),
                      forward=forward)
x = numpy.asarray([-3.0, -0.4, 0.5, 2.0])

print(check_gradients(clipped, x, order=1))
try:
    check_laws(clipped, x)
except AssertionError as error:
    print(error)

# %% [markdown]
# With a weight of 1 no slope of `huber` is ever clipped, and the differences agree. In the middle
# of a network, where the weight is what the later layers say, it is wrong.
#
# ## Would your test have caught it?
#
# A test that passes proves little until it has failed. `caught` plants bugs in the operation, one
# after the other, and runs your test. Here is the test that everybody makes:

# %%
from autograd.testing import caught, kill_table


def the_loss_goes_down():
    w, b = Tensor(1.0, requires_grad=True), Tensor(1.0, requires_grad=True)
    first = loss(w, b)
    first.backward()
    return bool(loss(w - 0.001 * w.grad, b - 0.001 * b.grad) < first)


print(caught(the_loss_goes_down, huber))

# %% [markdown]
# A gradient 100 times too large goes down too, and so does one whose numbers stand in each other's
# place, or have lost half their digits. No effect means that the bug changes nothing here: a vector
# has no transpose. The better test is one line. `kill_table` is that line for an operation on its
# own.

# %%
print(caught(lambda: check_gradients(loss, 1.0, 1.0, order=1), huber))
print(kill_table(huber, x).survivors)

# %% [markdown]
# ## Derivatives of others
#
# Nothing here needs this engine. A function and its gradient, on plain numbers, can come from any
# library, or from a sheet of paper. First two that were written by hand in SciPy and scikit-learn.

# %%
from scipy.optimize import rosen, rosen_der
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel

print(check_gradients(rosen, numpy.asarray([-1.2, 1.0, 0.7]), gradient=rosen_der))

kernel = RBF(1.0) + WhiteKernel(0.1)
process = GaussianProcessRegressor(kernel, optimizer=None).fit(X[:, None], Y)
print(check_gradients(process.log_marginal_likelihood, numpy.zeros(2), gradient=lambda theta:
                      process.log_marginal_likelihood(theta, eval_gradient=True)[1]))

# %% [markdown]
# And one from paper: the gradient of xᵀAx is 2Ax, as books say. They say as well that A is
# symmetric. Here x is used twice, and each use counts: (A + Aᵀ)x.

# %%
A = numpy.asarray([[2.0, 1.0], [0.0, 3.0]])


def energy(x):
    return x @ A @ x


print(check_gradients(energy, numpy.asarray([1.0, -2.0]), gradient=lambda x: 2 * A @ x))

# %% [markdown]
# [docs/testing.md](../docs/testing.md) has all of this in short, and what pytest does with it.
#
# **Try:** a rule for `pinball` that says 0.5 at 0, and one that says 2. And in
# `kill_table(np.multiply, 2.0, 3.0)` most bugs have no effect. With which arguments do more of them
# have one?
