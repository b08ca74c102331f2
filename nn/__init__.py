"""Neural networks on `autograd`: neurons of Values to look into, layers of Tensors to train."""
# ruff: noqa: E402, I001             (the engine is checked first)

from ._engine import require_engine

require_engine()

from . import init
from .activations import (
    Activation, ELU, GELU, Identity, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Softplus,
    Tanh, activation)
from .data import Standardiser, batches, check_data, moons, spirals, train_validation_split
from .fit import EarlyStopping, fit, predict
from .history import History
from .layers import Dropout, Linear, Sequential
from .losses import (
    binary_cross_entropy, cross_entropy, hinge_loss, huber_loss, l1_loss, mse_loss, quadratic_loss)
from .metrics import accuracy, confusion_matrix, r2_score
from .module import Module
from .monitor import Monitor
from .neuron import MLP, Layer, Neuron
from .optim import SGD, Adagrad, Adam, AdamW, RMSprop, clip_grad_norm, clip_grad_value
from .optimizer import Optimizer
from .pictures import plot_boundary, plot_history, plot_weights, to_png
from .pure import Pure
from .schedules import CosineAnnealingLR, LinearLR, Schedule, SequentialLR, StepLR
from .weights import load, save

__all__ = [
    # the scalar lesson
    "Neuron", "Layer", "MLP",
    # modules
    "Module", "Linear", "Sequential", "Dropout", "init",
    # activations
    "activation", "Activation", "ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Tanh", "Sigmoid",
    "Softplus", "Softmax", "LogSoftmax", "Identity",
    # losses
    "mse_loss", "l1_loss", "quadratic_loss", "huber_loss", "hinge_loss", "cross_entropy",
    "binary_cross_entropy",
    # optimisers and schedules, and a step to compile
    "Optimizer", "SGD", "Adagrad", "RMSprop", "Adam", "AdamW", "clip_grad_norm", "clip_grad_value",
    "Pure",
    "Schedule", "StepLR", "CosineAnnealingLR", "LinearLR", "SequentialLR",
    # data and metrics
    "train_validation_split", "Standardiser", "batches", "check_data", "moons", "spirals",
    "accuracy", "confusion_matrix", "r2_score",
    # training, and keeping what was learned
    "fit", "predict", "EarlyStopping", "History", "Monitor", "save", "load",
    # pictures
    "plot_history", "plot_boundary", "plot_weights", "to_png",
]
