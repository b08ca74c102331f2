"""Programs as users of HIPS autograd write them, its imports and all: they run here, unchanged.

Each is a short form of what its tutorial, its examples and its users do; what they find is compared
with differences or with what is known of the answer. HIPS autograd 1.9.1 passes these tests too,
but for those of the page at the end.
"""

import math
import re
from itertools import pairwise
from pathlib import Path

import numpy
import pytest
import scipy.integrate
import scipy.optimize
import scipy.signal
import scipy.stats

import autograd
import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.signal
import autograd.scipy.stats.multivariate_normal as mvn
import autograd.scipy.stats.norm as norm
from autograd import (
    elementwise_grad,
    elementwise_grad as egrad,
    grad,
    hessian,
    hessian_vector_product,
    jacobian,
    value_and_grad,
)
from autograd.extend import defvjp, primitive
from autograd.hips import WRITTEN
from autograd.misc.flatten import flatten, flatten_func
from autograd.misc.optimizers import adam
from autograd.numpy.linalg import solve
from autograd.scipy.special import expit as sigmoid, gammaln, logsumexp
from autograd.test_util import check_grads

close = numpy.testing.assert_allclose


# -- the README and the tutorial -------------------------------------------------------------------

def test_tanh_and_its_derivatives():
    def tanh(x):
        return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-(2 * x)))

    grad_tanh = grad(tanh)
    close(grad_tanh(1.0), 1 - math.tanh(1.0) ** 2)
    close(grad_tanh(1.0), (tanh(1.0001) - tanh(0.9999)) / 0.0002, rtol=1e-6)
    x = np.linspace(-7, 7, 200)
    t = np.tanh(x)
    close(egrad(tanh)(x), 1 - t**2, atol=1e-12)
    close(egrad(egrad(tanh))(x), -2 * t * (1 - t**2), atol=1e-12)
    close(egrad(egrad(egrad(tanh)))(x), (1 - t**2) * (6 * t**2 - 2), atol=1e-11)


def test_a_series_in_an_open_ended_loop():
    def taylor_sine(x):
        ans = currterm = x
        i = 0
        while np.abs(currterm) > 0.001:
            currterm = -currterm * x**2 / ((2 * i + 3) * (2 * i + 2))
            ans = ans + currterm
            i += 1
        return ans

    close(grad(taylor_sine)(np.pi), -1.0, atol=1e-3)
    close(elementwise_grad(taylor_sine)(np.array([np.pi])), [-1.0], atol=1e-3)


def test_logistic_regression():
    def logistic_predictions(weights, inputs):
        return 0.5 * (np.tanh(np.dot(inputs, weights) / 2.0) + 1)

    def training_loss(weights):
        preds = logistic_predictions(weights, inputs)
        label_probabilities = preds * targets + (1 - preds) * (1 - targets)
        return -np.sum(np.log(label_probabilities))

    inputs = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30],
                       [0.74, -2.49, 1.39]])
    targets = np.array([True, True, False, True])
    weights = np.array([0.0, 0.0, 0.0])
    check_grads(training_loss, modes=["rev"])(weights)
    first = training_loss(weights)
    training_gradient_fun = grad(training_loss)
    for _ in range(100):
        weights -= training_gradient_fun(weights) * 0.01
    close(first, 4 * math.log(2))
    assert f"{training_loss(weights):.4f}" == "1.0673"          # as HIPS autograd 1.9.1 has it


def test_a_primitive_of_ones_own():
    @primitive
    def logsumexp(x):
        """Numerically stable log(sum(exp(x)))"""
        max_x = np.max(x)
        return max_x + np.log(np.sum(np.exp(x - max_x)))

    def logsumexp_vjp(ans, x):
        x_shape = x.shape
        return lambda g: np.full(x_shape, g) * np.exp(x - np.full(x_shape, ans))

    defvjp(logsumexp, logsumexp_vjp)

    def example_func(y):
        z = y**2
        lse = logsumexp(z)
        return np.sum(lse)

    y = np.array([1.5, 6.7, 1e-10])
    weights = np.exp(y**2 - 6.7**2)
    close(grad(example_func)(y), 2 * y * weights / weights.sum())
    check_grads(example_func, modes=["rev"])(npr.RandomState(0).randn(10))
    assert logsumexp.__doc__ == "Numerically stable log(sum(exp(x)))"


# -- its examples ----------------------------------------------------------------------------------

def test_rosenbrock():
    def rosenbrock(x):
        return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2

    for start in (np.array([0.0, 0.0]), np.zeros(2), [0.0, 0.0]):
        found = scipy.optimize.minimize(value_and_grad(rosenbrock), start, jac=True, method="CG")
        close(found.x, [1.0, 1.0], atol=1e-4)
    newton = scipy.optimize.minimize(rosenbrock, np.zeros(2), method="Newton-CG",
                                     jac=grad(rosenbrock), hess=hessian(rosenbrock))
    close(newton.x, [1.0, 1.0], atol=1e-3)


