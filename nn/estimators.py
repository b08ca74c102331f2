"""Networks as scikit-learn's estimators, in its words: for Pipeline, GridSearchCV and the rest."""

import warnings
from itertools import pairwise
from typing import Any, Self

import numpy

import autograd.numpy as np
from autograd.errors import ArgumentError, describe

from .activations import activation
from .callbacks import EarlyStopping
from .evaluation import predict
from .fit import fit
from .layers import Linear, Sequential
from .losses import cross_entropy, quadratic_loss
from .optim import SGD, Adagrad, Adam, AdamW, RMSprop
from .optimizer import at_least_zero

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError("nn.MLPClassifier and nn.MLPRegressor need scikit-learn 1.6 or newer\n"
                      "help: pip install 'scikit-learn>=1.6'") from error

SOLVERS: dict[str, Any] = {
    "adam": Adam, "adamw": AdamW, "rmsprop": RMSprop, "adagrad": Adagrad,
    "sgd": lambda parameters, lr: SGD(parameters, lr, momentum=0.9, nesterov=True)}

ACTIVATIONS = {"logistic": "sigmoid"}       # scikit-learn's word, and the one here
FLOATS = [numpy.float64, numpy.float32]

ACTIVATIONS = {"logistic": "sigmoid"}       # scikit-learn's word, and the one here
FLOATS = [numpy.float64, numpy.float32]


class _MLP(BaseEstimator):
    """What the classifier and the regressor share."""

    def __init__(self, hidden_layer_sizes: Any = (100,), activation: str = "relu", *,
                 solver: str = "adam", alpha: float = 0.0001, batch_size: int | str = "auto",
                 learning_rate_init: float = 0.001, max_iter: int = 200, random_state: Any = None,
                 tol: float = 1e-4, verbose: bool = False, warm_start: bool = False,
                 early_stopping: bool = False, validation_fraction: float = 0.1,
                 n_iter_no_change: int = 10) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows X (n, features) and targets y; returns the estimator.

        Raises ValueError for data that scikit-learn refuses, and for options out of range.
        """
        new = not (self.warm_start and "model_" in vars(self))
        X, y = self._data(X, y, new)
        if new:
            self._start(X, y)
        stopping = EarlyStopping(self.n_iter_no_change, self.tol)
        self._train(X, y, self.max_iter, [stopping])
        if not stopping.is_over(self.history_[self.history_.monitored]):
            warnings.warn(f"{type(self).__name__} stopped after max_iter={self.max_iter} epochs, "
                          "and the loss was still falling", ConvergenceWarning, stacklevel=2)
        return self

    def _start(self, X: Any, y: Any) -> None:
        """A network and an optimiser for these data, and the random numbers of both."""
        at_least_zero(type(self).__name__, "alpha", self.alpha)
        if self.solver not in SOLVERS:
            raise ArgumentError(f"solver is {describe(self.solver)}",
                                f"name one of {', '.join(SOLVERS)}")
        self._rng = numpy.random.default_rng(
            check_random_state(self.random_state).randint(2**31 - 1))
        hidden, options = numpy.ravel(self.hidden_layer_sizes).tolist(), {"dtype": X.dtype.name}
        layers: list[Any] = []
        for width, following in pairwise([X.shape[1], *hidden]):
            layers += [Linear(width, following, rng=self._rng, **options),
                       activation(ACTIVATIONS.get(self.activation, self.activation))]
        last = Linear([X.shape[1], *hidden][-1], self._outputs(y), rng=self._rng, **options)
        self.model_ = Sequential(*layers, last)
        self._optimizer = SOLVERS[self.solver](self.model_.parameters(), lr=self.learning_rate_init)
        self.loss_curve_: list[float] = []
        self.n_iter_ = 0

    def _epoch(self, X: Any, y: Any, new: bool) -> Self:
        if new:
            self._start(X, y)
        self._train(X, y, 1, [])
        return self

    def _train(self, X: Any, y: Any, epochs: int, callbacks: Any) -> None:
        size: Any = min(200, len(X)) if self.batch_size == "auto" else self.batch_size
        self.history_ = fit(
            self.model_, X, y, loss=self._penalised, optimizer=self._optimizer, epochs=epochs,
            batch_size=size, validation=self.validation_fraction if self.early_stopping else None,
            seed=self._rng, callbacks=callbacks, quiet=not self.verbose)
        if self.history_.interrupted:               # a search over many would go on with the next
            raise KeyboardInterrupt
        self.loss_curve_ += self.history_["loss"]
        self.loss_, self.best_loss_ = self.loss_curve_[-1], min(self.loss_curve_)
        self.n_iter_ += len(self.history_)

    def _penalised(self, predictions: Any, y: Any) -> Any:
        """The loss and alpha / 2 times the squared weights, a share of it for each row."""
        weights = [layer.weight for layer in self.model_ if isinstance(layer, Linear)]
        penalty = sum(np.sum(weight * weight) for weight in weights)
        return self._loss(predictions, y) + 0.5 * self.alpha / y.shape[0] * penalty

    def _outputs_of(self, X: Any) -> Any:
        """What the network gives for rows X, an array."""
        check_is_fitted(self, "model_")
        X = validate_data(self, X, reset=False, dtype=FLOATS)
        return predict(self.model_, X).data

    @property
    def coefs_(self) -> list[Any]:
        """The weights of each layer, (in, out)."""
        return [layer.weight.data.T for layer in self.model_ if isinstance(layer, Linear)]

    @property
    def intercepts_(self) -> list[Any]:
        """The biases of each layer."""
        return [layer.bias.data for layer in self.model_ if isinstance(layer, Linear)
                and layer.bias is not None]


class MLPClassifier(ClassifierMixin, _MLP):
    """A network of fully connected layers that tells classes apart, as sklearn's of this name.

    Options and attributes mean what they do there; `model_` is the network, `history_` the History
    of the last training. `solver` may also be "adamw", "rmsprop" or "adagrad". Training stops when
    the loss, with `early_stopping` that of the rows held back, did not fall by `tol` for
    n_iter_no_change epochs; the weights are then those of the best. X is (n, features), y (n,).
    """

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """One more epoch on these rows; the first call needs all `classes` there will be."""
        new = "model_" not in vars(self)
        if new and classes is None:
            raise ArgumentError("the first partial_fit of a classifier, without its classes",
                                "name all there will be: classes=numpy.unique(y)")
        return self._epoch(*self._data(X, y, new, classes), new)

    def _data(self, X: Any, y: Any, new: bool, classes: Any = None) -> tuple[Any, Any]:
        """The rows, and the place of the class of each among the classes."""
        X, y = validate_data(self, X, y, reset=new, dtype=FLOATS)
        check_classification_targets(y)
        if new:
            self.classes_ = numpy.unique(y if classes is None else classes)
        unknown = numpy.setdiff1d(y, self.classes_)
        if len(self.classes_) < 2 or len(unknown):
            classes = self.classes_.tolist()
            one = f"one class alone, {classes[0]!r}" if len(classes) < 2 else (
                f"the class {unknown.tolist()[0]!r}, which is none of {classes}")
            raise ArgumentError(f"{type(self).__name__} got {one}",
                                "give rows of all classes, two or more, from the first call on")
        return X, numpy.searchsorted(self.classes_, y)

    def _outputs(self, y: Any) -> int:
        return len(self.classes_)

    def _loss(self, predictions: Any, y: Any) -> Any:
        return cross_entropy(predictions, y)

    def predict(self, X: Any) -> Any:
        """The class of each row, (n,)."""
        found = self._outputs_of(X).argmax(1)
        return self.classes_[found]

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, (n, classes), in the order of `classes_`."""
        return np.softmax(self._outputs_of(X))

    def predict_log_proba(self, X: Any) -> Any:
        """Their logarithms."""
        return np.log_softmax(self._outputs_of(X))


