"""Neural networks on `autograd`: neurons of Values to look into, layers of Tensors to train."""
# ruff: noqa: E402, I001             (the engine is checked first)

from importlib.util import find_spec

from ._engine import require_engine

require_engine()

from . import init
from .activations import (
    Activation, ELU, GELU, Identity, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Softplus,
    Tanh, activation)
from .data import Standardiser, batches, check_data, moons, spirals, train_validation_split
from .callbacks import CSVLogger, EarlyStopping, TensorBoard
from .checkpoint import Checkpoint
from .distributed import DistributedError, Ranks
from .evaluation import evaluate, predict
from .fit import fit
from .gradients import GradientHistory
from .history import History
from .interchange import from_keras, from_torch, to_keras, to_torch
from .layers import (
    GRU, LSTM, RNN, AvgPool1d, AvgPool2d, BatchNorm, Conv1d, Conv2d, Dropout, Embedding, Flatten,
    LayerNorm, Linear, MaxPool1d, MaxPool2d, MultiHeadAttention, Residual, Sequential,
    TransformerBlock)
from .lint import Finding, Findings, LintWarning, check
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
from .run import Callback
from .schedules import CosineAnnealingLR, LinearLR, Schedule, SequentialLR, StepLR
from .summary import summary
from .weights import load, save

__all__ = [
    # the scalar lesson
    "Neuron", "Layer", "MLP",
    # modules
    "Module", "Linear", "Sequential", "Dropout", "init",
    "Conv1d", "Conv2d", "MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d", "BatchNorm", "Flatten",
    "Residual",
    "Embedding", "LayerNorm", "RNN", "GRU", "LSTM", "MultiHeadAttention", "TransformerBlock",
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
    "fit", "evaluate", "predict", "summary", "History", "Monitor", "save", "load",
    "Callback", "Checkpoint", "CSVLogger", "EarlyStopping", "GradientHistory", "TensorBoard",
    "check", "Finding", "Findings", "LintWarning",
    "Ranks", "DistributedError",
    "from_torch", "to_torch", "from_keras", "to_keras",
    # pictures
    "plot_history", "plot_boundary", "plot_weights", "to_png",
]

_ESTIMATORS = ("MLPClassifier", "MLPRegressor")         # which need scikit-learn


def __getattr__(name: str) -> object:
    if name in _ESTIMATORS:
        from . import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *(_ESTIMATORS if find_spec("sklearn") else ())])