def make_parameters(sizes, scale, rs):
    return [(rs.randn(m, n) * scale, rs.randn(n) * scale) for m, n in pairwise(sizes)]


def test_neural_net_regression():
    def predict(params, inputs):
        for W, b in params:
            outputs = np.dot(inputs, W) + b
            inputs = np.tanh(outputs)
        return outputs

    def log_posterior(params, inputs, targets):
        flat_params, _ = flatten(params)
        log_prior = np.sum(norm.logpdf(flat_params, 0, 10.0))
        return log_prior + np.sum(norm.logpdf(predict(params, inputs), targets, 0.1))

    rs = npr.RandomState(0)
    inputs = np.concatenate([np.linspace(0, 3, num=20), np.linspace(6, 8, num=20)])
    targets = np.cos(inputs) + rs.randn(40) * 0.1
    inputs = (inputs - 4.0) / 2.0
    inputs = inputs[:, np.newaxis]
    targets = targets[:, np.newaxis] / 2.0
    start = make_parameters([1, 4, 4, 1], 0.1, npr.RandomState(1))

    def objective(params, t):
        return -log_posterior(params, inputs, targets)

    check_grads(lambda params: objective(params, 0) / 100, modes=["rev"], order=1)(start)
    seen = []
    fitted = adam(grad(objective), start, step_size=0.05, num_iters=60,
                  callback=lambda params, t, g: seen.append(float(objective(params, t))))
    assert len(seen) == 60 and objective(fitted, 0) < seen[0] / 2
    assert fitted[0][0].shape == (1, 4) and fitted[0][1].shape == (4,)


def test_a_classifier():
    def neural_net_predict(params, inputs):
        for W, b in params:
            outputs = np.dot(inputs, W) + b
            inputs = np.tanh(outputs)
        return outputs - logsumexp(outputs, axis=1, keepdims=True)

    def l2_norm(params):
        flattened, _ = flatten(params)
        return np.dot(flattened, flattened)

    def log_posterior(params, inputs, targets, L2_reg):
        log_prior = -L2_reg * l2_norm(params)
        return log_prior + np.sum(neural_net_predict(params, inputs) * targets)

    def accuracy(params, inputs, targets):
        target_class = np.argmax(targets, axis=1)
        predicted_class = np.argmax(neural_net_predict(params, inputs), axis=1)
        return np.mean(predicted_class == target_class)

    def one_hot(x, k):
        return np.array(x[:, None] == np.arange(k)[None, :], dtype=int)

    rs = npr.RandomState(0)
    labels = np.repeat(np.arange(3), 20)
    images = rs.randn(60, 5) * 0.3 + labels[:, None]
    targets = one_hot(labels, 3)
    params = make_parameters([5, 8, 3], 0.1, rs)

    def batch_indices(iter):
        idx = iter % 4
        return slice(idx, None, 4)

    def objective(params, iter):
        idx = batch_indices(iter)
        return -log_posterior(params, images[idx], targets[idx], 0.01)

    check_grads(lambda params: objective(params, 1) / 20, modes=["rev"], order=1)(params)
    params = adam(grad(objective), params, step_size=0.05, num_iters=80)
    assert accuracy(params, images, targets) > 0.9
    assert f"{accuracy(params, images, targets):15}|".endswith("|")


def test_a_recurrent_network():
    def concat_and_multiply(weights, *args):
        cat_state = np.hstack((*args, np.ones((args[0].shape[0], 1))))
        return np.dot(cat_state, weights)

    def rnn_predict(params, inputs):
        num_sequences = inputs.shape[1]
        hiddens = np.repeat(params["init hiddens"], num_sequences, axis=0)
        output = []
        for input in inputs:                            # over time steps
            hiddens = np.tanh(concat_and_multiply(params["change"], input, hiddens))
            out = concat_and_multiply(params["predict"], hiddens)
            output.append(out - logsumexp(out, axis=1, keepdims=True))
        return output

    def log_likelihood(params, inputs, targets):
        logprobs = rnn_predict(params, inputs)
        loglik = 0.0
        num_time_steps, num_examples, _ = inputs.shape
        for t in range(num_time_steps):
            loglik += np.sum(logprobs[t] * targets[t])
        return loglik / (num_time_steps * num_examples)

    rs = npr.RandomState(0)
    params = {"init hiddens": rs.randn(1, 3), "change": rs.randn(4 + 3 + 1, 3),
              "predict": rs.randn(3 + 1, 4)}
    letters = rs.randint(0, 4, size=(5, 2))
    seqs = np.zeros((5, 2, 4))
    for t, row in enumerate(letters):
        seqs[t, np.arange(2), row] = 1.0
    assert np.sum(seqs) == 10
    check_grads(log_likelihood, modes=["rev"], order=1)(params, seqs, seqs)
    as_array = np.asarray(rnn_predict(params, seqs))
    assert as_array.shape == (5, 2, 4)
    close(np.sum(np.exp(as_array), axis=2), numpy.ones((5, 2)))


