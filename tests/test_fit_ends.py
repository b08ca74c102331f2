"""However a fit ends — early, by an error, by an interrupt at any line — the best weights stay."""

import itertools
import sys

import numpy
import pytest
from fitting import InterruptAt, X, Y, line, weights

import nn
from autograd.errors import ArgumentError
from nn.callbacks import EarlyStopping
from nn.fit import fit
from nn.metrics import r2_score
from nn.optim import SGD, Adam


def test_early_stopping_restores_the_best():
    """The validation loss rises from the second epoch on: its targets are those of the start."""
    model, seen = line(), []
    start = model(X).data.copy()
    history = fit(model, X, Y, loss=nn.mse_loss, optimizer=SGD, lr=0.1, epochs=50, batch_size=24,
                  validation=(X, start), quiet=True,
                  callbacks=[EarlyStopping(3), lambda row: seen.append(weights(model))])
    assert len(history) == 4 and history.best_epoch == 1
    assert weights(model) == seen[0] != seen[-1]


def test_early_stopping_counts_epochs_without_enough_progress():
    stop = EarlyStopping(2, min_delta=0.1)
    assert not stop.is_over([1.0, 0.95]) and stop.is_over([1.0, 0.95, 0.92])
    assert not stop.is_over([1.0, 0.95, 0.8]) and not stop.is_over([])
    assert EarlyStopping(2).is_over([1.0, float("nan"), float("nan")])
    for patience, delta in ((0, 0.0), (3, -1.0)):
        with pytest.raises(ArgumentError, match="EarlyStopping"):
            EarlyStopping(patience, delta)


@pytest.mark.usefixtures("without_lint")
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_loss_that_is_no_number_is_named_and_the_best_weights_are_back(bad):
    model, calls, seen = line(), itertools.count(1), []

    def loss(p, t):
        return nn.mse_loss(p, t) * (bad if next(calls) == 8 else 1.0)

    with pytest.raises(ArgumentError, match=rf"loss is {bad} in batch 2 of epoch 3 \(lr 0.1\)"):
        fit(model, X, Y, loss=loss, optimizer=SGD, lr=0.1, epochs=9, batch_size=8, seed=0,
            quiet=True, callbacks=lambda row: seen.append(weights(model)))
    assert weights(model) == seen[1]


@pytest.mark.filterwarnings("ignore::nn.LintWarning")       # which is right
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_loss_that_overflows_is_an_error_and_no_warning(dtype):
    """Warnings are errors here; the last step overflows while it is evaluated as well."""
    x, y = X.astype(dtype) * 1e15, Y.astype(dtype)
    model = nn.Sequential(nn.Linear(1, 4, rng=0, dtype=dtype), "relu",
                          nn.Linear(4, 1, rng=1, dtype=dtype))
    with pytest.raises(ArgumentError, match=r"the loss is (nan|inf) in .*\nhelp: lower the learn"):
        fit(model, x, y, loss="mse", optimizer=SGD, lr=1.0, epochs=50, batch_size=24,
            validation=(x, y), metrics=[r2_score], quiet=True)
    assert numpy.isfinite(weights(model)).all()


def test_an_error_in_the_users_code_keeps_the_best_weights():
    model, start = line(), weights(line())
    with pytest.raises(ZeroDivisionError):
        fit(model, X, Y, loss=nn.mse_loss, metrics={"m": lambda p, t: 1 / 0}, quiet=True)
    assert weights(model) == start


TRACED = tuple(f"nn/{name}.py" for name in (
    "fit", "run", "step", "evaluation", "optim", "optimizer", "history", "data", "metrics",
    "module", "progress"))


def _interrupted(n):
    """A short training interrupted at line n: (model, history or None, lines left)."""
    model, trace, before = line(), InterruptAt(n, TRACED), sys.gettrace()
    history = None
    optimizer = Adam(model.parameters(), lr=0.5)
    sys.settrace(trace)
    try:
        history = fit(model, X[:4], Y[:4], loss=nn.mse_loss, optimizer=optimizer, epochs=3,
                      batch_size=2, validation=(X[4:6], X[4:6]), metrics=[r2_score], seed=0,
                      quiet=True)
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return model, history, trace.left


def test_an_interrupt_at_any_line_leaves_the_best_weights():
    """The run is repeated with an interrupt at ever later lines, until there are none left."""
    seen = [weights(line())]
    model = line()
    fit(model, X[:4], Y[:4], loss=nn.mse_loss, optimizer=Adam(model.parameters(), lr=0.5), epochs=3,
        batch_size=2, validation=(X[4:6], X[4:6]), seed=0, quiet=True,
        callbacks=lambda row: seen.append(weights(model)))
    epochs = set()
    for n in itertools.count(1, 5):
        model, history, left = _interrupted(n)
        if left > 0:
            break
        if history is None:                     # before training began, or after it was over
            assert weights(model) in (seen[0], *seen[-2:]), n
            continue
        assert history.interrupted, n
        assert weights(model) == seen[history.best_epoch], n
        epochs.add(len(history))
    assert epochs == {0, 1, 2, 3} and len({tuple(w) for w in seen}) == 4


def test_a_second_interrupt_while_the_best_weights_are_put_back():
    model, start = line(), weights(line())
    put_back, calls = model.load_state_dict, itertools.count()

    def impatient(state):
        if next(calls) < 2:
            raise KeyboardInterrupt
        put_back(state)

    def loss(p, t):
        raise KeyboardInterrupt

    model.load_state_dict = impatient
    history = fit(model, X, Y, loss=loss, quiet=True)
    del model.load_state_dict
    assert history.interrupted and len(history) == 0 and weights(model) == start


def _stopped_in(epoch, **options):
    """Training interrupted at the end of an epoch; its loss rises from the second epoch on."""
    model, calls = line(), itertools.count(1)
    start = model(X).data.copy()

    def loss(p, t):
        if next(calls) == 2 * epoch + 1:                # each epoch has two: training, validation
            raise KeyboardInterrupt
        return nn.mse_loss(p, t)

    return fit(model, X, Y, loss=loss, optimizer=SGD, lr=0.1, epochs=9, batch_size=24,
               validation=(X, start), **options)


@pytest.mark.usefixtures("without_lint")
@pytest.mark.parametrize("epoch, says", [
    (0, "stopped in the first epoch; the weights are those of the start"),
    (1, "stopped after 1 epoch; the weights are those of epoch 1 (the best)"),
    (3, "stopped after 3 epochs; the weights are those of epoch 1 (the best)")])
def test_an_interrupt_is_one_line(capsys, epoch, says):
    assert _stopped_in(epoch).interrupted
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == says and sum("stopped" in one for one in lines) == 1
    _stopped_in(epoch, quiet=True)
    assert capsys.readouterr().out == ""
