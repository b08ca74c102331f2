"""The estimators: scikit-learn's own checks, its tools around them, and its MLP beside them."""

import os
import pickle
import subprocess
import sys
import warnings

import numpy
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier as Theirs, MLPRegressor as TheirRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nn
from autograd import ArgumentError
from nn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
QUICK = {"hidden_layer_sizes": (16,), "learning_rate_init": 0.02, "max_iter": 30, "random_state": 0}

CHECKS = """
import os, warnings
import nn
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import check_estimator
warnings.simplefilter("error")
warnings.simplefilter("ignore", ConvergenceWarning)
warnings.simplefilter("ignore", nn.LintWarning)
options = {"learning_rate_init": 0.02, "max_iter": 50}         # as the defaults, in less time
for estimator in (nn.MLPClassifier(**options), nn.MLPRegressor(**options)):
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    print(len(results), [(x["check_name"], x["status"], repr(x["exception"])) for x in results
                         if x["status"] != "passed"])
"""


def test_scikit_learns_own_checks_pass_without_exceptions():
    done = subprocess.run([sys.executable, "-c", CHECKS], capture_output=True, text=True,
                          env={**os.environ, "SCIPY_ARRAY_API": "1"})      # else one is skipped
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        count, _, others = line.partition(" ")
        assert int(count) > 50 and others == "[]", others
    assert len(done.stdout.splitlines()) == 2


def test_nn_does_not_import_scikit_learn():
    code = ("import sys, nn\nassert 'sklearn' not in sys.modules\n"
            "assert 'MLPClassifier' in dir(nn)\n"
            "print(nn.MLPClassifier(), 'sklearn' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "MLPClassifier() True\n"


def test_without_scikit_learn_the_way_out_is_named():
    code = "import sys, nn\nsys.modules['sklearn'] = None\nnn.MLPRegressor"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.endswith("ImportError: nn.MLPClassifier and nn.MLPRegressor need "
                                "scikit-learn 1.6 or newer\n"
                                "help: pip install 'scikit-learn>=1.6'\n")
    with pytest.raises(AttributeError, match="module 'nn' has no attribute 'MLPCluster'"):
        _ = nn.MLPCluster


# -- the same as scikit-learn's --------------------------------------------------------------------

@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_the_same_weights_give_scikit_learns_probabilities(activation):
    options = {"hidden_layer_sizes": (5, 4), "activation": activation, "max_iter": 3}
    theirs, ours = Theirs(**options).fit(X, Y), MLPClassifier(**options).fit(X, Y)
    for layer, weight, bias in zip([layer for layer in ours.model_ if isinstance(layer, nn.Linear)],
                                   theirs.coefs_, theirs.intercepts_, strict=True):
        layer.load_state_dict({"weight": weight.T, "bias": bias})
    assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-10)
    assert_allclose(ours.predict_log_proba(X), theirs.predict_log_proba(X), rtol=1e-9)
    assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.score(X, Y) == theirs.score(X, Y)
    assert_array_equal(ours.coefs_[1], theirs.coefs_[1])
    assert_array_equal(ours.intercepts_[1], theirs.intercepts_[1])


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_one_epoch_from_the_same_start_is_scikit_learns(solver, kind, monkeypatch):
    """Both are told not to shuffle; epsilon has another place in scikit-learn's Adam."""
    ours, theirs, y = {"classifier": (MLPClassifier, Theirs, Y),
                       "regressor": (MLPRegressor, TheirRegressor, X @ [1.0, -2.0, 0.5, 3.0])}[kind]
    options = {"hidden_layer_sizes": (5,), "activation": "tanh", "solver": solver, "alpha": 0.5,
               "batch_size": 50, "learning_rate_init": 0.01, "random_state": 0}
    classes = {"classes": [0, 1, 2]} if kind == "classifier" else {}
    theirs = theirs(**options, shuffle=False).partial_fit(X, y, **classes)
    first = theirs.coefs_[0].copy()
    ours = ours(**options).partial_fit(X, y, **classes)
    layers = [layer for layer in ours.model_ if isinstance(layer, nn.Linear)]
    for layer, weight, bias in zip(layers, theirs.coefs_, theirs.intercepts_, strict=True):
        layer.load_state_dict({"weight": weight.T, "bias": bias})
    ours._optimizer.load_state_dict(_moments(ours, theirs, solver))
    monkeypatch.setattr(ours, "_rng", _InOrder())
    ours.partial_fit(X, y)
    theirs.partial_fit(X, y)
    assert not numpy.allclose(first, theirs.coefs_[0])
    for a, b in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_,
                    strict=True):
        assert_allclose(a, b, rtol=1e-8, atol=1e-6 if solver == "adam" else 1e-12)
    assert ours.loss_curve_[1] == pytest.approx(theirs.loss_curve_[1], rel=1e-6)