def test_gaussian_process_regression():
    def rbf_covariance(kernel_params, x, xp):
        output_scale = np.exp(kernel_params[0])
        lengthscales = np.exp(kernel_params[1:])
        diffs = np.expand_dims(x / lengthscales, 1) - np.expand_dims(xp / lengthscales, 0)
        return output_scale * np.exp(-0.5 * np.sum(diffs**2, axis=2))

    def log_marginal_likelihood(params, x, y):
        mean, noise_scale, cov_params = params[0], np.exp(params[1]) + 0.0001, params[2:]
        cov_y_y = rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y))
        prior_mean = mean * np.ones(len(y))
        return mvn.logpdf(y, prior_mean, cov_y_y)

    def predict(params, x, y, xstar):
        mean, noise_scale, cov_params = params[0], np.exp(params[1]) + 0.0001, params[2:]
        cov_f_f = rbf_covariance(cov_params, xstar, xstar)
        cov_y_f = rbf_covariance(cov_params, x, xstar)
        cov_y_y = rbf_covariance(cov_params, x, x) + noise_scale * np.eye(len(y))
        pred_mean = mean + np.dot(solve(cov_y_y, cov_y_f).T, y - mean)
        pred_cov = cov_f_f - np.dot(solve(cov_y_y, cov_y_f).T, cov_y_f)
        return pred_mean, pred_cov

    X = np.linspace(0, 6, num=12)[:, None]
    y = np.sin(X[:, 0])
    params = 0.1 * npr.RandomState(0).randn(4)
    check_grads(log_marginal_likelihood, modes=["rev"])(params, X, y)
    found = scipy.optimize.minimize(value_and_grad(lambda p: -log_marginal_likelihood(p, X, y)),
                                    params, jac=True, method="CG", options={"maxiter": 15})
    mean, cov = predict(found.x, X, y, X)
    close(mean, y, atol=0.05)
    assert np.all(np.sqrt(np.diag(cov)) < 0.1)
    rs = npr.RandomState(0)
    sampled = rs.multivariate_normal(mean, cov + 1e-9 * np.eye(12), size=3)
    assert sampled.shape == (3, 12)


def test_a_mixture_of_gaussians_in_flattened_parameters():
    def log_normalize(x):
        return x - logsumexp(x)

    def log_likelihood(params, data):
        cluster_lls = []
        for log_proportion, mean, cov_sqrt in zip(log_normalize(params["log proportions"]),
                                                  params["means"], params["lower triangles"]):
            cov = np.dot(cov_sqrt.T, cov_sqrt)
            cluster_lls.append(log_proportion + mvn.logpdf(data, mean, cov))
        return np.sum(logsumexp(np.vstack(cluster_lls), axis=0))

    rs = npr.RandomState(0)
    data = np.concatenate([rs.randn(20, 2) * 0.3 + 1, rs.randn(20, 2) * 0.3 - 1])
    start = {"log proportions": rs.randn(2) * 0.1, "means": rs.randn(2, 2),
             "lower triangles": np.zeros((2, 2, 2)) + np.eye(2)}

    def objective(params):
        return -log_likelihood(params, data)

    flattened_obj, unflatten, flattened_init = flatten_func(objective, start)
    assert flattened_init.shape == (2 + 4 + 8,)
    hvp, v = hessian_vector_product(flattened_obj), rs.randn(14)
    step = 1e-5
    close(hvp(flattened_init, v), (grad(flattened_obj)(flattened_init + step * v)
                                   - grad(flattened_obj)(flattened_init - step * v)) / (2 * step),
          rtol=1e-5, atol=1e-6)
    found = scipy.optimize.minimize(flattened_obj, flattened_init, jac=grad(flattened_obj),
                                    hessp=hvp, method="Newton-CG", options={"maxiter": 8})
    fitted = unflatten(found.x)
    assert objective(fitted) < objective(start)
    close(sorted(fitted["means"][:, 0]), [-1, 1], atol=0.25)


