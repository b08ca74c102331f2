"""Layers are the modules that networks are built of, each a formula on batches."""

from .attention import MultiHeadAttention
from .convolution import Conv1d, Conv2d
from .embedding import Embedding
from .layer_norm import LayerNorm
from .linear import Dropout, Linear, Sequential
from .normalisation import BatchNorm
from .pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from .recurrent import GRU, LSTM, RNN
from .shapes import Flatten, Residual
from .transformer import TransformerBlock

__all__ = [
    "AvgPool1d", "AvgPool2d", "BatchNorm", "Conv1d", "Conv2d", "Flatten", "MaxPool1d", "MaxPool2d",
    "Residual", "Dropout", "Linear", "Sequential",
    "Embedding", "GRU", "LSTM", "LayerNorm", "MultiHeadAttention", "RNN", "TransformerBlock"]
