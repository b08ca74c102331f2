"""Several processes train as one does; one that fails, hangs or differs ends the job in words."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import ranks as scenes

from benchmarks.scaling import absent, launch
from nn.checkpoint import read
from nn.distributed import Ranks

pytest.importorskip("mpi4py", reason="pip install 'wengert[distributed]'")
if absent():
    pytest.skip(absent(), allow_module_level=True)
HERE = Path(__file__).parent


def run(scene, *words, ranks=2, limit=60):
    """The exit status of a job, what it printed, and how long it took."""
    start = time.monotonic()
    done = subprocess.run(
        launch(ranks, HERE / "ranks.py", scene, *words), capture_output=True, text=True,
        timeout=limit, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent),
                            str(HERE)]), "OMP_NUM_THREADS": "1"})
    return done.returncode, done.stdout, done.stderr, time.monotonic() - start


def told(scene, *words, ranks=2):
    """What rank 0 returned."""
    status, out, err, _ = run(scene, *words, ranks=ranks)
    assert status == 0, out + err
    return json.loads(out.splitlines()[-1])


def same_rows(rows, expected):
    assert len(rows) == len(expected)
    for row, other in zip(rows, expected, strict=True):
        assert row == pytest.approx(other, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("optimizer, options, ranks", [
    ("SGD", {}, 2), ("Adam", {}, 2), ("Adam", {"accumulate": 3, "clip_norm": 0.5}, 2),
    ("Adam", {"class_weight": {"0": 2.0}}, 2), ("Adam", {"compile": True}, 2), ("SGD", {}, 3)])
def test_ranks_come_to_the_weights_of_one_process(optimizer, options, ranks):
    """Ten epochs of nine steps; whatever each rank began with."""
    if "class_weight" in options:
        options = {"sample_weight": (np.arange(103) % 3 / 2).tolist()}
    found, rows, said = told("together", optimizer, json.dumps(options), ranks=ranks)
    expected, alone = scenes.alone(optimizer, **options)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
    same_rows(rows, alone)
    assert len(said) == ranks and len(set(said)) == 1       # bit for bit


def test_statistics_are_alike_and_dropout_is_not():
    states, drawn = told("buffers")
    assert len(set(states)) == 1 and len(set(drawn)) == 2


def test_gradients_that_some_ranks_have():
    total, sums = told("without_gradients")
    assert total == 3.0
    assert sums == {"layers.0.weight": ["float64", [[1, 1], [1, 1]]],
                    "layers.1.bias": ["float32", [1, 1]]}


def test_every_row_is_somebodys():
    assert told("rows", ranks=3) == 3


def test_a_job_goes_on_from_its_checkpoint(tmp_path):
    found, rows = told("resumed", tmp_path / "run.safetensors")
    expected, alone = scenes.alone("Adam")
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
    same_rows(rows, alone)


@pytest.mark.parametrize("what, said", [
    ("model", "the ranks disagree on the model"), ("data", "the ranks disagree on the data"),
    ("batches", "the ranks disagree on the batches"),
    ("optimiser", "the ranks disagree on the optimiser")])
def test_ranks_that_differ_do_not_begin(what, said):
    status, out, err, _ = run("disagree", what)
    assert status and err.count(said) == 2 and "help: start all of them" in err, out + err


@pytest.mark.parametrize("where, own, others", [
    ("loss", "ValueError: this rank has had enough",
     "rank 1 of 2 failed: ValueError: this rank has had enough"),
    ("callback", "OSError: no space left", "rank 0 of 2 failed: OSError: no space left")])
def test_an_error_of_one_is_told_all(where, own, others, tmp_path):
    status, out, err, seconds = run("fails", where, tmp_path / "run.safetensors")
    assert status and own in err and others in err and seconds < 20, out + err
    assert read(tmp_path / "run.safetensors")["history"]    # the last checkpoint is whole


def test_a_killed_rank_ends_the_job(tmp_path):
    status, out, err, seconds = run("dies", "killed", tmp_path / "run.safetensors")
    assert status and "KILLED" in (out + err).upper() and seconds < 30
    assert read(tmp_path / "run.safetensors")["history"]


def test_a_rank_that_hangs_is_named(tmp_path):
    status, out, err, seconds = run("dies", "stopped", tmp_path / "run.safetensors")
    assert status and "rank 1 of 2 ranks has not come within 4 s" in err and seconds < 30, out + err
    assert read(tmp_path / "run.safetensors")["history"]


def test_a_rank_that_is_slow_is_waited_for(tmp_path):
    assert told("dies", "slow", tmp_path / "run.safetensors") == "done"


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="give seconds, above 0"):
        Ranks(timeout=0)
    with pytest.raises(ValueError, match=r"distributed is int 2\nhelp: give True, or nn\.Ranks"):
        scenes.fitted(scenes.model(), 2)
    with pytest.raises(ValueError, match=r"of Values cannot be distributed\nhelp: .*vectorize"):
        scenes.fitted(scenes.nn.MLP(4, [3]), True)


def test_one_process_of_mpi_is_a_rank_of_one():
    done = subprocess.run([sys.executable, HERE / "ranks.py", "together", "SGD"], text=True,
                          capture_output=True, env={**os.environ, "PYTHONPATH": str(HERE.parent)})
    assert done.returncode == 0, done.stderr
    expected, _ = scenes.alone("SGD")
    for ours, theirs in zip(json.loads(done.stdout.splitlines()[-1])[0], expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