def test_black_box_variational_inference():
    D = 2

    def log_density(x, t):
        mu, log_sigma = x[:, 0], x[:, 1]
        sigma_density = norm.logpdf(log_sigma, 0, 1.35)
        mu_density = norm.logpdf(mu, 0, np.exp(log_sigma))
        return sigma_density + mu_density

    def unpack_params(params):
        mean, log_std = params[:D], params[D:]
        return mean, log_std

    def variational_objective(params, t, rs):
        mean, log_std = unpack_params(params)
        samples = rs.randn(200, D) * np.exp(log_std) + mean
        entropy = 0.5 * D * (1.0 + np.log(2 * np.pi)) + np.sum(log_std)
        return -(entropy + np.mean(log_density(samples, t)))

    start = np.concatenate([-1 * np.ones(D), -5 * np.ones(D)])
    check_grads(lambda p: variational_objective(p, 0, npr.RandomState(3)), modes=["rev"])(start)
    found = adam(grad(lambda p, t: variational_objective(p, t, npr.RandomState(t))), start,
                 step_size=0.1, num_iters=60)
    assert variational_objective(found, 0, npr.RandomState(9)) < 3.0 < variational_objective(
        start, 0, npr.RandomState(9))


def test_a_bayesian_neural_network():
    shapes = [(1, 3), (3, 1)]
    num_weights = sum((m + 1) * n for m, n in shapes)

    def unpack_layers(weights):
        num_weight_sets = len(weights)
        for m, n in shapes:
            yield (weights[:, :m * n].reshape((num_weight_sets, m, n)),
                   weights[:, m * n:m * n + n].reshape((num_weight_sets, 1, n)))
            weights = weights[:, (m + 1) * n:]

    def predictions(weights, inputs):
        inputs = np.expand_dims(inputs, 0)
        for W, b in unpack_layers(weights):
            outputs = np.einsum("mnd,mdo->mno", inputs, W) + b
            inputs = np.exp(-outputs**2)
        return outputs

    def logprob(weights, inputs, targets):
        log_prior = -0.1 * np.sum(weights**2, axis=1)
        log_lik = -np.sum((predictions(weights, inputs) - targets) ** 2, axis=1)[:, 0] / 0.01
        return log_prior + log_lik

    inputs = np.linspace(-1, 1, num=6).reshape((6, 1))
    weights = npr.RandomState(0).randn(5, num_weights)
    check_grads(lambda w: logprob(w, inputs, np.cos(inputs)) / 100)(weights)


def test_a_mixture_as_the_variational_distribution():
    def log_density_of_component(params, x):
        D = np.shape(params)[0] // 2
        mean, log_std = params[:D], params[D:]
        return np.sum(norm.logpdf(x, mean, np.exp(log_std)), axis=-1)

    def elbo(params, noise):
        log_weights = params[:3] - logsumexp(params[:3])
        var_params = np.reshape(params[3:], (3, -1))
        bounds = []
        for own in var_params:
            x = noise * np.exp(own[2:]) + own[:2]
            each = np.vstack([log_density_of_component(p, x) for p in var_params]).T
            log_q = logsumexp(each + log_weights, axis=1, keepdims=False)
            log_p = np.logaddexp(norm.logpdf(x[:, 0], -0.5), norm.logpdf(x[:, 0], 0.5))
            bounds.append(np.mean(np.reshape(log_p - log_q, (len(noise), -1))))
        return np.sum(np.stack(bounds) * np.exp(log_weights))

    rs = npr.RandomState(0)
    check_grads(elbo, modes=["rev"])(rs.randn(3 + 3 * 4), rs.randn(7, 2))


def test_a_hidden_markov_model():
    def normalize(a):
        return a / np.where(a > 0.0, a, 1.0).sum(-1, keepdims=True)

    def log_partition_function(natural_params, data):
        if isinstance(data, list):
            return sum(log_partition_function(natural_params, y) for y in data)
        log_pi, log_A, log_B = natural_params
        log_alpha = log_pi
        for y in data:
            log_alpha = logsumexp(log_alpha[:, None] + log_A, axis=0) + log_B[:, y]
        return logsumexp(log_alpha)

    npr.seed(0)
    params = [normalize(npr.rand(3)), normalize(npr.rand(3, 3)), normalize(npr.rand(3, 4))]
    data = [np.array([0, 1, 2, 3, 1]), np.array([2, 2, 0])]
    logliks = []
    for _ in range(5):
        natural = list(map(np.log, params))
        loglike, stats = value_and_grad(log_partition_function)(natural, data)
        logliks.append(loglike)
        close(np.sum(stats[0]), 2.0)                    # expected counts: one start a sequence
        params = list(map(normalize, stats))
    assert logliks == sorted(logliks) and not np.allclose(logliks[0], logliks[-1])
    path = npr.choice(3, p=np.exp(np.log(params[0])))
    assert path in range(3)