class MLPRegressor(MultiOutputMixin, RegressorMixin, _MLP):
    """A network of fully connected layers that predicts numbers, as sklearn's of this name.

    Half the squared error is made small; the rest is as for MLPClassifier. X is (n, features), y
    (n,) or (n, outputs).
    """

    def partial_fit(self, X: Any, y: Any) -> Self:
        """One more epoch on these rows."""
        new = "model_" not in vars(self)
        return self._epoch(*self._data(X, y, new), new)

    def predict(self, X: Any) -> Any:
        """A number for each row, (n,), or a row of them, (n, outputs), as y had."""
        found = self._outputs_of(X)
        return found[:, 0] if self._one else found

    def _data(self, X: Any, y: Any, new: bool) -> tuple[Any, Any]:
        """The rows, and the targets as (n, outputs)."""
        X, y = validate_data(self, X, y, reset=new, dtype=FLOATS, multi_output=True,
                             y_numeric=True)
        table = y.reshape(len(y), -1).astype(X.dtype)
        if new:
            self._one, self.n_outputs_ = y.ndim == 1, table.shape[1]
        if table.shape[1] != self.n_outputs_:
            raise ArgumentError(f"{type(self).__name__} got {table.shape[1]} targets a row, and "
                                f"{self.n_outputs_} before", "give rows of the same targets")
        return X, table

    def _outputs(self, y: Any) -> int:
        return int(y.shape[1])

    def _loss(self, predictions: Any, y: Any) -> Any:
        return quadratic_loss(predictions, y)