def _moments(ours, theirs, solver):
    """What scikit-learn's optimiser keeps, as the state of ours: weights and biases in turn."""
    state, kept = ours._optimizer.state_dict(), theirs._optimizer
    n = len(theirs.coefs_)
    for i in range(2 * n):
        at, turn = (i // 2 if i % 2 == 0 else n + i // 2), (lambda x: x.T)
        if solver == "adam":
            state["state"][i] = {"step": kept.t, "exp_avg": turn(kept.ms[at]),
                                 "exp_avg_sq": turn(kept.vs[at])}
        else:
            lr = kept.learning_rate_init
            state["state"][i] = {"momentum_buffer": turn(kept.velocities[at]) / -lr}
    return state


class _InOrder(numpy.random.Generator):
    """A generator that shuffles nothing."""

    def __init__(self):
        super().__init__(numpy.random.PCG64(0))

    def permutation(self, n):
        return numpy.arange(n)


def test_it_tells_digits_apart_as_well_as_scikit_learns():
    x, y = load_digits(return_X_y=True)
    scores = [kind(max_iter=40, random_state=0).fit(x[:1200] / 16, y[:1200]).score(
        x[1200:] / 16, y[1200:]) for kind in (MLPClassifier, Theirs)]
    assert scores[0] > 0.89 and scores[0] > scores[1] - 0.02, scores


def test_the_regressor_learns_as_well_as_scikit_learns():
    x, y = load_diabetes(return_X_y=True)
    x, y = StandardScaler().fit_transform(x), (y - y.mean()) / y.std()
    scores = [kind(max_iter=40, random_state=0).fit(x[:300], y[:300]).score(x[300:], y[300:])
              for kind in (MLPRegressor, TheirRegressor)]
    assert scores[0] > 0.35 and scores[0] > scores[1] - 0.1, scores


# -- in scikit-learn's tools -----------------------------------------------------------------------

def test_it_works_in_a_pipeline_a_grid_search_and_cross_validation():
    pipe = make_pipeline(StandardScaler(), MLPClassifier(**QUICK))
    grid = GridSearchCV(pipe, {"mlpclassifier__alpha": [1e-4, 100.0],
                               "mlpclassifier__activation": ["tanh"]}, cv=3).fit(X, Y)
    assert grid.best_params_["mlpclassifier__alpha"] == 1e-4 and grid.best_score_ > 0.9
    assert cross_val_score(pipe, X, Y, cv=3).mean() > 0.9


def test_a_copy_is_unfitted_and_a_pickle_is_fitted():
    one = MLPClassifier(**QUICK).fit(X, Y)
    assert clone(one).get_params() == one.get_params() and "model_" not in vars(clone(one))
    again = pickle.loads(pickle.dumps(one))
    assert_array_equal(again.predict_proba(X), one.predict_proba(X))
    again.partial_fit(X, Y)
    assert_array_equal(again.predict_proba(X), one.partial_fit(X, Y).predict_proba(X))


def test_classes_are_what_they_were_called():
    names = numpy.array(["setosa", "versicolor", "virginica"])[Y]
    one = MLPClassifier(**QUICK).fit(X, names)
    assert one.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert set(one.predict(X)) <= set(names) and one.score(X, names) > 0.9
    assert one.predict_proba(X).shape == (150, 3) and one.n_features_in_ == 4
    assert_allclose(one.predict_proba(X).sum(1), 1.0)


def test_columns_of_a_data_frame_are_remembered():
    pandas = pytest.importorskip("pandas", reason="pip install pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    one = MLPRegressor(**QUICK).fit(frame, X[:, 0])
    assert one.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="feature names"):
        one.predict(frame[list("dcba")])


def test_the_seed_decides_everything():
    runs = [MLPClassifier(**QUICK | {"random_state": seed}).fit(X, Y).predict_proba(X)
            for seed in (0, 0, 1, numpy.random.RandomState(0))]
    assert_array_equal(runs[0], runs[1])
    assert_array_equal(runs[0], runs[3])
    assert not numpy.array_equal(runs[0], runs[2])


def test_dtypes_and_the_number_of_targets_are_kept():
    for dtype in ("float32", "float64"):
        one = MLPRegressor(**QUICK).fit(X.astype(dtype), X[:, :2])
        assert one.predict(X.astype(dtype)).dtype == dtype
        assert one.predict(X).shape == (150, 2)
    assert MLPRegressor(**QUICK).fit(X, X[:, 0]).predict(X).shape == (150,)


# -- training --------------------------------------------------------------------------------------

def test_the_loss_curve_falls_and_the_end_is_told():
    with pytest.warns(ConvergenceWarning, match=r"stopped after max_iter=5 epochs"):
        one = MLPClassifier(**QUICK | {"max_iter": 5}).fit(X, Y)
    assert len(one.loss_curve_) == one.n_iter_ == 5 and one.loss_ == one.loss_curve_[-1]
    assert one.loss_curve_[-1] < one.loss_curve_[0] and one.best_loss_ == min(one.loss_curve_)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        done = MLPClassifier(**QUICK | {"max_iter": 500, "tol": 0.05}).fit(X, Y)
    assert done.n_iter_ < 100


def test_early_stopping_holds_rows_back_and_keeps_the_best():
    """Rows held back of a target that is noise: what is learned of the others is of no use."""
    x = numpy.random.default_rng(0).normal(size=(80, 4))
    y = numpy.random.default_rng(1).normal(size=80)
    one = MLPRegressor(**QUICK | {"max_iter": 400, "early_stopping": True,
                                  "validation_fraction": 0.25}).fit(x, y)
    held = one.history_["validation_loss"]
    assert len(held) == one.n_iter_ < 400 and min(held) < held[-1]
    errors = (one.predict(x) - y) ** 2 / 2
    assert errors.mean() == pytest.approx(
        0.75 * one.history_["loss"][held.index(min(held))] + 0.25 * min(held), rel=0.1)


def test_a_warm_start_goes_on_and_a_cold_one_begins_anew():
    warm = MLPClassifier(**QUICK, warm_start=True).fit(X, Y)
    model, curve = warm.model_, list(warm.loss_curve_)
    warm.fit(X, Y)
    assert warm.model_ is model and warm.n_iter_ == 60 and warm.loss_curve_[:30] == curve
    cold = MLPClassifier(**QUICK).fit(X, Y)
    model = cold.model_
    assert cold.fit(X, Y).model_ is not model and cold.n_iter_ == 30


def test_partial_fit_is_one_epoch_and_knows_its_classes():
    one = MLPClassifier(**QUICK)
    for start in (0, 50, 100, 0, 50, 100):
        rows = slice(start, start + 50)                 # one class at a time
        one.partial_fit(X[rows], Y[rows], classes=[0, 1, 2])
    assert one.n_iter_ == 6 and one.predict_proba(X).shape == (150, 3)
    both = MLPRegressor(**QUICK).partial_fit(X, X[:, 0]).partial_fit(X, X[:, 0])
    assert both.n_iter_ == 2 and both.loss_curve_[1] < both.loss_curve_[0]


def test_an_interrupt_stays_one(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    one = MLPRegressor(**QUICK).fit(X, X[:, 0])
    monkeypatch.setattr(one, "_loss", interrupted)
    with pytest.raises(KeyboardInterrupt):
        one.partial_fit(X, X[:, 0])
    assert one.n_iter_ == 30 and len(one.loss_curve_) == 30


def test_verbose_shows_the_epochs(capsys):
    MLPRegressor(**QUICK).fit(X, X[:, 0])
    assert capsys.readouterr().out == ""
    MLPRegressor(**QUICK | {"verbose": True, "max_iter": 2}).fit(X, X[:, 0])
    assert "epoch 2/2" in capsys.readouterr().out


# -- bad input -------------------------------------------------------------------------------------

@pytest.mark.parametrize("options, says", [
    ({"solver": "lbfgs"}, "solver is str 'lbfgs'\nhelp: name one of adam, adamw"),
    ({"activation": "swish"}, "no activation: str 'swish'"),
    ({"hidden_layer_sizes": (0,)}, "= int 0"), ({"hidden_layer_sizes": (3.5,)}, "= float 3.5"),
    ({"learning_rate_init": -1.0}, "lr is -1.0"), ({"max_iter": 0}, "epochs is 0"),
    ({"batch_size": 0}, "batch_size is 0"), ({"alpha": -1.0}, "alpha is -1.0"),
    ({"early_stopping": True, "validation_fraction": 1.5}, "validation=1.5"),
    ({"n_iter_no_change": 0}, r"EarlyStopping\(0, "), ({"tol": -1.0}, r"EarlyStopping\(10, -1.0"),
    ({"random_state": "x"}, "cannot be used to seed")])
def test_options_without_meaning_are_named(options, says):
    with pytest.raises(ValueError, match=says):
        MLPClassifier(**options).fit(X, Y)


@pytest.mark.parametrize("x, y, says", [
    (X, Y[:9], "inconsistent numbers of samples"), (X, Y * 0, "got one class alone, .*0.*\nhelp: "),
    (X, Y + 0.5, "Unknown label type"), (X * numpy.nan, Y, "contains NaN"),
    (X[:, :0], Y, "0 feature"), (X[0], Y, "Expected 2D array"), (X, None, "requires y")])
def test_bad_data_are_errors_of_scikit_learns_kind(x, y, says):
    with pytest.raises(ValueError, match=says):
        MLPClassifier().fit(x, y)


def test_later_data_must_be_like_the_first():
    one = MLPClassifier(**QUICK)
    with pytest.raises(NotFittedError):
        one.predict(X)
    with pytest.raises(ArgumentError, match=r"without its classes\nhelp: .*numpy.unique\(y\)"):
        one.partial_fit(X, Y)
    one.partial_fit(X, Y, [0, 1, 2])
    with pytest.raises(ArgumentError, match=r"the class 7, which is none of \[0, 1, 2\]"):
        one.partial_fit(X, Y + 7)
    with pytest.raises(ValueError, match="3 features"):
        one.predict(X[:, :3])
    many = MLPRegressor(**QUICK, warm_start=True).fit(X, X[:, :2])
    with pytest.raises(ArgumentError, match="got 1 targets a row, and 2 before"):
        many.fit(X, X[:, 0])