def test_a_fluid_simulation():
    def project(vx, vy):
        p = np.zeros(vx.shape)
        h = 1.0 / vx.shape[0]
        div = -0.5 * h * (np.roll(vx, -1, axis=0) - np.roll(vx, 1, axis=0)
                          + np.roll(vy, -1, axis=1) - np.roll(vy, 1, axis=1))
        for _ in range(3):
            p = (div + np.roll(p, 1, axis=0) + np.roll(p, -1, axis=0)
                 + np.roll(p, 1, axis=1) + np.roll(p, -1, axis=1)) / 4.0
        vx -= 0.5 * (np.roll(p, -1, axis=0) - np.roll(p, 1, axis=0)) / h
        vy -= 0.5 * (np.roll(p, -1, axis=1) - np.roll(p, 1, axis=1)) / h
        return vx, vy

    def advect(f, vx, vy):
        rows, cols = f.shape
        cell_ys, cell_xs = np.meshgrid(np.arange(rows), np.arange(cols))
        center_xs = (cell_xs - vx).ravel()
        center_ys = (cell_ys - vy).ravel()
        left_ix = np.floor(center_xs).astype(int)
        top_ix = np.floor(center_ys).astype(int)
        rw = center_xs - left_ix
        bw = center_ys - top_ix
        left_ix = np.mod(left_ix, rows)
        right_ix = np.mod(left_ix + 1, rows)
        top_ix = np.mod(top_ix, cols)
        bot_ix = np.mod(top_ix + 1, cols)
        flat_f = (1 - rw) * ((1 - bw) * f[left_ix, top_ix] + bw * f[left_ix, bot_ix]) + rw * (
            (1 - bw) * f[right_ix, top_ix] + bw * f[right_ix, bot_ix])
        return np.reshape(flat_f, (rows, cols))

    smoke = npr.RandomState(0).rand(5, 5)               # a plain array, indexed by recorded places

    def objective(params):
        vx = np.reshape(params[:25], (5, 5))
        vy = np.reshape(params[25:], (5, 5))
        final = smoke
        for _ in range(2):
            vx, vy = project(advect(vx, vx, vy), advect(vy, vx, vy))
            final = advect(final, vx, vy)
        return np.mean((final - 0.5) ** 2)

    check_grads(objective, modes=["rev"], order=1)(npr.RandomState(1).rand(50) * 0.3 + 0.1)


def test_maximum_likelihood_of_counts():
    def negative_binomial_log_prob(x, r, p):
        return np.sum(gammaln(x + r) - gammaln(r) - gammaln(x + 1) + x * np.log(p)
                      + r * np.log(1 - p))

    counts = npr.RandomState(0).negative_binomial(5, 0.5, size=200)

    def loss(params):
        return -np.mean(negative_binomial_log_prob(counts, np.exp(params[0]), sigmoid(params[1])))

    check_grads(lambda p: loss(p) / 100, modes=["rev"])(np.array([0.3, -0.2]))
    found = scipy.optimize.minimize(value_and_grad(loss), np.zeros(2), jac=True).x
    gradient = grad(lambda r, p: negative_binomial_log_prob(counts, r, p), argnum=(0, 1))(
        np.exp(found[0]), sigmoid(found[1]))
    close(gradient, (0.0, 0.0), atol=0.05)              # a stationary point in r and p as well


def test_a_convolutional_layer():
    images, kernels = npr.RandomState(0).randn(2, 3, 5, 5), npr.RandomState(1).randn(3, 4, 2, 2)

    def layer(images, kernels):
        return autograd.scipy.signal.convolve(images, kernels, axes=([2, 3], [2, 3]),
                                              dot_axes=([1], [0]), mode="valid")

    out = layer(images, kernels)
    assert out.shape == (2, 4, 4, 4)
    close(out[1, 2], sum(scipy.signal.convolve(images[1, c], kernels[c, 2], "valid")
                         for c in range(3)))
    check_grads(lambda *xs: np.tanh(layer(*xs) / 10), (0, 1), modes=["rev"])(images, kernels)


# -- what people write -----------------------------------------------------------------------------

def test_newtons_method():
    def f(x):
        return np.sum(x**4) / 4 + 0.5 * np.dot(x, np.dot(A, x)) - np.inner(b, x)

    A, b = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([1.0, -1.0])
    x = np.zeros(2)
    for _ in range(8):
        x = x - np.linalg.solve(hessian(f)(x), grad(f)(x))
    close(x**3 + np.dot(A, x), b, atol=1e-12)
    close(jacobian(grad(f))(x), hessian(f)(x))
    assert np.linalg.norm(grad(f)(x)) < 1e-12


def test_a_robot_arm_and_its_jacobian():
    def hand(angles, lengths):
        total = np.cumsum(angles)
        return np.array([np.sum(lengths * np.cos(total)), np.sum(lengths * np.sin(total))])

    def rotation(a):
        return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])

    angles, lengths = np.array([0.3, -0.5, 1.1]), np.array([1.0, 0.8, 0.5])
    J = jacobian(hand)(angles, lengths)
    assert J.shape == (2, 3) and jacobian(hand, argnum=1)(angles, lengths).shape == (2, 3)
    check_grads(hand, (0, 1))(angles, lengths)
    close(jacobian(rotation)(0.3), [[-np.sin(0.3), -np.cos(0.3)], [np.cos(0.3), -np.sin(0.3)]])
    for _ in range(20):
        angles = angles + np.dot(np.linalg.pinv(jacobian(hand)(angles, lengths)),
                                 np.array([1.2, 0.9]) - hand(angles, lengths))
    close(hand(angles, lengths), [1.2, 0.9], atol=1e-9)


def test_a_pendulum_by_its_lagrangian():
    def lagrangian(q, v):
        return 0.5 * v**2 + 9.81 * np.cos(q)

    def acceleration(q, v):
        force = grad(lagrangian, 0)(q, v)
        mass = grad(grad(lagrangian, 1), 1)(q, v)
        drag = grad(grad(lagrangian, 1), 0)(q, v)
        return (force - drag * v) / mass

    close(acceleration(0.4, 1.0), -9.81 * math.sin(0.4))
    times = np.linspace(0, 1, 5)
    path = scipy.integrate.odeint(lambda s, t: [s[1], acceleration(s[0], s[1])],
                                  [0.4, 0.0], times)
    energy = 0.5 * path[:, 1] ** 2 - 9.81 * np.cos(path[:, 0])
    close(energy, energy[0] * np.ones(5), rtol=1e-6)


def test_parameters_of_a_differential_equation():
    def simulate(rates, steps):
        state = np.array([1.0, 0.5])
        path = [state]
        for _ in range(steps):
            k1 = np.array([rates[0] * state[0] - state[0] * state[1],
                           rates[1] * state[0] * state[1] - state[1]])
            state = state + 0.05 * k1
            path.append(state)
        return np.array(path)

    target = simulate(np.array([0.8, 1.2]), 20)
    loss = lambda rates: np.sum((simulate(rates, 20) - target) ** 2)    # noqa: E731
    check_grads(loss, modes=["rev"], order=1)(np.array([0.5, 1.0]))
    found = scipy.optimize.minimize(value_and_grad(loss), np.array([0.5, 1.0]), jac=True)
    close(found.x, [0.8, 1.2], atol=1e-4)


def test_hamiltonian_monte_carlo():
    npr.seed(1)
    logp = lambda x: -0.5 * np.dot(x, np.dot(precision, x))             # noqa: E731
    precision = np.array([[2.0, 0.6], [0.6, 1.0]])
    dlogp, x, kept = grad(logp), np.zeros(2), []
    for _ in range(150):
        new, p = np.copy(x), npr.randn(2)
        before = logp(new) - 0.5 * np.dot(p, p)
        p += 0.1 * dlogp(new)
        for _ in range(8):
            new += 0.2 * p
            p += 0.2 * dlogp(new)
        p -= 0.1 * dlogp(new)
        if np.log(npr.rand()) < logp(new) - 0.5 * np.dot(p, p) - before:
            x = new
        kept.append(x)
    samples = np.array(kept)
    close(np.cov(samples.T), np.linalg.inv(precision), atol=0.35)
    assert np.abs(np.mean(samples, axis=0)).max() < 0.3


def test_energy_of_particles_and_matrices():
    def energy(positions):
        total = 0.0
        for i in range(len(positions)):
            for j in range(i):
                r = np.sqrt(np.sum((positions[i] - positions[j]) ** 2))
                total += 1.0 / r**2 - 1.0 / r
        return total

    def all_at_once(positions):
        n = len(positions)
        r = np.linalg.norm(positions[:, None, :] - positions[None, :, :] + np.eye(n)[:, :, None],
                           axis=2)
        away = (1.0 - np.eye(n)) * (1.0 / r**2 - 1.0 / r)
        return np.sum(np.triu(away, 1))

    points = npr.RandomState(0).randn(4, 3)
    close(energy(points), all_at_once(points))
    close(grad(energy)(points), grad(all_at_once)(points))
    M = points[:3] @ points[:3].T + np.eye(3)
    close(grad(lambda m: np.linalg.slogdet(m)[1])(M), np.linalg.inv(M).T)
    close(grad(lambda m: np.trace(np.dot(m, m)))(M), 2 * M.T)
    check_grads(lambda m: np.sum(np.outer(np.diag(m), np.ravel(np.kron(m, m)))) / 100)(M)
    check_grads(lambda m: np.linalg.eigh(m + m.T)[0][-1] + np.sum(np.tril(m)), modes=["rev"])(M)


def test_deconvolution_by_fourier_transforms():
    kernel, signal = np.array([1.0, 0.5, 0.25, 0.0, 0.0, 0.0]), npr.RandomState(0).randn(6)

    def blurred(x):
        return np.real(np.fft.ifft(np.fft.fft(x) * np.fft.fft(kernel)))

    seen = blurred(signal)
    loss = lambda x: np.sum((blurred(x) - seen) ** 2)                   # noqa: E731
    check_grads(loss, modes=["rev"])(np.zeros(6))
    found = scipy.optimize.minimize(value_and_grad(loss), np.zeros(6), jac=True)
    close(found.x, signal, atol=1e-4)


def test_arguments_as_numpy_has_them():
    X = npr.RandomState(0).randn(4, 3)
    for f in (lambda np, X: np.clip(X, a_min=-0.5, a_max=0.5),
              lambda np, X: np.reshape(X, (6, 2), order="F"), lambda np, X: X.reshape((3, 4)),
              lambda np, X: np.real(np.fft.fft2(X)), lambda np, X: np.imag(np.fft.fft(X, 5, 0)),
              lambda np, X: np.real(np.fft.fftn(X, (2, 4), (1, 0)))):
        check_grads(lambda X, f=f: f(np, X) * np.sum(X), modes=["rev"])(X)
        close(f(np, X), f(numpy, X))


def test_two_players():
    def objective(generator, critic):
        fake = np.dot(noise, generator)
        return np.mean(np.log(sigmoid(np.dot(real, critic)))) + np.mean(
            np.log(1 - sigmoid(np.dot(fake, critic))))

    rs = npr.RandomState(0)
    real, noise = rs.randn(20, 2) + 2.0, rs.randn(20, 3)
    both = grad(objective, argnum=(0, 1))
    g, c = both(rs.randn(3, 2), rs.randn(2))
    assert g.shape == (3, 2) and c.shape == (2,)
    check_grads(objective, (0, 1), modes=["rev"])(rs.randn(3, 2), rs.randn(2))
    value, (g2, c2) = value_and_grad(objective, argnum=[0, 1])(np.ones((3, 2)), np.ones(2))
    assert np.isfinite(value) and g2.shape == (3, 2) and c2.shape == (2,)


def test_preparing_data():
    X = np.array([[5.0, 1.0], [2.0, 4.0], [3.0, 3.0], [1.0, 2.0]])
    labels = np.array([0, 1, 0, 1])
    X = (X - np.mean(X, axis=0)) / np.std(X, axis=0, ddof=1)
    close(np.var(X, axis=0, ddof=1), [1.0, 1.0])
    order = npr.RandomState(0).permutation(len(X))
    X, labels = X[order], labels[order]
    train, test = np.split(X, [3])
    assert train.shape == (3, 2) and test.shape == (1, 2)
    ones = np.where(labels == 1)[0]
    assert X[ones].shape == (2, 2) and np.sum(labels == 1) == 2
    design = np.c_[np.ones(4), X]
    assert design.shape == (4, 3) and isinstance(design, np.ndarray) and isinstance(X, np.ndarray)
    scores = np.zeros((4, 2))
    scores[np.arange(4), labels] = 1.0
    scores[:, 0] += 2.0
    scores *= 2.0
    assert scores.sum() == 24.0 and scores[np.arange(4), labels].shape == (4,)
    assert np.unique(labels).tolist() == [0, 1] and np.bincount(labels).tolist() == [2, 2]
    assert len(list(X)) == 4 and max(labels) == 1 and sorted(X[:, 0])[0] == np.min(X[:, 0])
    weights = np.array([float(np.sum(x)) for x in X])
    close(np.median(weights), numpy.median([float(x.sum()) for x in X]))


# -- the page for its users ------------------------------------------------------------------------

PAGE = (Path(__file__).parent.parent / "docs" / "from_hips.md").read_text(encoding="utf-8")
ROWS = [re.findall(r"`(.+?)`", row)[:2] for row in re.findall(r"^\| (`.*) \|$", PAGE, re.M)]
ARRAYS = [row for row in ROWS if row[0].startswith(("np.", "numpy."))]
TRANSFORMS = [row for row in ROWS if re.search(r"\((x|z)", row[0]) and row not in ARRAYS]


def real(z):
    """Real numbers, or the real and imaginary parts."""
    return np.stack([np.real(z), np.imag(z)]) if np.iscomplexobj(z) else z


@pytest.mark.parametrize(("theirs", "ours"), ARRAYS, ids=[row[0] for row in ARRAYS])
def test_arrays_on_the_page(theirs, ours):
    """What HIPS autograd takes is refused here, and what stands beside it is the same."""
    x, X = npr.RandomState(0).randn(3), npr.RandomState(1).randn(2, 3)

    def run(code, **names):
        return eval(code, {"np": np, "numpy": numpy, **names})

    with pytest.raises((TypeError, AttributeError, RuntimeError)):
        grad(lambda x, X: np.sum(real(run(theirs, x=x, X=X))), (0, 1))(x, X)
    close(run(ours, x=x, X=X), eval(theirs, {"np": numpy, "numpy": numpy, "x": x, "X": X}))
    check_grads(lambda x, X: real(run(ours, x=x, X=X)) * np.sum(x) * np.sum(X), (0, 1))(x, X)


EXPECTED = {
    "deriv": [3.0, 12.0], "grad_and_aux": ([3.0, 12.0], 7), "grad_named": 9.0,
    "multigrad_dict": {"x": [6.0, 24.0], "y": 9.0}, "holomorphic_grad": 6j,
    "make_hvp": [6.0, -12.0], "make_ggnvp": [9.0, -144.0],
    "vector_jacobian_product": [3.0, -12.0],
    "hessian": [[[6.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 12.0]]]}


@pytest.mark.parametrize(("theirs", "ours"), TRANSFORMS, ids=[row[0] for row in TRANSFORMS])
def test_derivatives_on_the_page(theirs, ours):
    """What HIPS autograd has is not here, and what stands beside it finds what that finds."""
    name, x = theirs.partition("(")[0], numpy.asarray([1.0, 2.0])
    functions = {"grad_and_aux": lambda x: (np.sum(x**3), 7), "make_hvp": lambda x: np.sum(x**3),
                 "grad_named": lambda x, y: np.sum(x**3) * y,
                 "multigrad_dict": lambda x, y: np.sum(x**3) * y}
    assert (name in vars(autograd)) is (name == "hessian")
    found = eval(ours, {**vars(autograd), "x": x, "y": 2.0, "v": numpy.asarray([1.0, -1.0]),
                        "z": 1 + 1j, "f": functions.get(name, lambda x: x**3)})
    numpy.testing.assert_equal(found, EXPECTED[name])


def test_the_imports_and_functions_on_the_page():
    exec(re.search(r"```python\n(.*?)```", PAGE, re.S)[1], {})
    assert len(ARRAYS) >= 10 and {row[0].partition("(")[0] for row in TRANSFORMS} == set(EXPECTED)
    on_the_page = " ".join(theirs for theirs, _ in ROWS)
    for name, written in WRITTEN.items():
        row = re.search(rf"^\|.*`{name}\b.*", PAGE, re.M)[0]
        assert written in row.replace("`", ""), name
    for name in DIFFERENTIATED.split():
        assert name in vars(np) or f"np.{name}" in on_the_page, name


@pytest.mark.parametrize("program, says", [
    ("from autograd import deriv", "elementwise_grad"),
    ("from autograd import holomorphic_grad", "jvp"), ("autograd.checkpoint", "nothing is recomp"),
    ("from autograd.extend import defjvp", "forward mode follows"),
    ("from autograd.tracer import getval", r"x\.data"),
    ("from autograd.misc.fixed_points import fixed_point", "custom_gradient")])
def test_names_that_are_not_here_say_what_is(program, says):
    with pytest.raises(ImportError, match=rf"HIPS autograd's\nhelp: write .*{says}"):
        exec(program, {"autograd": autograd})
    assert not hasattr(autograd, "gard")
    with pytest.raises(ImportError, match="cannot import name 'gard'"):
        exec("from autograd import gard", {})


DIFFERENTIATED = """
    abs absolute add amax amin angle append arccos arccosh arcsin arcsinh arctan arctan2 arctanh
    array array_split astype atleast_1d atleast_2d atleast_3d broadcast_to clip column_stack
    concatenate conj conjugate cos cosh cross cumsum deg2rad degrees diag diagonal diff divide dot
    dsplit einsum exp exp2 expand_dims expm1 fabs fliplr flipud fmax fmin full gradient hsplit
    hstack hypot imag inner kron linspace log log10 log1p log2 logaddexp logaddexp2 matmul max
    maximum mean min minimum mod moveaxis multiply nan_to_num negative outer pad partition power
    prod rad2deg radians ravel real reciprocal remainder repeat reshape roll rollaxis rot90
    row_stack select sin sinc sinh sort split sqrt square squeeze stack std subtract sum swapaxes
    tan tanh tensordot tile trace transpose tril triu true_divide var vsplit vstack where"""
